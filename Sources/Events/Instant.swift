/// A point in time in milliseconds since 1970-01-01T00:00:00Z, as a wall clock showed it.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since the Unix epoch; negative before 1970.
    public let milliseconds: Int64

    /// A point in time from its Unix milliseconds.
    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Orders by time.
    @inlinable public static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The same instant cut down to the whole second.
    ///
    /// Key events are stored only so (G1): no stored field may allow typing rhythm to be measured.
    @inlinable public var roundedDownToSecond: Instant {
        let (rounded, overflow) = Instant.floorDivide(milliseconds, by: 1_000)
            .multipliedReportingOverflow(by: 1_000)
        return overflow ? self : Instant(milliseconds: rounded)
    }

    /// This instant moved by a number of milliseconds; stops at the ends of time, because the parts may
    /// be what a stranger sent.
    @inlinable public func advanced(byMilliseconds offset: Int64) -> Instant {
        let (sum, overflow) = milliseconds.addingReportingOverflow(offset)
        return Instant(milliseconds: overflow ? (offset < 0 ? Int64.min : Int64.max) : sum)
    }

    /// Division that rounds toward minus infinity, so that times before 1970 round the same way.
    @inlinable static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}

extension Instant {
    /// Days since 1970-01-01 in UTC.
    var utcDay: Int64 { Instant.floorDivide(milliseconds, by: 86_400_000) }

    /// The instant as RFC 3339 in UTC with three digits of fraction: `2026-11-24T09:00:01.250Z`.
    public var rfc3339: String {
        let date = CivilDate(daysSinceEpoch: utcDay)
        // Wraps only for the first day that 64 bits can name, where the difference still comes out right.
        let ofDay = milliseconds &- utcDay &* 86_400_000
        let seconds = ofDay / 1_000
        return date.description + "T" + twoDigits(seconds / 3_600) + ":"
            + twoDigits(seconds / 60 % 60) + ":" + twoDigits(seconds % 60) + "."
            + threeDigits(ofDay % 1_000) + "Z"
    }

    /// Reads RFC 3339 with any offset and 0 to 9 digits of fraction (cut to milliseconds); nil if malformed.
    ///
    /// A leap second (`:60`) is read as the second after it. Years 1970 to 9999, in UTC too.
    public init?(rfc3339 text: String) {
        var text = text
        let parsed = text.withUTF8 { unsafe Instant.parse(Span(_unsafeElements: $0)) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads RFC 3339 from bytes; see ``init(rfc3339:)``.
    public static func parse(_ bytes: Span<UInt8>) -> Instant? {
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A,
            bytes[16] == 0x3A, bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20,
            let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
            let day = number(bytes, 8, 2), let hour = number(bytes, 11, 2),
            let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2),
            year >= 1970, hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == 0x2E {
            at += 1
            var scale: Int64 = 100
            let start = at
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 {
                fraction += Int64(bytes[at] - 0x30) * scale
                scale /= 10
                at += 1
            }
            guard at > start, at - start <= 9 else { return nil }
        }
        guard at < bytes.count, let offset = zoneOffset(bytes, at) else { return nil }
        let seconds = Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second) - offset
        let instant = Instant(
            milliseconds: date.daysSinceEpoch * 86_400_000 + seconds * 1_000 + fraction)
        // An offset can carry the first and last day out of the years that ``rfc3339`` can write.
        return instant >= Instant.earliestRead && instant <= Instant.latestRead ? instant : nil
    }

    private static let earliestRead = Instant(milliseconds: 0)
    /// 9999-12-31T23:59:59.999Z.
    private static let latestRead = Instant(milliseconds: 253_402_300_799_999)

    /// The zone's offset in seconds, where the zone is the rest of the text.
    private static func zoneOffset(_ bytes: Span<UInt8>, _ at: Int) -> Int64? {
        if bytes[at] == 0x5A || bytes[at] == 0x7A { return at + 1 == bytes.count ? 0 : nil }
        guard bytes[at] == 0x2B || bytes[at] == 0x2D, at + 6 == bytes.count,
            bytes[at + 3] == 0x3A, let hours = number(bytes, at + 1, 2), hours < 24,
            let minutes = number(bytes, at + 4, 2), minutes < 60
        else { return nil }
        let size = Int64(hours * 3_600 + minutes * 60)
        return bytes[at] == 0x2D ? -size : size
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<start + count {
            let digit = bytes[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}

func twoDigits(_ value: some BinaryInteger) -> String { value < 10 ? "0\(value)" : "\(value)" }
func threeDigits(_ value: some BinaryInteger) -> String {
    value < 10 ? "00\(value)" : value < 100 ? "0\(value)" : "\(value)"
}
