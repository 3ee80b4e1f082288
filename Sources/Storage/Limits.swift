/// The limits of the store.
public enum StorageLimits {
    /// 16 MiB: a journal file is turned into a segment in about a second and fits memory several times.
    public static let journalFileSizeMaximum = 16 << 20
    /// 256 Ki events: bounds what the segment builder holds in memory to about 40 MB.
    public static let journalFileEventsMaximum = 262_144
    /// 48 MiB: what waits to be sealed is kept by student, three or four MiB a journal file; what goes beyond is
    /// read from the file again.
    static let draftsSizeMaximum = 48 << 20
    /// 32 MiB: batches kept in memory for detection, a second of full load; who lags further reads the journal.
    static let recentSizeMaximum = 32 << 20
    /// 8 journal files wait for detection to have read them, 128 MiB of disk; any more are sealed.
    static let closedFilesMaximum = 8
    /// 4,096 requests: at most as many as connections, each holds one body at the most.
    public static let waitingMaximum = 4_096
    /// 64 MiB: no record is larger than one expanded body and its statements; a longer length is damage.
    static let recordSizeMaximum = 64 << 20
    /// 64 Ki events in a block: `detection` of one student's day touches one or two blocks.
    static let blockEventsMaximum = 65_536
    /// 256 MiB: no block expands further; more is damage.
    static let blockExpandedSizeMaximum = 256 << 20
    /// 24 hours in ms: how long an idempotency key is remembered.
    static let idempotencyMilliseconds: Int64 = 86_400_000
    /// zstd level of journal records: speed first, they live for minutes.
    static let journalLevel: Int32 = 1
    /// zstd level of segments: they stay for months, and above 3 the time doubles for a few percent.
    static let segmentLevel: Int32 = 3
    /// zstd level of merged segments: there is a night's time, and nothing is gained above it.
    static let mergedLevel: Int32 = 12
}
