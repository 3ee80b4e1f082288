import Foundation
import TestSupport

/// A client that sends batch after batch and each again until it is acknowledged, as agents do.
struct RetryingClient: Sendable {
    /// How it makes a repetition recognisable.
    enum Manner: CaseIterable, Sendable {
        /// Lines without numbers and an `Idempotency-Key`.
        case key
        /// Lines with sequence numbers of its own.
        case sequence
    }

    let door: Door
    let user: String
    let manner: Manner
    let seed: UInt64

    /// Sends until told to stop and everything sent is acknowledged; returns how many events that are.
    ///
    /// Titles are `w-0`, `w-1`... in the order of sending.
    func run(until isOver: Flag) async throws -> Int {
        var random = SeededRandom(seed: seed)
        var next = 0
        while !isOver.isRaised {
            let numbers = next..<next + random.int(in: 1...40)
            let lines = numbers.map { number in
                Sample.line(number, user: user, more: manner == .sequence ? ["seq": number] : [:])
            }
            let headers = manner == .key ? ["Idempotency-Key": "\(user)-\(next)"] : [:]
            try await door.postUntilTaken("/v1/ingest", Sample.body(lines), headers: headers) {
                let json = $0.json
                return (json["accepted"] as? Int ?? 0) + (json["duplicates"] as? Int ?? 0)
                    == numbers.count
            }
            next = numbers.upperBound
        }
        return next
    }
}

extension Door {
    /// Posts until it is acknowledged; a refusal that is not "come back" is an error.
    func postUntilTaken(
        _ path: String, _ body: [UInt8], type: String = "application/x-ndjson",
        headers: [String: String] = [:], isRight: (Answer) -> Bool = { _ in true }
    ) async throws {
        try await eventually("\(path) is acknowledged", within: .seconds(120)) {
            let answer: Answer
            do {
                answer = try await post(path, body, type: type, headers: headers)
            } catch is Broken {
                return false
            }
            if [429, 503].contains(answer.status) { return false }
            guard answer.status == 200, isRight(answer) else {
                throw School.Failed(what: "\(answer.status) from \(path)", transcript: answer.text)
            }
            return true
        }
    }
}

/// Raised once, seen by many tasks.
final class Flag: Sendable {
    private let raised = Recorded<Bool>()
    var isRaised: Bool { !raised.values.isEmpty }
    func raise() { raised.note(true) }
}

/// How many kills: a few in CI, `DAYBOOK_KILLS=50` for the long form.
let killCount = ProcessInfo.processInfo.environment["DAYBOOK_KILLS"].flatMap(Int.init) ?? 8

/// Where what is stored differs from what was sent; nil when it is the same, in the same order.
func difference(stored: [String], sent: [String]) -> String? {
    guard stored != sent else { return nil }
    let at = zip(stored, sent).prefix { $0 == $1 }.count
    let doubles = stored.count - Set(stored).count
    let lost = Set(sent).subtracting(stored).count
    let foreign = Set(stored).subtracting(sent).count
    return """
        \(stored.count) stored, \(sent.count) sent, \(doubles) doubles, \(lost) lost, \
        \(foreign) never sent; first difference at \(at): stored \
        \(stored.dropFirst(at).prefix(3)), sent \(sent.dropFirst(at).prefix(3))
        """
}
