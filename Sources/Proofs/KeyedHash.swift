import CSHA256

/// HMAC-SHA-256 with the key's blocks hashed once, so that each short message costs two compressions.
struct KeyedHash: Sendable {
    private var key = csha256_key()

    private static let blockSize = 64

    init(key bytes: [UInt8]) {
        let bytes = bytes.count > KeyedHash.blockSize ? Hash.sha256(bytes).bytes : bytes
        unsafe csha256_key_init(&key, bytes, bytes.count)
    }

    /// The code of a big-endian number.
    func code(of number: some FixedWidthInteger & UnsignedInteger) -> Hash {
        let size = number.bitWidth / 8
        let message = (1...size).map { UInt8(truncatingIfNeeded: number >> (8 * (size - $0))) }
        return unsafe Hash { code in
            unsafe withUnsafePointer(to: key) { unsafe csha256_code($0, message, size, code) }
        }
    }

    /// The codes of consecutive 32-bit numbers.
    func codes(from first: UInt32, count: Int, into codes: inout [Hash]) {
        unsafe Hash.fill(&codes, count: count) { target in
            unsafe withUnsafePointer(to: key) { unsafe csha256_codes($0, first, count, target) }
        }
    }
}
