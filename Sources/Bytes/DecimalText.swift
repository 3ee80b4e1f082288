/// Writes whole numbers as decimal text, eight digits at a time.
public enum DecimalText {
    /// The most digits that a number has.
    @usableFromInline static let sizeMaximum = 20

    /// Writes a number without leading zeros; gives its size.
    @inlinable
    static func write(_ number: UInt64, to target: UnsafeMutableRawPointer) -> Int {
        guard number >= 100_000_000 else {
            return unsafe writeFirst(UInt32(truncatingIfNeeded: number), to: target)
        }
        let (front, last) = number.quotientAndRemainder(dividingBy: 100_000_000)
        let size = unsafe write(front, to: target)
        unsafe (target + size).storeBytes(
            of: (digits(UInt32(truncatingIfNeeded: last)) | zeros).littleEndian, as: UInt64.self)
        return size + 8
    }

    /// Appends a number.
    @inlinable
    public static func append(_ number: UInt64, to out: inout [UInt8]) {
        // Eight digits are stored at a time, so the last store may reach beyond the size.
        unsafe withUnsafeTemporaryAllocation(byteCount: sizeMaximum + 8, alignment: 8) { text in
            guard let start = text.baseAddress else { return }
            let size = unsafe write(number, to: start)
            unsafe out.append(contentsOf: UnsafeRawBufferPointer(start: start, count: size))
        }
    }

    /// Appends a number with a sign.
    @inlinable
    public static func append(_ number: Int64, to out: inout [UInt8]) {
        if number < 0 { out.append(0x2D) }
        append(number.magnitude, to: &out)
    }

    @usableFromInline static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// The first digits of a number, fewer than eight digits where it begins with zeros.
    @inlinable
    static func writeFirst(_ number: UInt32, to target: UnsafeMutableRawPointer) -> Int {
        let digits = digits(number)
        // The first digit is the lowest byte; zero itself keeps one digit.
        let skipped = min(digits.trailingZeroBitCount / 8, 7)
        unsafe target.storeBytes(
            of: ((digits | zeros) >> UInt64(8 * skipped)).littleEndian, as: UInt64.self)
        return 8 - skipped
    }

    /// The eight digits of a number below 10^8, one in each byte, the first in the lowest: halves, quarters and
    /// eighths are divided side by side in one word.
    @inlinable
    static func digits(_ number: UInt32) -> UInt64 {
        let halves = UInt64(number / 10_000) | UInt64(number % 10_000) << 32
        let hundreds = (halves &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds &+ (halves &- 100 &* hundreds) << 16
        let tens = (pairs &* 103) >> 10 & 0x000F_000F_000F_000F
        return tens &+ (pairs &- 10 &* tens) << 8
    }
}
