public import Events

/// Something that was seen to happen, before it has a number.
public struct Observation: Sendable, Equatable {
    /// The wall clock when it was seen.
    public var wall: Instant
    /// The monotonic clock when it was seen, in milliseconds.
    public var monotonicMilliseconds: Int64
    /// What happened.
    public var body: EventBody

    /// An observation from its parts.
    public init(wall: Instant, monotonicMilliseconds: Int64, body: EventBody) {
        self.wall = wall
        self.monotonicMilliseconds = monotonicMilliseconds
        self.body = body
    }

    /// An observation of this moment.
    public init(_ body: EventBody, at clock: some AgentClock) {
        self.init(
            wall: clock.wall, monotonicMilliseconds: clock.monotonicMilliseconds, body: body)
    }
}

/// Takes what sources see. The caller waits until it is on its way to disk, so a source can never
/// run ahead of the spool.
public protocol EventSink: Sendable {
    /// Records observations in this order.
    func record(_ observations: [Observation]) async
}

/// Something that sees events and hands them on until its task is cancelled.
public protocol EventSource: Sendable {
    /// What the source is called in the agent's own messages.
    var name: String { get }
    /// Runs until cancelled; an error ends the agent, since capture would have a hole.
    /// ``AgentError/displayGone(name:)`` ends the session only, and capture until there is a display.
    func run(into sink: any EventSink) async throws
}
