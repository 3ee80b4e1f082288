import Crypto

/// One envelope with the leaf's prefix byte before it, written again and again into one small buffer.
///
/// It is the innermost loop of admission, so it writes through a pointer: digit by digit into an array
/// took as long as the hashes themselves.
struct EnvelopeLine: Sendable {
    private var buffer: [UInt8]
    private var count: Int

    // Prefix byte, three numbers of up to 20 digits with their spaces, a kind, a space, 64 digits.
    private static let sizeMaximum = 1 + 3 * 21 + kindSizeMaximum + 1 + 64
    /// Bytes of the longest name of a kind.
    static let kindSizeMaximum = 32

    init() {
        buffer = [UInt8](repeating: 0, count: EnvelopeLine.sizeMaximum)
        count = 0
    }

    /// Writes an envelope.
    mutating func write(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
        commit: Hash
    ) {
        precondition(kind.count <= EnvelopeLine.kindSizeMaximum, "a kind's name is too long")
        count = unsafe buffer.withUnsafeMutableBytes { line in
            unsafe line[0] = 0
            var end = 1
            unsafe EnvelopeLine.write(sequence, isNegative: false, to: line, at: &end)
            unsafe EnvelopeLine.write(
                wallMilliseconds.magnitude, isNegative: wallMilliseconds < 0, to: line, at: &end)
            unsafe EnvelopeLine.write(
                monoMilliseconds.magnitude, isNegative: monoMilliseconds < 0, to: line, at: &end)
            for byte in kind {
                unsafe line[end] = byte
                end += 1
            }
            unsafe line[end] = 0x20
            end += 1
            unsafe commit.writeHex(to: line, at: end)
            return end + 2 * Hash.size
        }
    }

    /// The envelope, without the prefix byte.
    var envelope: [UInt8] { Array(buffer[1..<count]) }

    /// The hash of the leaf.
    var leafHash: Hash {
        unsafe buffer.withUnsafeBytes { line in
            unsafe Hash(SHA256.hash(data: UnsafeRawBufferPointer(rebasing: line[0..<count])))
        }
    }

    /// Writes a number and a space.
    private static func write(
        _ magnitude: UInt64, isNegative: Bool, to line: UnsafeMutableRawBufferPointer,
        at end: inout Int
    ) {
        if isNegative {
            unsafe line[end] = 0x2D
            end += 1
        }
        var digits = 1
        var power: UInt64 = 10
        while magnitude >= power {
            digits += 1
            if digits == 20 { break }
            power *= 10
        }
        var rest = magnitude
        for place in stride(from: end + digits - 1, through: end, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe line[place] = 0x30 + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        end += digits
        unsafe line[end] = 0x20
        end += 1
    }
}
