/// Decimal numbers in the one form that signed texts allow: no plus sign, no leading zeros, no `-0`.
enum StrictNumber {
    /// Reads a number from 0; nil for any other form or one that does not fit.
    static func unsigned(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard let first = digits.first, digits.count == 1 || first != 0x30 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isPast) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !isOver, !isPast else { return nil }
            value = sum
        }
        return value
    }

    /// Reads a number that may be negative.
    static func signed(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.first == 0x2D else {
            return unsigned(digits).flatMap { Int64(exactly: $0) }
        }
        guard let magnitude = unsigned(digits.dropFirst()), magnitude > 0 else { return nil }
        let negated = Int64(truncatingIfNeeded: 0 &- magnitude)
        return magnitude <= Int64.min.magnitude ? negated : nil
    }
}
