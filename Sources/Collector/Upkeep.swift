import Events
import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Signs a checkpoint within a minute of a new leaf.
struct CheckpointTimer: Service {
    let parts: CollectorParts

    func run() async throws {
        let signedSize = Mutex<UInt64>(0)
        let queue = BlockingWork(label: "checkpoint")
        try await parts.repeating(
            "checkpoint", every: .seconds(CollectorLimits.checkpointPeriodSeconds)
        ) {
            let size = parts.store.treeSize()
            guard size != signedSize.withLock({ $0 }) else { return }
            _ = try await queue.run { try parts.store.checkpoint() }
            signedSize.withLock { $0 = size }
            parts.metrics.add([.checkpoints: 1])
        }
    }
}

/// Turns journal files that are closed into segments.
struct Sealer: Service {
    let parts: CollectorParts

    func run() async throws {
        let queue = BlockingWork(label: "sealer")
        try await parts.repeating("seal", every: .seconds(CollectorLimits.sealerPeriodSeconds)) {
            guard parts.store.hasFilesToSeal else { return }
            _ = try await queue.run { try parts.store.seal(includingOpenFile: false) }
            parts.metrics.add([.seals: 1])
        }
    }
}

extension CollectorParts {
    /// Does something again and again until the service stops.
    ///
    /// A store that has stopped ends the process: only a restart can recover it. Any other failure is
    /// logged and tried again after the next period.
    fileprivate func repeating(
        _ name: String, every period: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await cancelWhenGracefulShutdown {
            // A cancelled sleep is the end of the service, not an error.
            while (try? await Task.sleep(for: period)) != nil {
                do {
                    try await body()
                } catch StorageError.stopped {
                    throw StorageError.stopped
                } catch {
                    logger.error(
                        "upkeep failed",
                        metadata: [
                            "step": "\(name)", "error": "\(ProblemResponse.name(of: error))",
                        ])
                }
            }
        }
    }
}
