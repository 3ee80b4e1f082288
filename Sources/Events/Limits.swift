/// The limits of the vocabulary (`events.md`, section Limits).
public enum EventLimits {
    /// Greatest size of one event's content in bytes: a window title or URL of any sane length fits many times.
    public static let contentSizeMaximum = 16 * 1_024
    /// Most events in one batch: keeps an inclusion proof inside a batch at ten hashes.
    public static let batchEventsMaximum = 1_024
    /// Greatest size of a request body as sent, in bytes: a full batch of keys is under a tenth of it.
    public static let bodySizeMaximum = 1 << 20
    /// Greatest size of a request body once expanded, in bytes: eight times the sent one, so a bomb costs little.
    public static let expandedSizeMaximum = 8 << 20
    /// Deepest nesting of JSON: events have two levels, extra fields of other products some more.
    public static let depthMaximum = 16
    /// Greatest size of a session id in bytes: a UUID has 36.
    public static let sessionSizeMaximum = 64
}
