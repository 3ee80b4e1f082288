public import Events
import Synchronization

/// A clock that moves only when a test moves it; sleepers wake in the order of their times.
///
/// It has both faces of a workstation's time: the monotonic `Clock` of the standard library, and a
/// wall clock that starts at ``wallStart`` and can be set back or forth like a real one.
public final class FakeClock: Clock, Sendable {
    /// A point of the monotonic time since the clock was made.
    public struct Moment: InstantProtocol {
        /// The time since the clock was made.
        public var sinceStart: Duration

        /// A point of the monotonic time.
        public init(sinceStart: Duration) { self.sinceStart = sinceStart }

        /// The point a while later.
        public func advanced(by duration: Duration) -> Moment {
            Moment(sinceStart: sinceStart + duration)
        }

        /// The time from this point to another.
        public func duration(to other: Moment) -> Duration { other.sinceStart - sinceStart }

        /// Orders by time.
        public static func < (left: Moment, right: Moment) -> Bool {
            left.sinceStart < right.sinceStart
        }
    }

    /// The first wall time of a clock: Tuesday 2026-11-24, 09:00 in London.
    public static let wallStart = Events.Instant(milliseconds: 1_795_510_800_000)

    private struct State {
        var now = Moment(sinceStart: .zero)
        var wallOffset: Int64 = 0
        var nextSleeper: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
    }

    private struct Sleeper {
        var deadline: Moment
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let state = Mutex(State())

    /// A clock at its start.
    public init() {}

    /// The monotonic time.
    public var now: Moment { state.withLock { $0.now } }

    /// Nothing is lost between two moments.
    public var minimumResolution: Duration { .zero }

    /// The wall time.
    public var wall: Events.Instant {
        state.withLock { state in
            FakeClock.wallStart.advanced(
                byMilliseconds: milliseconds(state.now.sinceStart) + state.wallOffset)
        }
    }

    /// How many tasks sleep: a test waits for this before it moves the clock.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves both times on and wakes those whose deadline has come, the earliest first.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "the monotonic clock never goes back")
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for (_, sleeper) in woken { sleeper.continuation.resume() }
    }

    /// Sets the wall clock forth or, when negative, back, as an operator would; nobody wakes.
    public func jumpWall(byMilliseconds offset: Int64) {
        state.withLock { $0.wallOffset += offset }
    }

    /// Waits until the clock is moved to the deadline or beyond.
    public func sleep(until deadline: Moment, tolerance: Duration?) async throws {
        let key = state.withLock { state in
            defer { state.nextSleeper += 1 }
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    guard deadline > state.now, !Task.isCancelled else { return true }
                    state.sleepers[key] = Sleeper(deadline: deadline, continuation: continuation)
                    return false
                }
                guard isOver else { return }
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    continuation.resume()
                }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: key) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

private func milliseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
}
