import Dispatch

/// Runs work that blocks (SQLite, sealing, matching rules) on a queue of its own and not on the threads that answer requests.
struct BlockingWork: Sendable {
    private let queue: DispatchQueue

    /// Work under a label; pieces run one after the other.
    init(label: String) { queue = DispatchQueue(label: "daybook." + label) }

    /// Runs one piece and gives its result.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
