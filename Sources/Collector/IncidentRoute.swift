import Access
import Events
import Hummingbird
import Storage

/// `POST /v1/incidents/query`: the incidents of a student or of everybody, newest first, without content.
struct IncidentRoute: Sendable {
    /// Stands in the audit row where the caller gave no purpose.
    static let purposeNotGiven = "no purpose given with the list of incidents"

    private struct Body: Decodable {
        let student: String?
        let from: String?
        let to: String?
        let purpose: String?
    }

    let parts: CollectorParts

    func answer(_ request: Request) async throws -> Response {
        let requester = try parts.authentication.requester(of: request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(Body.self, from: bytes)
        let student = try SmallRequest.student(body.student)
        let from = try SmallRequest.instant(body.from, field: "from")
        let to = try SmallRequest.instant(body.to, field: "to", endOfDay: true)
        let grant = try Gatekeeper(parts).grant(
            .view, to: requester, about: student,
            purpose: body.purpose ?? IncidentRoute.purposeNotGiven)
        try await parts.auditTrail.record(grant, object: "incidents")
        let incidents = try parts.store.catalogue.incidents(student: student, from: from, to: to)
        var json = JSONWriter(capacity: 128 + incidents.count * 256)
        json.object { json in
            json.array("incidents") { json in
                for incident in incidents { IncidentRoute.write(incident, to: &json) }
            }
        }
        return .json(json)
    }

    private static func write(_ incident: IncidentRow, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", incident.id)
            json.member("student", incident.student.rawValue)
            json.member("theme", incident.theme)
            json.member("severity", incident.severity)
            json.member("first", incident.firstTime)
            json.member("last", incident.lastTime)
            json.member("findings", incident.findingCount)
            json.member("status", incident.status)
            json.member("procedure", incident.procedure)
            json.member("summary", incident.summary)
            json.member("created", incident.created)
        }
    }
}
