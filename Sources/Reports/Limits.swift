/// The limits of the night and its reports.
public enum ReportsLimits {
    /// How many days back a machine counts as one that should have been seen: two school weeks.
    public static let silenceDays = 14
    /// How far ahead a machine's clock may be before the report says so, in milliseconds:
    /// evidence.md section 10 warns above 5 s.
    public static let clockAheadMaximumMilliseconds: Int64 = 5_000
    /// How late a machine's events may arrive at the best before the report says so, in milliseconds:
    /// a batch is cut after 30 s at the latest, so twice that is no ordinary way.
    public static let delayMaximumMilliseconds: Int64 = 60_000
    /// How many days back open incidents are listed one by one: older ones are counted.
    public static let openIncidentDays = 28
    /// How many missing ranges are listed: beyond that the report gives their number.
    public static let gapsListedMaximum = 200
}
