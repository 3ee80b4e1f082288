/// A date and time read from a field's text, for the time modifiers (R29).
///
/// Reads `YYYY-MM-DD` with an optional `T` or space and `hh:mm`. The numbers are taken as written: no
/// change of zone is made, so a field in UTC is compared in UTC and one with `+01:00` in that zone, as the
/// standard says that the modifiers do not convert.
struct DateParts {
    private let year: Int
    private let month: Int
    private let day: Int
    private let hour: Int?
    private let minute: Int?

    /// Reads a date; nil when the text does not begin with one.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard byte &- 0x30 < 10 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        if bytes.count >= 16, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            bytes[13] == UInt8(ascii: ":"), let hour = number(11..<13),
            let minute = number(14..<16), hour < 24, minute < 60
        {
            (self.hour, self.minute) = (hour, minute)
        } else {
            (hour, minute) = (nil, nil)
        }
    }

    /// A part as a number; nil when the text holds no time of day and one is asked for.
    subscript(part: TimePart) -> Int? {
        switch part {
        case .year: year
        case .month: month
        case .day: day
        case .hour: hour
        case .minute: minute
        case .week: isoWeek
        }
    }

    /// ISO 8601: week 1 holds the first Thursday.
    private var isoWeek: Int {
        let ordinal = Self.dayNumber(year, month, day) - Self.dayNumber(year, 1, 1) + 1
        // Day 0 of this count, 1 March of year 0, was a Wednesday: Monday is 1.
        let weekday = (Self.dayNumber(year, month, day) + 2) % 7 + 1
        let week = (ordinal - weekday + 10) / 7
        if week < 1 { return Self.weeks(in: year - 1) }
        return week > Self.weeks(in: year) ? 1 : week
    }

    private static func weeks(in year: Int) -> Int {
        func p(_ year: Int) -> Int { (year + year / 4 - year / 100 + year / 400) % 7 }
        return p(year) == 4 || p(year - 1) == 3 ? 53 : 52
    }

    /// Days since 1 March of year 0 in the Gregorian calendar.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedMonth = (month + 9) % 12
        let shiftedYear = year - shiftedMonth / 10
        return 365 * shiftedYear + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
            + (shiftedMonth * 306 + 5) / 10 + day - 1
    }
}
