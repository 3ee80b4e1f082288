import Bytes
import Crypto

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
    public static func sha256(_ bytes: [UInt8]) -> Hash { Hash(SHA256.hash(data: bytes)) }

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

// Pointers stay here and in `EnvelopeLine`: they keep a small hash free of allocations of our own.
extension Hash {
    init(_ digest: SHA256Digest) {
        self.init()
        unsafe digest.withUnsafeBytes { source in
            unsafe withUnsafeMutableBytes(of: &words) { unsafe $0.copyMemory(from: source) }
        }
    }

    /// SHA-256 of a prefix byte and two hashes: a node of an RFC 6962 tree.
    static func node(_ left: Hash, _ right: Hash) -> Hash {
        unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            unsafe buffer[0] = 1
            unsafe withUnsafeBytes(of: left.words) { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33])
                    .copyMemory(from: source)
            }
            unsafe withUnsafeBytes(of: right.words) { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65])
                    .copyMemory(from: source)
            }
            return unsafe Hash(SHA256.hash(data: UnsafeRawBufferPointer(buffer)))
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

    /// Writes the 64 digits into a buffer that has room for them.
    func writeHex(to buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe withUnsafeBytes(of: words) { source in
            for index in 0..<Hash.size {
                let byte = unsafe source[index]
                unsafe buffer[offset + 2 * index] = Hash.digit(byte >> 4)
                unsafe buffer[offset + 2 * index + 1] = Hash.digit(byte & 15)
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }
}
