import Bytes
import CSHA256

/// A SHA-256 hash, held without an allocation of its own.
public struct Hash: Hashable, Sendable {
    // The 32 bytes in memory order: word 0 holds bytes 0 to 7 as they lie in memory.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// The number of bytes.
    public static let size = 32

    /// 32 zero bytes: the predecessor of a device's first batch.
    public static let zero = Hash()

    /// The root of a tree without leaves: the hash of nothing.
    public static let emptyRoot = Hash.sha256([])

    private init() { words = (0, 0, 0, 0) }

    /// Takes exactly 32 bytes; otherwise nil.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Hash.size else { return nil }
        self.init()
        unsafe withUnsafeMutableBytes(of: &words) { target in
            for (index, byte) in bytes.enumerated() { unsafe target[index] = byte }
        }
    }

    /// Takes 64 hexadecimal digits; otherwise nil.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// Takes the padded base64 of 32 bytes; otherwise nil.
    public init?(base64: String) {
        guard base64.utf8.count == 44, let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes: bytes)
    }

    /// The SHA-256 of some bytes.
    public static func sha256(_ bytes: [UInt8]) -> Hash {
        unsafe Hash { unsafe csha256(bytes, bytes.count, $0) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: words) { unsafe [UInt8]($0) }
    }

    /// 64 lower-case digits.
    public var hex: String { Hex.encode(bytes) }

    /// 44 characters of base64, padding included.
    public var base64: String { Base64.encode(bytes) }

    /// Whether the words are the same.
    public static func == (left: Hash, right: Hash) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }

    /// Feeds the first word: it is as random as the rest.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

// Pointers stay here: they keep hashing free of allocations.
extension Hash {
    /// A hash whose 32 bytes are written to an address.
    init(_ write: (UnsafeMutablePointer<UInt8>) -> Void) {
        self.init()
        unsafe withUnsafeMutableBytes(of: &words) { target in
            unsafe target.withMemoryRebound(to: UInt8.self) { bytes in
                if let start = bytes.baseAddress { unsafe write(start) }
            }
        }
    }

    /// Makes an array of so many hashes, whose bytes are written to an address one after the other.
    static func fill(
        _ hashes: inout [Hash], count: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Void
    ) {
        if hashes.count != count {
            hashes.removeAll(keepingCapacity: true)
            hashes.append(contentsOf: repeatElement(Hash(), count: count))
        }
        unsafe withBytes(of: &hashes, write)
    }

    /// SHA-256 of a prefix byte and two hashes: a node of an RFC 6962 tree.
    static func node(_ left: Hash, _ right: Hash) -> Hash {
        var pair = (left, right)
        unsafe withUnsafeMutableBytes(of: &pair) { bytes in
            unsafe bytes.withMemoryRebound(to: UInt8.self) { bytes in
                if let start = bytes.baseAddress { unsafe csha256_nodes(start, 1) }
            }
        }
        return pair.0
    }

    /// Makes the nodes of as many pairs at the beginning of a level; they take the pairs' places.
    static func foldPairs(_ level: inout [Hash], count: Int) {
        precondition(2 * count <= level.count, "not so many pairs in the level")
        unsafe withBytes(of: &level) { unsafe csha256_nodes($0, count) }
    }

    private static func withBytes(
        of hashes: inout [Hash], _ body: (UnsafeMutablePointer<UInt8>) -> Void
    ) {
        unsafe hashes.withUnsafeMutableBytes { bytes in
            unsafe bytes.withMemoryRebound(to: UInt8.self) { bytes in
                if let start = bytes.baseAddress { unsafe body(start) }
            }
        }
    }

    /// Overwrites bytes of a buffer with the first bytes of this hash.
    func copy(prefix count: Int, into buffer: inout [UInt8], at offset: Int) {
        precondition(count <= Hash.size && offset + count <= buffer.count, "no room for the hash")
        unsafe withUnsafeBytes(of: words) { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[0..<count]))
            }
        }
    }

    /// Overwrites 64 bytes of a buffer with the digits of this hash.
    func copyHex(into buffer: inout [UInt8], at offset: Int) {
        precondition(offset + 2 * Hash.size <= buffer.count, "no room for the digits")
        unsafe withUnsafeBytes(of: words) { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                for place in 0..<8 {
                    let part = unsafe source.load(fromByteOffset: 4 * place, as: UInt32.self)
                    unsafe target.storeBytes(
                        of: Hash.digits(UInt32(littleEndian: part)).littleEndian,
                        toByteOffset: offset + 8 * place, as: UInt64.self)
                }
            }
        }
    }

    /// The eight hexadecimal digits of four bytes, the first byte and its digits in the lowest place.
    private static func digits(_ bytes: UInt32) -> UInt64 {
        // Each half of a byte into a byte of its own, the upper half first.
        var spread = UInt64(bytes)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        let halves = spread >> 4 & 0x000F_000F_000F_000F | (spread & 0x000F_000F_000F_000F) << 8
        // Ten and more carry into bit 4, and become letters.
        let letters = (halves &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return halves &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}
