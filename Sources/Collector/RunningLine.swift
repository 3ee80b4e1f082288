import Casework
import Detection
import Events
import Foundation
import Storage
import Typing
import Wire

/// The state of a running detection line: what it is in the middle of, and what is not stored yet.
struct RunningLine: Sendable {
    /// What one step did.
    struct Step: Sendable {
        /// Nothing is waiting.
        let isIdle: Bool
        /// The findings that were stored and are new.
        let newFindings: [FindingRow]
    }

    private let parts: CollectorParts
    private let rules: RulesInForce
    private var sessions: DetectionSessions
    private let batchesMaximum: Int
    private(set) var position: JournalPosition
    private var pending: [FindingRow] = []
    private var committedAt: Instant
    private var flushedAt: Instant
    private var isDirty = false

    /// Goes on where the catalogue says the line stopped.
    init(
        _ parts: CollectorParts, rules: RulesInForce,
        batchesMaximum: Int = CollectorLimits.detectionBatchesMaximum
    ) throws {
        self.parts = parts
        self.batchesMaximum = batchesMaximum
        self.rules = rules
        let catalogue = parts.store.catalogue
        position =
            try catalogue.cursor(DetectionLine.cursorName) ?? JournalPosition(leaf: 0)
        let marks = try catalogue.setting(DetectionLine.marksSetting).map {
            try JSONDecoder().decode([DetectionSessions.Mark].self, from: Data($0.utf8))
        }
        sessions = DetectionSessions(marks: marks ?? [])
        committedAt = parts.environment.now()
        flushedAt = committedAt
    }

    /// Deals with some batches.
    mutating func step() throws -> Step {
        let isIdle = try takeEntries() == 0
        let now = parts.environment.now()
        try flushSilent(now)
        var new: [FindingRow] = []
        if !pending.isEmpty || (isDirty && (isIdle || isCommitDue(now))) {
            new = try commit()
        }
        return Step(isIdle: isIdle, newFindings: new)
    }

    /// Feeds the next batches to their sessions and runs the rules; gives how many there were.
    mutating func takeEntries() throws -> Int {
        let entries = try parts.store.entries(from: position, limit: batchesMaximum)
        var events = 0
        for entry in entries {
            run(sessions.take(entry.batch))
            position = entry.next
            isDirty = true
            events += entry.batch.upload.columns.count
        }
        parts.metrics.add([.eventsScanned: events])
        return entries.count
    }

    private func isCommitDue(_ now: Instant) -> Bool {
        now.milliseconds - committedAt.milliseconds >= CollectorLimits.detectionCommitMilliseconds
    }

    /// Ends passages of sessions that have fallen silent; looked for once a second.
    private mutating func flushSilent(_ now: Instant) throws {
        let since = now.milliseconds - flushedAt.milliseconds
        guard since >= CollectorLimits.detectionCommitMilliseconds || since < 0 else { return }
        flushedAt = now
        let work = sessions.flush(
            silentSince: now.advanced(
                byMilliseconds: -CollectorLimits.detectionSilenceMilliseconds))
        guard !work.isEmpty else { return }
        isDirty = true
        run(work)
        sessions.forget(
            silentSince: now.advanced(
                byMilliseconds: -CollectorLimits.detectionForgetMilliseconds))
    }

    private mutating func run(_ work: [DetectionSessions.Work]) {
        guard !work.isEmpty else { return }
        let force = rules.current
        var passages = 0
        for item in work {
            let findings: [Finding]
            let time: Instant
            switch item.subject {
            case .passage(let passage, let recent):
                passages += 1
                time = passage.end
                findings = force.findings(in: passage, after: recent)
            case .event(let event):
                time = event.time
                findings = force.findings(in: event)
            }
            for finding in findings {
                pending.append(
                    FindingRow(
                        finding, context: item.key.context, device: item.key.device,
                        leaf: item.leaf, time: time, packVersion: force.version))
            }
        }
        parts.metrics.add([.passagesScanned: passages])
    }

    /// Stores findings, position and marks in one transaction; gives the findings that were new.
    mutating func commit() throws -> [FindingRow] {
        let lowWater = sessions.lowWater(next: position.leaf)
        let marks = try JSONEncoder().encode(sessions.marks(from: lowWater))
        let new = try parts.store.catalogue.commitDetection(
            findings: pending, cursor: JournalPosition(leaf: lowWater),
            settings: [DetectionLine.marksSetting: String(decoding: marks, as: UTF8.self)])
        pending.removeAll(keepingCapacity: true)
        committedAt = parts.environment.now()
        isDirty = false
        parts.metrics.add([.findings: new.count])
        return new
    }
}
