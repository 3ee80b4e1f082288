import Dispatch

/// Runs work that blocks (SQLite, sealing, matching rules, making bundles) on a queue of its own and not
/// on the threads that answer requests.
final class BlockingWork: TaskExecutor {
    private let queue: DispatchQueue

    /// Work under a label; pieces run one after the other.
    init(label: String) { queue = DispatchQueue(label: "daybook." + label) }

    /// Runs one piece and gives its result.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await withTaskExecutorPreference(self) { try await body() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
