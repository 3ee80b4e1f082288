import Events

/// An instant on the clocks of a UK school, always with the offset beside it.
struct LocalTime {
    private let date: CivilDate
    private let clock: String
    private let isSummer: Bool

    init(_ instant: Instant) {
        let offset = SchoolDay.londonOffsetMilliseconds(at: instant)
        isSummer = offset != 0
        // The local wall clock is the UTC text of the instant moved by the offset.
        let local = instant.advanced(byMilliseconds: offset).rfc3339
        clock = String(local.dropFirst(11).prefix(8))
        date = SchoolDay(containing: instant).date
    }

    /// `2026-11-24T09:00:01+00:00`.
    var iso: String { "\(date)T\(clock)\(isSummer ? "+01:00" : "+00:00")" }

    /// `09:00:01`.
    var time: String { clock }

    /// `Tuesday 24 November 2026`.
    var day: String {
        "\(LocalTime.weekdays[date.weekday]) \(date.day) \(LocalTime.months[date.month - 1]) "
            + "\(date.year)"
    }

    /// `GMT (UTC+00:00)` or `BST (UTC+01:00)`.
    var zone: String { isSummer ? "BST (UTC+01:00)" : "GMT (UTC+00:00)" }

    /// Day, time and zone.
    var full: String { "\(day), \(clock) \(zone)" }

    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}
