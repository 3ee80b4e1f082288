import Bytes
import Events
import HTTPTypes
import Hummingbird
import Storage
import Wire

/// Walk 1, life of a keystroke, from its arrival to the receipt. Nothing before the receipt knows about rules.
struct BatchRoute: Sendable {
    /// The type of a signed upload.
    static let contentType = "application/vnd.daybook.batch"

    let parts: CollectorParts

    func answer(_ request: Request) async throws -> Response {
        // 1. Is there room? A refusal comes before the body is read.
        let ticket = try parts.admission.admit(bytes: BodyReader.expectedSize(of: request))
        defer { parts.admission.release(ticket) }
        // 2. The body, once, within its limits.
        try MediaType.require([BatchRoute.contentType], of: request)
        let content = try await parts.bodyReader.read(request)
        // 3. Events and statement, or an error with an offset.
        let upload = try BatchUpload.parse(content.expanded)
        // 4. Known device, valid signature, its root, its number; journal, log, one fdatasync for all who wait.
        let receipt = try await parts.store.admit(
            upload, body: content.encoding == .zstd ? content.sent : content.expanded,
            isCompressed: content.encoding == .zstd, at: parts.environment.now())
        // 5. The receipt. Seen before: the old one.
        count(receipt, content, events: upload.columns.count)
        return BatchRoute.response(receipt)
        // 6. From here the detection line takes over, in the order of the journal.
    }

    private func count(_ receipt: BatchReceipt, _ content: RequestContent, events: Int) {
        if receipt.isDuplicate {
            parts.metrics.add([.batchesDuplicate: 1, .eventsDuplicate: events])
        } else {
            parts.metrics.add([
                .batchesAccepted: 1, .eventsAccepted: events, .bodyBytes: content.sent.count,
                .bodyBytesExpanded: content.expanded.count,
            ])
        }
    }

    private static func response(_ receipt: BatchReceipt) -> Response {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.member("leaf", receipt.leaf)
            json.member("received", receipt.received)
            json.member("duplicate", receipt.isDuplicate)
        }
        return .json(json)
    }
}

/// Media types of requests.
enum MediaType {
    /// The type and subtype that a request names, in lower case and without parameters; empty when none.
    static func of(_ request: Request) -> String {
        let header = request.headers[.contentType] ?? ""
        let end = header.firstIndex(of: ";") ?? header.endIndex
        return header[..<end].lowercased().filter { $0 != " " }
    }

    /// Throws unless a request has one of some types. None at all is taken for the first of them.
    static func require(_ types: [String], of request: Request) throws(CollectorError) {
        let type = of(request)
        guard type.isEmpty || types.contains(type) else {
            throw .unknownContentType(expected: types.joined(separator: " or "))
        }
    }
}

extension Response {
    /// A 200 with JSON that is text already.
    static func json(text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A 200 with what a writer holds.
    static func json(_ json: JSONWriter) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
