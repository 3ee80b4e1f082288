public import Events
import Glibc

/// The time as the agent sees it; handed in so that tests hold it.
public protocol AgentClock: Sendable {
    /// The wall clock.
    var wall: Instant { get }
    /// A clock that never jumps and runs on through suspend, in milliseconds since some fixed point.
    var monotonicMilliseconds: Int64 { get }
    /// Waits; throws when the task is cancelled.
    func sleep(milliseconds: Int) async throws
}

/// The machine's own clocks.
public struct SystemClock: AgentClock {
    /// The machine's own clocks.
    public init() {}

    /// `CLOCK_REALTIME`.
    public var wall: Instant { Instant(milliseconds: SystemClock.read(CLOCK_REALTIME)) }
    /// `CLOCK_BOOTTIME`: counts on while the machine sleeps, so that a lesson break is seen.
    public var monotonicMilliseconds: Int64 { SystemClock.read(CLOCK_BOOTTIME) }
    /// Sleeps on the continuous clock.
    public func sleep(milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        precondition(result == 0, "the system has no such clock")
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Where random bytes come from; handed in so that tests repeat.
public struct RandomSource: Sendable {
    private let next: @Sendable (Int) -> [UInt8]

    /// A source from a function that gives a number of random bytes.
    public init(_ next: @escaping @Sendable (Int) -> [UInt8]) { self.next = next }

    /// The system's generator, fit for keys.
    public static let system = RandomSource { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// A number of random bytes.
    public func bytes(_ count: Int) -> [UInt8] { next(count) }

    /// A random number from 0 up to and including a bound.
    public func number(upTo bound: Int) -> Int {
        let value = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(value % (UInt64(max(bound, 0)) + 1))
    }
}
