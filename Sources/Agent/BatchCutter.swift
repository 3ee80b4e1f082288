public import Events
public import Wire

/// An event with its number, ready for a batch.
public struct NumberedEvent: Sendable, Equatable {
    /// The session it belongs to.
    public var session: Session
    /// As it will be uploaded.
    public var upload: UploadEvent

    /// An event of a session.
    public init(session: Session, upload: UploadEvent) {
        self.session = session
        self.upload = upload
    }
}

/// A login session as the agent knows it: who is where, and the secret that salts its commitments.
public struct Session: Sendable, Hashable {
    /// Size of a session seed in bytes (`evidence.md` section 2.2).
    public static let seedSize = 32

    /// Who is where.
    public var context: SessionContext
    /// 32 random bytes from which every salt of the session comes.
    public var seed: [UInt8]

    /// A session from its parts.
    public init(context: SessionContext, seed: [UInt8]) {
        precondition(seed.count == Session.seedSize, "a session seed has 32 bytes")
        self.context = context
        self.seed = seed
    }
}

/// Decides where one batch ends: after so many events, so many seconds, so many bytes, before another
/// session and before a hole in the numbers. Pure; the recorder asks it and does what it says.
public struct BatchCutter: Sendable {
    /// The cut in events.
    public let eventsMaximum: Int
    /// The cut in milliseconds since the first event.
    public let ageMilliseconds: Int64
    /// The events of the open batch, in order.
    public private(set) var open: [NumberedEvent] = []
    private var contentSize = 0
    private var openedAt: Int64 = 0

    /// A cutter with its cuts.
    public init(
        eventsMaximum: Int = AgentLimits.batchEvents, seconds: Int = AgentLimits.batchSeconds
    ) {
        self.eventsMaximum = min(max(1, eventsMaximum), EventLimits.batchEventsMaximum)
        ageMilliseconds = Int64(max(1, seconds)) * 1_000
    }

    /// Whether the open batch must be closed before this event joins it.
    public func mustCut(before event: NumberedEvent) -> Bool {
        guard let last = open.last else { return false }
        return last.session != event.session
            || event.upload.sequence != last.upload.sequence + 1
            || contentSize + event.upload.content.count > AgentLimits.batchContentSizeMaximum
    }

    /// Adds an event; true when the batch is full now.
    ///
    /// The caller has asked ``mustCut(before:)`` first.
    public mutating func add(_ event: NumberedEvent, monotonicMilliseconds now: Int64) -> Bool {
        precondition(!mustCut(before: event), "the batch had to be cut first")
        if open.isEmpty { openedAt = now }
        open.append(event)
        contentSize += event.upload.content.count
        return open.count >= eventsMaximum
    }

    /// Whether the open batch is old enough to be closed.
    public func isDue(monotonicMilliseconds now: Int64) -> Bool {
        !open.isEmpty && now - openedAt >= ageMilliseconds
    }

    /// Hands over the open batch and starts the next one.
    public mutating func cut() -> [NumberedEvent] {
        contentSize = 0
        defer { open = [] }
        return open
    }
}
