/// The limits of the night and its reports.
public enum ReportsLimits {
    /// How many days back a machine counts as one that should have been seen: two school weeks.
    public static let silenceDays = 14
    /// How far a clock may differ from the collector's before the report says so, in milliseconds:
    /// evidence.md section 10 warns above 5 s.
    public static let clockOffsetMaximumMilliseconds: Int64 = 5_000
    /// How many days back open incidents are listed one by one: older ones are counted.
    public static let openIncidentDays = 28
    /// How many missing ranges are listed: beyond that the report gives their number.
    public static let gapsListedMaximum = 200
}
