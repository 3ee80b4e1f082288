public import Events

/// Times as a school in the United Kingdom reads them: London's clock, with its offset said.
public enum LondonTime {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    /// `Tuesday 24 November 2026`.
    public static func longDate(_ date: CivilDate) -> String {
        "\(weekdays[date.weekday]) \(date.day) \(months[date.month - 1]) \(date.year)"
    }

    /// `24 November`.
    public static func shortDate(_ date: CivilDate) -> String {
        "\(date.day) \(months[date.month - 1])"
    }

    /// `09:05`, on London's clock.
    public static func clock(_ instant: Instant) -> String {
        let offset = SchoolDay.londonOffsetMilliseconds(at: instant)
        let local = instant.advanced(byMilliseconds: offset)
        // RFC 3339 of the shifted instant: the characters after the `T` are London's hours and minutes.
        return String(local.rfc3339.dropFirst(11).prefix(5))
    }

    /// `24 November, 09:05 GMT`, or `BST` in summer.
    public static func dateAndClock(_ instant: Instant) -> String {
        let zone = SchoolDay.londonOffsetMilliseconds(at: instant) == 0 ? "GMT" : "BST"
        let date = shortDate(SchoolDay(containing: instant).date)
        return "\(date), \(clock(instant)) \(zone)"
    }
}
