import Events
import EvidenceFile
import Proofs
import Storage
import Wire

/// What was taken out of the store for one bundle.
struct Gathered {
    /// The findings of the incident, by time.
    var findings: [FindingRow]
    /// The subject's batches, by leaf.
    var batches: [StoredBatch]
    /// The runs of batches that follow each other without anybody else's between them.
    var windows: [IncidentRecord.WindowRecord]
    /// Accounts of other people whose batches lie between the windows: they must be in no file.
    var otherAccounts: Set<String>
}

/// Finds the batches an incident rests on, with their context (evidence.md 7.3).
///
/// A window holds the batches of one device from the first to the last matched event, widened by two
/// minutes or two hundred events of the same session, whichever reaches further. It never crosses
/// into another person's session: a statement names its account, so a stranger's batch is left out
/// whole and the window is two.
struct Gatherer {
    private let store: Store
    private let subject: StudentID
    private let context: IncidentRecord.ContextRecord

    init(store: Store, subject: StudentID, context: IncidentRecord.ContextRecord) {
        self.store = store
        self.subject = subject
        self.context = context
    }

    /// What one stream (a device at a machine) matched within a stretch of time.
    private struct Stretch {
        let device: DeviceName
        let machine: MachineID
        var first: UInt64
        var last: UInt64
        var from: Instant
        var to: Instant
    }

    /// Gathers the batches around findings.
    func gather(_ findings: [FindingRow]) throws(EvidenceError) -> Gathered {
        var chosen: [UInt64: StoredBatch] = [:]
        var others: Set<String> = []
        for stretch in try stretches(of: findings) {
            for batch in try batches(around: stretch) { chosen[batch.leaf] = batch }
            others.formUnion(try otherAccounts(around: stretch))
        }
        guard chosen.count <= EvidenceLimits.batchesMaximum else {
            throw .windowTooLarge(batches: chosen.count, limit: EvidenceLimits.batchesMaximum)
        }
        var gathered = Gathered(
            findings: findings, batches: chosen.values.sorted { $0.leaf < $1.leaf }, windows: [],
            otherAccounts: others)
        let gaps = try stored { () throws(StorageError) in try store.sequenceGaps() }
        for (device, batches) in Dictionary(grouping: gathered.batches, by: \.device)
            .sorted(by: { $0.key < $1.key })
        {
            gathered.windows += windows(
                of: batches.sorted { $0.number < $1.number }, device, gaps: gaps)
        }
        return gathered
    }

    // MARK: Stretches

    /// Findings of one device and machine whose contexts touch are one stretch.
    private func stretches(of findings: [FindingRow]) throws(EvidenceError) -> [Stretch] {
        var stretches: [Stretch] = []
        let ordered = findings.sorted {
            ($0.device, $0.machine, $0.firstSequence, $0.lastSequence)
                < ($1.device, $1.machine, $1.firstSequence, $1.lastSequence)
        }
        for finding in ordered {
            let from = try start(of: finding)
            let to = max(finding.time, from)
            if let last = stretches.last, last.device == finding.device,
                last.machine == finding.machine,
                from.milliseconds - last.to.milliseconds <= 2 * context.milliseconds
            {
                stretches[stretches.count - 1].last = max(last.last, finding.lastSequence)
                stretches[stretches.count - 1].from = min(last.from, from)
                stretches[stretches.count - 1].to = max(last.to, to)
            } else {
                stretches.append(
                    Stretch(
                        device: finding.device, machine: finding.machine,
                        first: finding.firstSequence, last: finding.lastSequence, from: from,
                        to: to))
            }
        }
        return stretches
    }

    /// The time of the first event a finding rests on.
    private func start(of finding: FindingRow) throws(EvidenceError) -> Instant {
        let batch = try stored { () throws(StorageError) in try store.batch(leaf: finding.leaf) }
        guard let batch else { throw .eventsMissing(leaf: finding.leaf) }
        let columns = batch.upload.columns
        let index = columns.sequences.firstIndex { $0 >= finding.firstSequence } ?? 0
        return Instant(milliseconds: columns.wallMilliseconds[index])
    }

