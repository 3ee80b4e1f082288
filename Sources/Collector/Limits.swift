import Events

/// The limits of the collector's doors.
enum CollectorLimits {
    /// Greatest ratio of expanded to sent bytes (S20): real event bodies reach about 40:1.
    static let expansionRatioMaximum = 100
    /// Bodies that expand to less than this are taken whatever their ratio: 64 KiB cannot hurt.
    static let expandedSizeAlwaysAllowed = 64 * 1_024
    /// Greatest size of a small JSON request (find, evidence, enrol): names, times and a purpose.
    static let requestSizeMaximum = 16 * 1_024

    /// Most requests that carry events at one time; each needs at most its body twice over.
    static let requestsInFlightMaximum = 256
    /// Most bytes of bodies at one time, as sent and as expanded: a quarter of the 512 MiB of R4.
    static let bytesInFlightMaximum = 128 << 20
    /// Most requests of one device at one time (S21 says 4 connections; clients that pipeline get slack).
    static let requestsPerDeviceMaximum = 32
    /// What a client is told to wait at least, in seconds: the least that `Retry-After` can say.
    static let retryAfterMinimumSeconds = 1
    /// The waits told are spread over so many seconds, so that refused clients do not return together.
    static let retryAfterSpreadSeconds = 4

    /// A body may take this long whatever its rate (S21).
    static let bodyGraceMilliseconds: Int64 = 10_000
    /// After the grace a body must come at this rate in bytes per second (S21).
    static let bodyRateMinimum: Int64 = 1_024
    /// A connection on which nothing happens is closed after this (S21).
    static let connectionIdleSeconds: Int64 = 75
    /// Most header fields of a request (S9).
    static let headerFieldsMaximum = 64
    /// Greatest size of all header fields (S9).
    static let headerSizeMaximum = 16 * 1_024
    /// Most connections at one time: file handles, and 25 KiB of memory each (R10).
    static let connectionsMaximum = 10_000

    /// Most events of one answer: more than a student's whole term in one window of work.
    static let findEventsMaximum = 200_000

    /// How often the checkpoint timer looks for new leaves: half of the 60 s within which one must come.
    static let checkpointPeriodSeconds: Int64 = 30
    /// How often the sealer looks for closed journal files: one fills in more than 5 s at full load.
    static let sealerPeriodSeconds: Int64 = 5

    /// A one-time enrolment code lives so long (S1).
    static let enrolmentLifetimeMilliseconds: Int64 = 24 * 3_600 * 1_000
}

extension CollectorLimits {
    /// How many batches the detection line takes at a time: some milliseconds of work.
    static let detectionBatchesMaximum = 64
    /// How long the detection line waits when there is nothing to do; a finding is late by no more.
    static let detectionPauseMilliseconds: Int64 = 250
    /// A session from which nothing came for so long is forgotten: 1 h, longer than any lesson's pause.
    static let detectionForgetMilliseconds: Int64 = 3_600_000
    /// The detection line stores its position at most so often while it has found nothing.
    static let detectionCommitMilliseconds: Int64 = 1_000
    /// A session from which nothing came for so long has its open passage ended: the pause that cuts
    /// a passage (120 s), and 30 s for a batch to arrive.
    static let detectionSilenceMilliseconds: Int64 = 150_000
}

extension CollectorLimits {
    /// Requests under way have so long to end when the collector stops: more than any batch takes, and
    /// less than service managers wait.
    static let stopSeconds: Int64 = 15
    /// Connections that may wait to be accepted: a whole school after a power cut.
    static let backlog = 1_024
}
