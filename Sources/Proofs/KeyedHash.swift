/// HMAC-SHA-256 with the key blocks made once, for many short messages.
struct KeyedHash {
    // 64 bytes of key block and then the message; 64 bytes and then the inner hash.
    private var inner: [UInt8]
    private var outer: [UInt8]

    private static let blockSize = 64

    init(key: [UInt8]) {
        let key = key.count > KeyedHash.blockSize ? Hash.sha256(key).bytes : key
        inner = [UInt8](repeating: 0x36, count: KeyedHash.blockSize)
        outer = [UInt8](repeating: 0x5C, count: KeyedHash.blockSize + Hash.size)
        for (index, byte) in key.enumerated() {
            inner[index] ^= byte
            outer[index] ^= byte
        }
    }

    /// The code of a big-endian number.
    mutating func code(of number: some FixedWidthInteger & UnsignedInteger) -> Hash {
        let size = number.bitWidth / 8
        if inner.count != KeyedHash.blockSize + size {
            inner.removeLast(inner.count - KeyedHash.blockSize)
            inner.append(contentsOf: repeatElement(0, count: size))
        }
        for index in 0..<size {
            inner[KeyedHash.blockSize + index] = UInt8(
                truncatingIfNeeded: number >> (8 * (size - 1 - index)))
        }
        Hash.sha256(inner).copy(prefix: Hash.size, into: &outer, at: KeyedHash.blockSize)
        return Hash.sha256(outer)
    }
}
