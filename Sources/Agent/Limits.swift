/// The limits of the agent, each with why this number.
public enum AgentLimits {
    /// Default cut of a batch, in events (`evidence.md` section 2.3).
    public static let batchEvents = 256
    /// Default cut of a batch, in seconds since its first event (`evidence.md` section 2.3).
    public static let batchSeconds = 30
    /// Greatest size of the contents of one batch in bytes: stays far below the collector's 8 MiB
    /// for an expanded body, whatever the events hold.
    public static let batchContentSizeMaximum = 4 << 20
    /// Default bound of the spool in bytes: about ten school days without a collector, and small
    /// enough for any disk.
    public static let spoolSizeMaximum = 256 << 20
    /// Room kept for the gap record once the spool is full, in bytes: one batch of one event.
    public static let spoolReserveSize = 16 << 10
    /// How often withheld keys are told of while a secret window keeps the focus, in seconds: as often
    /// as a batch is cut.
    public static let secretSeconds = 30
    /// How often the agent says that it lives, in seconds: the minute that S31 asks for.
    public static let heartbeatSeconds = 60
    /// How often the process table is read, in milliseconds: reading it costs about a millisecond.
    public static let processScanMilliseconds = 1_000
    /// How long the desktop source waits for input before it looks around again, in milliseconds:
    /// also the longest that a captured key waits for the spool.
    public static let desktopPollMilliseconds = 100
    /// How far the looks at a terminal before and after a key may lie apart, in milliseconds: less than
    /// anybody takes to see a password prompt, to answer it and to press Enter, and some times as long
    /// as a round takes on a busy machine.
    public static let echoLooksMilliseconds: Int64 = 1_000
    /// How much the wall clock may drift from the monotonic one between two looks before it is a
    /// jump worth an event, in milliseconds: far above what time synchronisation slews (P11).
    public static let clockJumpMilliseconds: Int64 = 2_000
    /// Greatest size of a window title, program name or path in bytes; the rest is cut off, and no
    /// sensible one is longer.
    public static let textSizeMaximum = 1_024
    /// Greatest size of a command line in bytes: half of what a content may hold, since JSON escapes
    /// may double it.
    public static let commandLineSizeMaximum = 6 * 1_024
    /// Longest wait for the answer to one request, in milliseconds: a full body over a slow line.
    public static let requestTimeoutMilliseconds = 30_000
    /// First bound of the wait before a retry, in milliseconds: a passing fault is over by then.
    public static let retryBaseMilliseconds = 500
    /// Greatest bound of the wait before a retry, in milliseconds: a collector that comes back has
    /// heard from every agent a minute later.
    public static let retryMaximumMilliseconds = 60_000
    /// Longest `Retry-After` that is obeyed, in seconds: a wrong header must not silence an agent.
    public static let retryAfterMaximumSeconds = 600
    /// How long the last batches may take to leave at a stop, in milliseconds: less than the 10 s
    /// after which service managers kill.
    public static let stopShippingMilliseconds = 5_000
    /// Greatest size of an answer of the collector in bytes: receipts have about 100.
    public static let answerSizeMaximum = 64 << 10
    /// Greatest size of the configuration and of the notice text in bytes: a notice nobody can read
    /// through is none.
    public static let textFileSizeMaximum = 64 << 10
    /// How many lines of a replayed file are read as one chunk; equal to the most events one parse takes.
    public static let replayChunkLines = 1_024
    /// How many replayed files the chain remembers positions of; the oldest is forgotten first.
    public static let replayPositionsMaximum = 64
}
