/// A condition did not come true in time.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, and how long.
    public let description: String
}

/// Waits until a condition holds, looking again every few milliseconds; throws when the deadline passes.
///
/// The only way a test waits for another process or task: no sleep of a guessed length.
public func eventually(
    _ what: String, within deadline: Duration = .seconds(180),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: deadline, isolation: isolation) { () -> Void? in
        try await condition() ? () : nil
    }
}

/// Waits until there is a value, and returns it; throws when the deadline passes.
@discardableResult
public func eventually<Value>(
    _ what: String, within deadline: Duration = .seconds(180),
    isolation: isolated (any Actor)? = #isolation,
    _ value: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now.advanced(by: deadline)
    var pause = Duration.milliseconds(1)
    while true {
        if let value = try await value() { return value }
        guard ContinuousClock.now < end else {
            throw NeverHappened(description: "\(what): not within \(deadline)")
        }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(50))
    }
}
