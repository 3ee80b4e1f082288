import Events
import Proofs
import Synchronization

/// A batch that is in the journal and not sealed yet: where it lies and what it is about.
struct LiveBatch: Sendable {
    var leaf: UInt64
    var file: UInt64
    /// Offset and size of the record's body in the journal file.
    var offset: Int
    var size: Int
    /// Which of the record's batches it is.
    var ordinal: Int
    var device: DeviceName
    var number: UInt64
    var statement: Hash
    var context: SessionContext
    var received: Instant
    var firstTime: Instant
    var lastTime: Instant
    var sequences: ClosedRange<UInt64>
    var events: Int
}

/// What is in the journal, for those who read. The ledger adds, sealing takes away.
final class LiveIndex: Sendable {
    private struct State {
        /// Sorted by leaf.
        var batches: [LiveBatch] = []
        var end: UInt64 = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ batches: [LiveBatch], end: UInt64) {
        let waiters = state.withLock { state in
            state.batches.append(contentsOf: batches)
            state.end = end
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func remove(file: UInt64) {
        state.withLock { state in state.batches.removeAll { $0.file == file } }
    }

    /// The leaf after the last one in the journal.
    var end: UInt64 { state.withLock { $0.end } }

    func batches(where condition: (LiveBatch) -> Bool) -> [LiveBatch] {
        state.withLock { $0.batches.filter(condition) }
    }

    func batches(from leaf: UInt64, limit: Int) -> [LiveBatch] {
        state.withLock { state in
            var low = 0
            var high = state.batches.count
            while low < high {
                let middle = (low + high) / 2
                if state.batches[middle].leaf < leaf { low = middle + 1 } else { high = middle }
            }
            return Array(state.batches[low...].prefix(limit))
        }
    }

    func batch(leaf: UInt64) -> LiveBatch? {
        batches(from: leaf, limit: 1).first { $0.leaf == leaf }
    }

    /// Returns once there is a leaf at the position or after it, or the store is closed.
    func wait(for leaf: UInt64) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.isClosed || state.end > leaf { return true }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
