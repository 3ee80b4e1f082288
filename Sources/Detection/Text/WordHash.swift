/// A 64-bit hash of a word's bytes. Two words of one text that share a hash would be taken for each other; at
/// 2^-64 for each pair that is far rarer than a bit flipped in memory, so words are not compared again.
enum WordHash {
    static let start: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The hash after one more byte.
    @inline(__always)
    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// Spreads the bits so that the low ones choose a slot.
    @inline(__always)
    static func finish(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed ^= mixed >> 32
        mixed = mixed &* 0xD6E8_FEB8_6659_FD93
        mixed ^= mixed >> 32
        // Zero marks an empty slot.
        return mixed == 0 ? 1 : mixed
    }

    /// The hash of a run of bytes.
    @inline(__always)
    static func of(_ bytes: [UInt8], _ start: Int, _ end: Int) -> UInt64 {
        var hash = Self.start
        var index = start
        while index < end {
            hash = step(hash, bytes[index])
            index += 1
        }
        return finish(hash)
    }

    /// The hash of a word.
    static func of(_ word: String) -> UInt64 {
        var hash = Self.start
        for byte in word.utf8 { hash = step(hash, byte) }
        return finish(hash)
    }
}

/// A table from 64-bit hashes to small numbers: open addressing, never more than half full.
struct HashTable: Sendable {
    private var keys: [UInt64]
    private var values: [Int32]
    private var mask: Int
    private(set) var count = 0

    /// An empty table with room for some entries.
    init(capacity: Int = 16) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        keys = Array(repeating: 0, count: size)
        values = Array(repeating: -1, count: size)
        mask = size - 1
    }

    /// The number of a hash, or -1.
    @inline(__always)
    subscript(hash: UInt64) -> Int32 {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let key = keys[slot]
            if key == hash { return values[slot] }
            if key == 0 { return -1 }
            slot = (slot + 1) & mask
        }
    }

    /// Sets the number of a hash; the first number given stays.
    mutating func insert(_ hash: UInt64, _ value: Int32) {
        if (count + 1) * 2 > keys.count { grow() }
        var slot = Int(truncatingIfNeeded: hash) & mask
        while keys[slot] != 0 {
            if keys[slot] == hash { return }
            slot = (slot + 1) & mask
        }
        keys[slot] = hash
        values[slot] = value
        count += 1
    }

    private mutating func grow() {
        var larger = HashTable(capacity: keys.count)
        for (slot, key) in keys.enumerated() where key != 0 { larger.insert(key, values[slot]) }
        self = larger
    }
}
