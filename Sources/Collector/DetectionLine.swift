import Casework
import Events
import Logging
import Proofs
import ServiceLifecycle
import Storage
import Synchronization

/// Walk 1, step 7: from what is durable, in the journal's order, to passages, findings and incidents.
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
        try await finishLeftovers()
        await cancelWhenGracefulShutdown { await self.work() }
        _ = try await queue.run { try self.state.withLock { try $0.commit() } }
    }

    /// Works until the task is cancelled. A failure is logged and tried again: nothing was moved on.
    private func work() async {
        while !Task.isCancelled {
            do {
                if try await !step() { continue }
            } catch {
                parts.logger.error(
                    "detection failed, trying again",
                    metadata: ["error": "\(ProblemResponse.name(of: error))"])
            }
            // A cancelled pause is how the line is stopped; the loop looks for that itself.
            try? await Task.sleep(for: .milliseconds(CollectorLimits.detectionPauseMilliseconds))
        }
    }

    /// Deals with some batches and what they led to; true when there is nothing to do just now.
    func step() async throws -> Bool {
        let step = try await queue.run { try self.state.withLock { try $0.step() } }
        try await finish(step.newFindings)
        return step.isIdle
    }

    /// Appends a leaf for each new finding and groups them into incidents.
    private func finish(_ findings: [FindingRow]) async throws {
        guard !findings.isEmpty else { return }
        try await appendLeaves(of: findings)
        let changes = try await queue.run {
            try self.parts.incidents.group(findings, at: self.parts.environment.now())
        }
        parts.metrics.add([.incidents: changes.count { $0.isNew }])
    }

    /// The same for findings that a crash left without leaf or incident.
    private func finishLeftovers() async throws {
        let catalogue = parts.store.catalogue
        try await appendLeaves(of: try await queue.run { try catalogue.findingsWithoutLeaf() })
        _ = try await queue.run {
            try self.parts.incidents.groupLeftovers(at: self.parts.environment.now())
        }
    }

    private func appendLeaves(of findings: [FindingRow]) async throws {
        for finding in findings {
            guard let id = finding.id else { continue }
            let receipt = try await parts.store.append(
                LeafRecord(
                    kind: .finding, json: FindingRecord.json(finding),
                    at: parts.environment.now()))
            try parts.store.catalogue.setLeaf(receipt.leaf, ofFinding: id)
        }
    }
}
