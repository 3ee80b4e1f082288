import Events
import Synchronization

/// Which events of bearer-token clients are stored or on their way, so that none is stored twice.
///
/// Numbers are reserved before the costly work and become stored when the journal is synced. A
/// number that another request is just storing is neither new nor stored yet, and the answer must
/// not promise either: the request has to come again.
final class Reservations: Sendable {
    private struct State {
        var stored: [EventStream: SequenceRanges] = [:]
        var underWay: [EventStream: SequenceRanges] = [:]
    }

    private let state = Mutex(State())

    /// What became of the numbers of one stream of a request.
    struct Outcome {
        /// For each number asked for: the number it is stored under, or nil when it is stored already.
        var sequences: [UInt64?]
        /// What was reserved, to be stored or given back.
        var reserved: [ClosedRange<UInt64>]
    }

    func restore(_ stored: [EventStream: SequenceRanges]) {
        state.withLock { $0.stored = stored }
    }

    func add(_ ranges: [ClosedRange<UInt64>], to stream: EventStream) {
        state.withLock { state in
            for range in ranges { state.stored[stream, default: .init()].insert(range) }
        }
    }

    /// Reserves numbers; nil stands for an event whose sender does not number.
    func reserve(_ wanted: [UInt64?], in stream: EventStream) throws(StorageError) -> Outcome {
        try state.withLock { (state: inout sending State) throws(StorageError) in
            let stored = state.stored[stream] ?? SequenceRanges()
            let underWay = state.underWay[stream] ?? SequenceRanges()
            var mine = SequenceRanges()
            var sequences: [UInt64?] = []
            sequences.reserveCapacity(wanted.count)
            var next: UInt64?
            for number in wanted {
                guard let number else {
                    let following = next ?? Reservations.following([stored, underWay, mine])
                    next = following + 1
                    mine.insert(following...following)
                    sequences.append(following)
                    continue
                }
                guard !underWay.contains(number) else { throw .inFlight }
                if stored.contains(number) || mine.contains(number) {
                    sequences.append(nil)
                } else {
                    mine.insert(number...number)
                    sequences.append(number)
                }
            }
            for range in mine.ranges { state.underWay[stream, default: .init()].insert(range) }
            return Outcome(sequences: sequences, reserved: mine.ranges)
        }
    }

    /// Reserves a run of numbers if each of them is new; false when one is stored or on its way.
    func reserve(_ run: ClosedRange<UInt64>, in stream: EventStream) -> Bool {
        state.withLock { state in
            if let stored = state.stored[stream], stored.overlaps(run) { return false }
            if let underWay = state.underWay[stream], underWay.overlaps(run) { return false }
            state.underWay[stream, default: .init()].insert(run)
            return true
        }
    }

    private static func following(_ sets: [SequenceRanges]) -> UInt64 {
        sets.compactMap(\.last).max().map { $0 + 1 } ?? 0
    }

    /// Ends a reservation: the numbers are stored, or free again.
    func settle(_ reserved: [ClosedRange<UInt64>], in stream: EventStream, stored: Bool) {
        state.withLock { state in
            for range in reserved {
                state.underWay[stream, default: .init()].remove(range)
                if stored { state.stored[stream, default: .init()].insert(range) }
            }
            if state.underWay[stream]?.ranges.isEmpty == true { state.underWay[stream] = nil }
        }
    }

    /// All stored numbers by stream.
    var stored: [EventStream: SequenceRanges] { state.withLock { $0.stored } }
}
