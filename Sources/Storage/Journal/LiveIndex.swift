import Events
import Proofs
import Synchronization
import Wire

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
///
/// Batches that just became durable are kept in memory until the reader who goes through the journal in order
/// has had them, as far as there is room: they need not be read and decoded again. Whoever starts anew, or lags
/// behind, reads the journal.
final class LiveIndex: Sendable {
    private struct State {
        /// By leaf; what was added when there was no room is not there.
        var recent: [UInt64: StoredBatch] = [:]
        var recentSize = 0
        /// The lowest leaf that may be in ``recent``.
        var recentStart: UInt64 = 0
        /// What the reader in order has had ends here; nil while there is no such reader.
        var position: UInt64?
        /// Sorted by leaf.
        var batches: [LiveBatch] = []
        var end: UInt64 = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ batches: [LiveBatch], decoded: [StoredBatch] = [], end: UInt64) {
        let waiters = state.withLock { state in
            state.batches.append(contentsOf: batches)
            for batch in decoded {
                let size = batch.upload.sizeInMemory
                guard state.recentSize + size <= StorageLimits.recentSizeMaximum else { break }
                if state.recent.isEmpty { state.recentStart = batch.leaf }
                state.recent[batch.leaf] = batch
                state.recentSize += size
            }
            state.end = end
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Drops batches of a student from memory: they were erased.
    func forget(_ student: StudentID) {
        state.withLock { state in
            for (leaf, batch) in state.recent where batch.context.student == student {
                state.recent[leaf] = nil
                state.recentSize -= batch.upload.sizeInMemory
            }
        }
    }

    /// The batches of some entries that are still in memory, by leaf; forgets those before a leaf.
    func recent(_ entries: ArraySlice<LiveBatch>, forgettingBefore leaf: UInt64)
        -> [UInt64: StoredBatch]
    {
        state.withLock { state in
            state.position = leaf
            while state.recentStart < leaf, !state.recent.isEmpty {
                if let old = state.recent.removeValue(forKey: state.recentStart) {
                    state.recentSize -= old.upload.sizeInMemory
                }
                state.recentStart += 1
            }
            state.recentStart = max(state.recentStart, leaf)
            var found: [UInt64: StoredBatch] = [:]
            for entry in entries { found[entry.leaf] = state.recent[entry.leaf] }
            return found
        }
    }

    /// The journal files with batches that the reader in order has not had; none while there is no such reader.
    var filesBeingRead: ClosedRange<UInt64>? {
        state.withLock { state in
            guard let position = state.position, let last = state.batches.last,
                last.leaf >= position,
                let next = state.batches.first(where: { $0.leaf >= position })
            else { return nil }
            return next.file...last.file
        }
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

extension BatchUpload {
    /// About how many bytes of memory it takes.
    fileprivate var sizeInMemory: Int {
        // A row of the columns has two times, a number, a kind and an end.
        statement.count + columns.contents.count + columns.count * 33 + 512
    }
}
