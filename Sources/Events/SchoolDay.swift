/// A date of the proleptic Gregorian calendar, without a zone.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// A date that exists in the calendar; otherwise nil.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.lastDay(ofMonth: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `YYYY-MM-DD`; nil if malformed or no such day.
    public init?(_ text: String) {
        // Not `Int(_:)` alone: that takes a sign, as in "+026-+1-01".
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = CivilDate.number(bytes[0..<4]), let month = CivilDate.number(bytes[5..<7]),
            let day = CivilDate.number(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The date a number of days after 1970-01-01.
    ///
    /// The era arithmetic is the well-known one on 400-year cycles that start on 1 March.
    public init(daysSinceEpoch days: Int64) {
        let shifted = days + 719_468
        let era = Instant.floorDivide(shifted, by: 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * ofYear + 2) / 153
        day = Int(ofYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01; negative before.
    public var daysSinceEpoch: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = Instant.floorDivide(shiftedYear, by: 400)
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let ofYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
        return era * 146_097 + ofEra - 719_468
    }

    /// The weekday, 0 for Monday to 6 for Sunday.
    public var weekday: Int {
        let days = (daysSinceEpoch + 3) % 7
        return Int(days < 0 ? days + 7 : days)
    }

    /// The date a number of days later (or earlier, when negative).
    public func advanced(byDays days: Int) -> CivilDate {
        CivilDate(daysSinceEpoch: daysSinceEpoch + Int64(days))
    }

    /// `YYYY-MM-DD`.
    public var description: String {
        let zeros = year < 10 ? "000" : year < 100 ? "00" : year < 1_000 ? "0" : ""
        return zeros + "\(year)-" + twoDigits(month) + "-" + twoDigits(day)
    }

    /// Orders by date.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func lastDay(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A civil day in Europe/London: what a school calls a day, and the unit of the nightly batch.
///
/// The rule since 1996 is built in (summer time from the last Sunday of March to the last Sunday of
/// October, both at 01:00 UTC), so that no time-zone database is needed and every machine agrees.
public struct SchoolDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The date in London.
    public let date: CivilDate

    /// The school day of a London date.
    public init(_ date: CivilDate) { self.date = date }

    /// The school day that an instant falls in.
    public init(containing instant: Instant) {
        let local = instant.advanced(
            byMilliseconds: SchoolDay.londonOffsetMilliseconds(at: instant))
        date = CivilDate(daysSinceEpoch: local.utcDay)
    }

    /// The first instant of the day.
    public var start: Instant {
        let midnight = Instant(milliseconds: date.daysSinceEpoch * 86_400_000)
        // Changes of the clock happen at 01:00 UTC, so the offset at the UTC midnight is the one in force.
        return midnight.advanced(
            byMilliseconds: -SchoolDay.londonOffsetMilliseconds(
                at: midnight.advanced(byMilliseconds: -1)))
    }

    /// The first instant after the day.
    public var end: Instant { SchoolDay(date.advanced(byDays: 1)).start }

    /// `YYYY-MM-DD`.
    public var description: String { date.description }

    /// Orders by date.
    public static func < (left: SchoolDay, right: SchoolDay) -> Bool { left.date < right.date }

    /// What London clocks add to UTC at an instant, in milliseconds: 0 or 3,600,000.
    public static func londonOffsetMilliseconds(at instant: Instant) -> Int64 {
        let year = CivilDate(daysSinceEpoch: instant.utcDay).year
        guard let march = CivilDate(year: year, month: 3, day: 31),
            let october = CivilDate(year: year, month: 10, day: 31)
        else { return 0 }
        let start = lastSunday(upTo: march) * 86_400_000 + 3_600_000
        let end = lastSunday(upTo: october) * 86_400_000 + 3_600_000
        return instant.milliseconds >= start && instant.milliseconds < end ? 3_600_000 : 0
    }

    private static func lastSunday(upTo date: CivilDate) -> Int64 {
        date.daysSinceEpoch - Int64((date.weekday + 1) % 7)
    }
}
