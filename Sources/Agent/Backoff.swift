/// How long to wait before the next try: doubles with every failure up to a bound, then a random part
/// of it, so that a room full of agents does not come back in one instant.
public struct Backoff: Sendable, Equatable {
    /// The first bound in milliseconds.
    public let baseMilliseconds: Int
    /// The greatest bound in milliseconds.
    public let maximumMilliseconds: Int
    /// Failures since the last success.
    public private(set) var failures = 0

    /// A backoff with its bounds.
    public init(
        baseMilliseconds: Int = AgentLimits.retryBaseMilliseconds,
        maximumMilliseconds: Int = AgentLimits.retryMaximumMilliseconds
    ) {
        self.baseMilliseconds = max(1, baseMilliseconds)
        self.maximumMilliseconds = max(1, maximumMilliseconds)
    }

    /// Starts again from the first bound.
    public mutating func succeeded() { failures = 0 }

    /// The wait after one more failure, in milliseconds.
    ///
    /// Never shorter than half the bound, and never shorter than what the collector asked for, to
    /// which the random part is added.
    public mutating func failed(retryAfterSeconds: Int? = nil, random: RandomSource) -> Int {
        // 2^20 times any base is beyond any maximum: the shift cannot overflow.
        let bound = min(maximumMilliseconds, baseMilliseconds << min(failures, 20))
        failures += 1
        let jittered = bound - random.number(upTo: bound / 2)
        guard let retryAfterSeconds, retryAfterSeconds > 0 else { return jittered }
        let asked = min(retryAfterSeconds, AgentLimits.retryAfterMaximumSeconds) * 1_000
        return asked + random.number(upTo: min(bound, asked))
    }
}