    /// The subject's batches of a stretch and its context.
    private func batches(around stretch: Stretch) throws(EvidenceError) -> [StoredBatch] {
        let reach = max(EvidenceLimits.searchMilliseconds, context.milliseconds)
        let near = try stored { () throws(StorageError) in
            try store.batches(
                matching: EventQuery(
                    student: subject, machine: stretch.machine,
                    from: stretch.from.advanced(byMilliseconds: -reach),
                    to: stretch.to.advanced(byMilliseconds: reach)))
        }.filter { $0.device == stretch.device }.sorted { $0.number < $1.number }
        let matched = near.indices.filter {
            near[$0].lastSequence >= stretch.first && near[$0].firstSequence <= stretch.last
        }
        guard let first = matched.first, let last = matched.last else { return [] }
        return Array(
            near[widened(first, stretch, near, by: -1)...widened(last, stretch, near, by: 1)])
    }

    /// How far the window reaches from a matched batch into one direction.
    private func widened(
        _ matched: Int, _ stretch: Stretch, _ near: [StoredBatch], by step: Int
    ) -> Int {
        let from = stretch.from.advanced(byMilliseconds: -context.milliseconds)
        let to = stretch.to.advanced(byMilliseconds: context.milliseconds)
        let inMatched = near[matched].upload.columns.sequences
        var events =
            step < 0
            ? inMatched.count { $0 < stretch.first } : inMatched.count { $0 > stretch.last }
        var reached = matched
        while near.indices.contains(reached + step) {
            let next = near[reached + step]
            let isNear = next.lastTime >= from && next.firstTime <= to
            let isSameSession = next.context == near[matched].context
            guard isNear || (isSameSession && events < context.events) else { break }
            events += next.upload.columns.count
            reached += step
        }
        return reached
    }

    /// Who else used the machine around a stretch.
    private func otherAccounts(around stretch: Stretch) throws(EvidenceError) -> Set<String> {
        let reach = EvidenceLimits.searchMilliseconds
        let sessions = try stored { () throws(StorageError) in
            try store.sessionActivity(
                from: stretch.from.advanced(byMilliseconds: -reach),
                to: stretch.to.advanced(byMilliseconds: reach))
        }
        return Set(
            sessions.map(\.context).filter {
                $0.machine == stretch.machine && $0.student != subject
            }.map(\.student.rawValue))
    }

    // MARK: Windows

    /// The runs of a device's chosen batches; a hole that nobody else's batches fill stays in its run.
    private func windows(of batches: [StoredBatch], _ device: DeviceName, gaps: [SequenceGap])
        -> [IncidentRecord.WindowRecord]
    {
        var windows: [IncidentRecord.WindowRecord] = []
        var before: StoredBatch?
        for batch in batches {
            let isNext = before.map { batch.number == $0.number + 1 } ?? false
            let isHole = !isNext && (before.map { isLost(between: $0, and: batch, gaps) } ?? false)
            if isNext || isHole {
                let open = windows.count - 1
                if isHole {
                    windows[open].gaps.append(
                        .init(
                            firstBatch: windows[open].lastBatch + 1, lastBatch: batch.number - 1,
                            cause: "these batches never arrived"))
                }
                windows[open].lastBatch = batch.number
            } else {
                windows.append(
                    .init(
                        device: device.rawValue, firstBatch: batch.number,
                        lastBatch: batch.number))
            }
            before = batch
        }
        return windows
    }

    /// Whether all that lies between two batches of a machine was lost.
    ///
    /// Where every number between two sessions' events is missing, nobody else's session lay there.
    private func isLost(
        between before: StoredBatch, and after: StoredBatch, _ gaps: [SequenceGap]
    ) -> Bool {
        let (last, first) = (before.lastSequence, after.firstSequence)
        guard before.context == after.context, first > last, first - last > 1 else { return false }
        let hole = last + 1...first - 1
        return gaps.contains { gap in
            gap.device == before.device && gap.machine == before.context.machine
                && gap.missing.lowerBound <= hole.lowerBound
                && gap.missing.upperBound >= hole.upperBound
        }
    }
}

extension StoredBatch {
    /// The sequence number of its first event.
    var firstSequence: UInt64 { upload.columns.sequences.first ?? 0 }
    /// The sequence number of its last event.
    var lastSequence: UInt64 { upload.columns.sequences.last ?? 0 }
    /// The time of its first event.
    var firstTime: Instant { Instant(milliseconds: upload.columns.wallMilliseconds.min() ?? 0) }
    /// The time of its last event.
    var lastTime: Instant { Instant(milliseconds: upload.columns.wallMilliseconds.max() ?? 0) }
}
