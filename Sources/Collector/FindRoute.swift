import Access
import Events
import Hummingbird
import Storage

/// `POST /v1/find`: one student's events and passages in a period, by kind and phrase.
struct FindRoute: Sendable {
    /// Stands in the audit row where the caller gave no purpose.
    static let purposeNotGiven = "no purpose given with the search"

    private struct Body: Decodable {
        let student: String
        let from: String?
        let to: String?
        let phrase: String?
        let kind: String?
        let purpose: String?
    }

    let parts: CollectorParts
    let queue: BlockingWork

    func answer(_ request: Request) async throws -> Response {
        let start = ContinuousClock.now
        // 1. Who asks, and for what.
        let requester = try parts.authentication.requester(of: request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(Body.self, from: bytes)
        let question = try FindRoute.question(body)
        // 2. May they? 3. The audit row, durable before the first byte is read.
        let grant = try Gatekeeper(parts).grant(
            .search, to: requester, about: question.student,
            purpose: body.purpose ?? FindRoute.purposeNotGiven)
        try await parts.auditTrail.record(grant, object: nil)
        // 4. Events, passages, and the answer.
        let json = try await queue.run { try read(question, since: start) }
        parts.metrics.add([.finds: 1])
        return .json(json)
    }

    private func read(_ question: FindQuestion, since start: ContinuousClock.Instant) throws
        -> JSONWriter
    {
        let answer = try FindAnswer.make(for: question, from: parts.store)
        var json = JSONWriter(capacity: 256 + answer.events.count * 256)
        json.object { json in
            answer.write(to: &json)
            let elapsed = start.duration(to: .now).components
            json.member(
                "elapsedMilliseconds",
                elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000)
        }
        return json
    }

    private static func question(_ body: Body) throws(CollectorError) -> FindQuestion {
        guard let student = try SmallRequest.student(body.student) else {
            throw .badRequest("field student is missing")
        }
        var kind: EventKind?
        if let name = body.kind, !name.isEmpty {
            guard let known = EventKind(name: name) else {
                throw .badRequest(
                    "field kind must be one of "
                        + EventKind.allCases.map(\.name).joined(separator: " "))
            }
            kind = known
        }
        let phrase = body.phrase.flatMap { $0.isEmpty ? nil : $0 }
        return FindQuestion(
            student: student, from: try SmallRequest.instant(body.from, field: "from"),
            to: try SmallRequest.instant(body.to, field: "to", endOfDay: true), kind: kind,
            phrase: phrase)
    }
}

/// Asks the policy, and turns a refusal into an error.
struct Gatekeeper: Sendable {
    private let now: @Sendable () -> Instant

    init(_ parts: CollectorParts) { now = parts.environment.now }

    /// The grant for an action, or the refusal.
    func grant(
        _ action: Action, to requester: Requester, about subject: StudentID?, purpose: String
    ) throws(CollectorError) -> Grant {
        let decision = Entitlement.decide(
            action, by: requester, about: subject, purpose: purpose, at: now())
        switch decision {
        case .granted(let grant): return grant
        case .refused(let refusal): throw .refused(refusal)
        }
    }
}
