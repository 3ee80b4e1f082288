import Dispatch
import Durable
public import Events
import Glibc
import Proofs
import Wire

/// How much the store holds.
public struct StoreStatistics: Sendable, Equatable {
    /// Events stored.
    public var events: Int
    /// Batches stored.
    public var batches: Int
    /// Sealed segments.
    public var segments: Int
    /// Events that are in the journal and not sealed yet.
    public var journalEvents: Int
    /// Leaves of the log.
    public var leaves: UInt64
    /// Requests that wait for the journal.
    public var waiting: Int
    /// Bytes of everything in the data directory.
    public var sizeOnDisk: Int
}

extension Store {
    /// How much the store holds.
    public func statistics() throws(StorageError) -> StoreStatistics {
        // Live first: a file that is sealed in between is then seen in both, and counted once.
        let all = live.batches { _ in true }
        let sealed = try catalogue.sealedTotals()
        let entries = all.filter { $0.file > sealed.through }
        let journalEvents = entries.reduce(0) { $0 + $1.events }
        return StoreStatistics(
            events: sealed.events + journalEvents, batches: sealed.batches + entries.count,
            segments: sealed.segments, journalEvents: journalEvents, leaves: live.end,
            waiting: ledger.waitingCount,
            sizeOnDisk: try files { () throws(DurableError) in
                try environment.fileSystem.treeSize(directory)
            })
    }

    /// What each machine sent in a period, in the order of their names.
    public func machineActivity(from: Instant, to: Instant) throws(StorageError)
        -> [MachineActivity]
    {
        MachineActivity.summing(try sightings(from: from, to: to))
    }

    /// What batches say about machines and sessions in a period, each batch once, in no order.
    func sightings(from: Instant, to: Instant) throws(StorageError) -> [BatchSighting] {
        let query = EventQuery(from: from, to: to)
        // Live first, as in `statistics`.
        let entries = live.batches { $0.matches(query) }
        let (sealed, through) = try catalogue.sealedSightings(from: from, to: to)
        return sealed
            + entries.filter { $0.file > through }.map { entry in
                BatchSighting(
                    device: entry.device, context: entry.context, first: entry.firstTime,
                    last: entry.lastTime, events: entry.events, received: entry.received)
            }
    }

    /// Sequence numbers that never came, by device and machine.
    ///
    /// A device that signs numbers all its events in one row, whichever machine they are from; a
    /// bearer-token client may pass on the numbers of several machines, each a row of its own.
    public func sequenceGaps() throws(StorageError) -> [SequenceGap] {
        let signing = Set(try catalogue.devices().filter { $0.kind == .signing }.map(\.name))
        let streams = reservations.stored
        var gaps: [SequenceGap] = []
        for (device, rows) in Dictionary(grouping: streams, by: \.key.device) {
            guard signing.contains(device) else {
                gaps += rows.flatMap { stream, ranges in
                    ranges.gaps.map {
                        SequenceGap(device: device, machine: stream.machine, missing: $0)
                    }
                }
                continue
            }
            let all = SequenceRanges(rows.flatMap(\.value.ranges))
            for missing in all.gaps {
                // The machine whose events ended where the hole begins.
                let row = rows.first { $0.value.contains(missing.lowerBound - 1) }
                guard let machine = row?.key.machine else { continue }
                gaps.append(SequenceGap(device: device, machine: machine, missing: missing))
            }
        }
        return gaps.sorted {
            ($0.device, $0.machine, $0.missing.lowerBound)
                < ($1.device, $1.machine, $1.missing.lowerBound)
        }
    }
}

extension FileSystem {
    /// The sizes of all files below a directory, added up; what goes meanwhile counts nothing.
    func treeSize(_ path: String) throws(DurableError) -> Int {
        var total = 0
        for name in try list(path) {
            let inner = path + "/" + name
            do {
                total += isDirectory(inner) ? try treeSize(inner) : try size(inner)
            } catch  where error.code == ENOENT {
                // A tile that was replaced, or a journal file that was sealed.
                continue
            }
        }
        return total
    }
}

extension DispatchQueue {
    /// Runs a throwing body on the queue and waits for it, keeping the type of its error.
    func syncResult<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure)
        -> Value
    {
        let result: Result<Value, Failure> = sync {
            do throws(Failure) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
