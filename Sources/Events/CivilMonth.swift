/// A month of the calendar in Europe/London: the span that one data key of a student covers.
public struct CivilMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int

    /// A month that exists in the calendar; otherwise nil.
    public init?(year: Int, month: Int) {
        guard CivilDate(year: year, month: month, day: 1) != nil else { return nil }
        self.year = year
        self.month = month
    }

    /// Reads `YYYY-MM`; nil if malformed or no such month.
    public init?(_ text: String) {
        guard text.utf8.count == 7, let date = CivilDate(text + "-01") else { return nil }
        self.init(containing: date)
    }

    /// The month a date lies in.
    public init(containing date: CivilDate) {
        year = date.year
        month = date.month
    }

    /// The month an instant falls in, in London.
    public init(containing instant: Instant) {
        self.init(containing: SchoolDay(containing: instant).date)
    }

    /// The month after this one.
    public var next: CivilMonth {
        CivilMonth(containing: CivilDate(daysSinceEpoch: firstDay.daysSinceEpoch + 31))
    }

    /// From the first to the last millisecond of the month in London.
    public var span: ClosedRange<Instant> {
        SchoolDay(firstDay)
            .start...SchoolDay(next.firstDay).start.advanced(byMilliseconds: -1)
    }

    private var firstDay: CivilDate {
        guard let date = CivilDate(year: year, month: month, day: 1) else {
            preconditionFailure("a month has a first day")
        }
        return date
    }

    /// `YYYY-MM`.
    public var description: String {
        let zeros = year < 10 ? "000" : year < 100 ? "00" : year < 1_000 ? "0" : ""
        return "\(zeros)\(year)-\(month < 10 ? "0" : "")\(month)"
    }

    /// Orders by time.
    public static func < (left: CivilMonth, right: CivilMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}
