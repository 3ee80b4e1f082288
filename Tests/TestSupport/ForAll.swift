// A property test: a law, and many generated values it must hold for.
//
//     try forAll({ random in random.bytes(count: random.size(upTo: 300)) }) { bytes in
//         #expect(Hex.decode(Hex.encode(bytes)) == bytes)
//     }
//
// Each run has its own seed. The first run that fails ends the test and prints that seed;
// `DAYBOOK_SEED=<seed> swift test --filter ...` then starts with exactly that run.
// `DAYBOOK_RUNS=20` multiplies the number of runs.

import Foundation
import Synchronization
public import Testing

/// Checks a law on generated values; stops at the first that breaks it and prints its seed.
///
/// - Parameters:
///   - runs: How many values; multiplied by `DAYBOOK_RUNS`.
///   - generate: Makes a value from random numbers and nothing else.
///   - check: Holds the law with `#expect`, or throws.
public func forAll<Value>(
    runs: Int = 100, sourceLocation: SourceLocation = #_sourceLocation,
    _ generate: (inout SeededRandom) throws -> Value, check: (Value) throws -> Void
) throws {
    for run in PropertyRun.all(count: runs, at: sourceLocation) {
        var random = SeededRandom(seed: run.seed)
        let value = try generate(&random)
        do {
            try withKnownIssue(isIntermittent: true, sourceLocation: sourceLocation) {
                try check(value)
            } matching: { _ in
                run.failure.note()
            }
        } catch {
            run.report(value)
            throw error
        }
        guard !run.failure.wasNoted else { return run.report(value) }
    }
}

/// Checks a law that has to wait for something; otherwise as the function of the same name that does not wait.
public func forAll<Value>(
    runs: Int = 100, sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation,
    _ generate: (inout SeededRandom) throws -> Value, check: (Value) async throws -> Void
) async throws {
    for run in PropertyRun.all(count: runs, at: sourceLocation) {
        var random = SeededRandom(seed: run.seed)
        let value = try generate(&random)
        do {
            try await withKnownIssue(
                isIntermittent: true, isolation: isolation, sourceLocation: sourceLocation
            ) {
                try await check(value)
            } matching: { _ in
                run.failure.note()
            }
        } catch {
            run.report(value)
            throw error
        }
        guard !run.failure.wasNoted else { return run.report(value) }
    }
}

/// The seed a randomised test of its own shape starts from: `DAYBOOK_SEED`, or a fresh one.
///
/// The test must print it (``forAll(runs:sourceLocation:_:check:)`` does that by itself).
public func startingSeed() -> UInt64 {
    if let text = ProcessInfo.processInfo.environment["DAYBOOK_SEED"] {
        guard let seed = UInt64(text) else { fatalError("DAYBOOK_SEED is not a number: \(text)") }
        return seed
    }
    return UInt64.random(in: 0...UInt64(UInt32.max))
}

/// One value's turn.
private struct PropertyRun {
    let number: Int
    let count: Int
    let seed: UInt64
    let failure = FailureNote()
    let sourceLocation: SourceLocation

    static func all(count: Int, at sourceLocation: SourceLocation) -> some Sequence<PropertyRun> {
        let factor = ProcessInfo.processInfo.environment["DAYBOOK_RUNS"].flatMap(Int.init) ?? 1
        let first = startingSeed()
        let total = count * max(1, factor)
        return (0..<total).lazy.map { number in
            PropertyRun(
                number: number, count: total, seed: first &+ UInt64(number),
                sourceLocation: sourceLocation)
        }
    }

    func report<Value>(_ value: Value) {
        let shown = String(String(describing: value).prefix(1_000))
        Issue.record(
            """
            the law failed in run \(number + 1) of \(count), for \(shown)
            run it again with DAYBOOK_SEED=\(seed)
            """,
            sourceLocation: sourceLocation)
    }
}

/// Takes note of a failed expectation, from whichever task it comes.
private final class FailureNote: Sendable {
    private let noted = Mutex(false)

    var wasNoted: Bool { noted.withLock { $0 } }

    /// Always false: a failure of a law is never a known issue, the matcher is only used to hear of it.
    func note() -> Bool {
        noted.withLock { $0 = true }
        return false
    }
}
