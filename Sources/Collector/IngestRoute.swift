import Bytes
import Events
import HTTPTypes
import Hummingbird
import Storage
import Wire

/// The open door: events of `events.md` from a client with a bearer token, one JSON object a line.
struct IngestRoute: Sendable {
    /// What it reads; JSON arrays, one object and objects in a row are brought into lines.
    static let lineTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
    static let arrayTypes = ["application/json"]
    /// A key of the client's choice is this long at most: a UUID fits seven times.
    static let idempotencyKeyMaximumSize = 255

    let parts: CollectorParts

    func answer(_ request: Request) async throws -> Response {
        // 1. Who is it, and is there room? Both before the body is read.
        let device = try parts.authentication.device(of: request)
        let ticket = try parts.admission.admit(
            bytes: BodyReader.expectedSize(of: request), device: device)
        defer { parts.admission.release(ticket) }
        // 2. The body, once, within its limits.
        try MediaType.require(IngestRoute.lineTypes + IngestRoute.arrayTypes, of: request)
        let key = try IngestRoute.idempotencyKey(of: request)
        let content = try await parts.bodyReader.read(request)
        let idempotency = key.map {
            IdempotencyKey(key: $0, bodyHash: sha256(content.expanded))
        }
        // 3. Events, and for each bad line its number and reason.
        let isArray = IngestRoute.arrayTypes.contains(MediaType.of(request))
        let lines = try EventLines(
            parsing: isArray ? JSONElements.lines(of: content.expanded) : content.expanded)
        guard lines.columns.count > 0 else { return try refuse(lines) }
        // 4. Seen before: the old answer. Else numbered, committed to, journalled: durable when it returns.
        let receipt = try await parts.store.admit(
            lines, from: device, idempotency: idempotency, at: parts.environment.now())
        count(receipt, content)
        return IngestRoute.response(receipt)
    }

    /// An empty body is fine; one in which every line is bad is not.
    private func refuse(_ lines: EventLines) throws(CollectorError) -> Response {
        guard lines.rejected.isEmpty else {
            parts.metrics.add([.eventsRejected: lines.rejected.count])
            throw .allLinesBad(lines.rejected.map { ($0.line, $0.error.message) })
        }
        var json = JSONWriter()
        IngestRoute.write(accepted: 0, duplicates: 0, rejected: [], repaired: [], to: &json)
        return .json(json)
    }

    private static func idempotencyKey(of request: Request) throws(CollectorError) -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] else {
            return nil
        }
        guard !key.isEmpty, key.utf8.count <= idempotencyKeyMaximumSize else {
            throw .badRequest(
                "Idempotency-Key must have 1 to \(idempotencyKeyMaximumSize) bytes")
        }
        return key
    }

    private func count(_ receipt: LinesReceipt, _ content: RequestContent) {
        parts.metrics.add([
            .batchesAccepted: 1, .eventsAccepted: receipt.accepted,
            .eventsDuplicate: receipt.duplicates, .eventsRejected: receipt.rejected.count,
            .linesRepaired: receipt.repaired.count, .bodyBytes: content.sent.count,
            .bodyBytesExpanded: content.expanded.count,
        ])
    }

    private static func response(_ receipt: LinesReceipt) -> Response {
        var json = JSONWriter()
        write(
            accepted: receipt.accepted, duplicates: receipt.duplicates,
            rejected: receipt.rejected.map { ($0.line, $0.error) }, repaired: receipt.repaired,
            to: &json)
        return .json(json)
    }

    private static func write(
        accepted: Int, duplicates: Int, rejected: [(line: Int, error: String)], repaired: [Int],
        to json: inout JSONWriter
    ) {
        json.object { json in
            json.member("accepted", accepted)
            json.member("duplicates", duplicates)
            write(rejected: rejected, to: &json)
            json.array("repaired") { json in for line in repaired { json.element(line) } }
        }
    }

    /// The member `rejected`: each bad line with its reason.
    static func write(rejected: [(line: Int, error: String)], to json: inout JSONWriter) {
        json.array("rejected") { json in
            for bad in rejected {
                json.object { json in
                    json.member("line", bad.line)
                    json.member("error", bad.error)
                }
            }
        }
    }
}
