/// Compares, searches and copies runs of bytes, eight at a time.
///
/// Runs are parts of arrays; one that does not lie inside its array is a broken promise and stops the program.
public enum ByteRuns {
    /// Whether two runs of as many bytes are the same.
    @inlinable
    public static func isSame(
        _ left: [UInt8], _ leftStart: Int, _ right: [UInt8], _ rightStart: Int, count: Int
    ) -> Bool {
        precondition(
            count >= 0 && leftStart >= 0 && rightStart >= 0 && leftStart <= left.count - count
                && rightStart <= right.count - count, "a run lies outside its array")
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                var offset = 0
                while offset + 8 <= count {
                    guard
                        unsafe word(left, leftStart + offset) == word(right, rightStart + offset)
                    else { return false }
                    offset += 8
                }
                guard offset < count else { return true }
                // The last eight bytes once more, as far as they are there, are one comparison instead of seven.
                if count >= 8 {
                    return unsafe word(left, leftStart + count - 8)
                        == word(right, rightStart + count - 8)
                }
                while offset < count {
                    guard unsafe left[leftStart + offset] == right[rightStart + offset] else {
                        return false
                    }
                    offset += 1
                }
                return true
            }
        }
    }

    /// Whether a run is the same as some bytes.
    @inlinable
    public static func isSame(_ text: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        text.count == range.count && isSame(text, 0, bytes, range.lowerBound, count: range.count)
    }

    /// The first place of a byte in a run, or the run's end.
    @inlinable
    public static func firstIndex(of byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "a run lies outside its array")
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        return unsafe bytes.withUnsafeBytes { bytes in
            var index = range.lowerBound
            while index + 8 <= range.upperBound {
                let found = unsafe zeros(word(bytes, index) ^ pattern)
                if found != 0 { return index + found.trailingZeroBitCount / 8 }
                index += 8
            }
            while index < range.upperBound, unsafe bytes[index] != byte { index += 1 }
            return index
        }
    }

    /// The first place of a byte that is not plain inside a JSON string: a quote, a backslash, a control
    /// character or anything beyond ASCII; the run's end when there is none.
    @inlinable
    public static func firstNotPlain(in bytes: [UInt8], _ range: Range<Int>) -> Int {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "a run lies outside its array")
        return unsafe bytes.withUnsafeBytes { bytes in
            var index = range.lowerBound
            while index + 8 <= range.upperBound {
                let word = unsafe word(bytes, index)
                let controls = (word &- 0x2020_2020_2020_2020) & ~word & highBits
                let found =
                    controls | word & highBits | zeros(word ^ 0x2222_2222_2222_2222)
                    | zeros(word ^ 0x5C5C_5C5C_5C5C_5C5C)
                // A borrow may set bits above the first one found, never below it.
                if found != 0 { return index + found.trailingZeroBitCount / 8 }
                index += 8
            }
            while index < range.upperBound {
                let byte = unsafe bytes[index]
                if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { break }
                index += 1
            }
            return index
        }
    }

    /// Appends a run.
    @inlinable
    public static func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "a run lies outside its array")
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe out.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// Appends a run of an array's own bytes to it.
    @inlinable
    public static func appendOwn(_ range: Range<Int>, of bytes: inout [UInt8]) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "a run lies outside its array")
        let end = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: range.count))
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[end...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    @usableFromInline static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Eight bytes, the first in the lowest place.
    @inlinable @inline(__always)
    static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// The high bit of the first byte that is zero, and perhaps of some above it.
    @inlinable @inline(__always)
    static func zeros(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & highBits
    }
}
