import Events
import Logging
import Proofs
import ServiceLifecycle
import Storage
import Synchronization

/// Walk 1, step 7: from the journal, and not from memory, to passages, findings and incidents.
///
/// One task, whose work runs on a queue of its own. Its position is stored together with the findings
/// it led to: a crash repeats and does not skip, and a finding that comes twice is stored once.
final class DetectionLine: Service {
    /// The name of its position in the catalogue; the one that `commitDetection` moves.
    static let cursorName = "detection"
    /// The setting that holds what was dealt with beyond the position.
    static let marksSetting = "detection.marks"

    private let parts: CollectorParts
    private let queue = BlockingWork(label: "detection")
    /// Touched by pieces of work on ``queue`` only, one at a time.
    private let state: Mutex<RunningLine>

    /// A line that goes on where the catalogue says it stopped.
    init(parts: CollectorParts, rules: RulesInForce) throws {
        self.parts = parts
        state = Mutex(try RunningLine(parts, rules: rules))
    }

    func run() async throws {
        try await finishFindings(new: true)
        await cancelWhenGracefulShutdown { await self.work() }
        _ = try await queue.run { try self.state.withLock { try $0.commit() } }
    }

    /// Works until the task is cancelled. A failure is logged and tried again: nothing was moved on.
    private func work() async {
        while !Task.isCancelled {
            do {
                let step = try await queue.run { try self.state.withLock { try $0.step() } }
                try await finishFindings(new: step.hasNewFindings)
                if !step.isIdle { continue }
            } catch {
                parts.logger.error(
                    "detection failed, trying again",
                    metadata: ["error": "\(ProblemResponse.name(of: error))"])
            }
            // A cancelled pause is how the line is stopped; the loop looks for that itself.
            try? await Task.sleep(for: .milliseconds(CollectorLimits.detectionPauseMilliseconds))
        }
    }

    /// Appends a leaf for each finding that has none, and groups those that are new into incidents.
    private func finishFindings(new hasNew: Bool) async throws {
        guard hasNew else { return }
        let catalogue = parts.store.catalogue
        for finding in try await queue.run({ try catalogue.findingsWithoutLeaf() }) {
            guard let id = finding.id else { continue }
            let receipt = try await parts.store.append(
                LeafRecord(
                    kind: .finding, json: FindingRecord.json(finding),
                    at: parts.environment.now()))
            try catalogue.setLeaf(receipt.leaf, ofFinding: id)
        }
    }
}
