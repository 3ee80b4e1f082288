import Synchronization

/// Tells the shipper that a replay has read everything. Set by the replay, read by the shipper.
final class ReplayDone: Sendable {
    private let done = Mutex(false)

    var isSet: Bool { done.withLock { $0 } }
    func set() { done.withLock { $0 = true } }
}
