import Access
import Bytes
import Events
import Hummingbird
import Logging
import Storage

/// Takes the public key of a new agent that shows a one-time code. The same question has the same
/// answer, so that an agent whose answer was lost may ask again.
struct EnrolRoute: Sendable {
    private struct Body: Decodable {
        let code: String
        let publicKey: String
    }

    let parts: CollectorParts

    func answer(_ request: Request) async throws -> Response {
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(Body.self, from: bytes)
        guard let code = Credential(body.code), code.kind == .enrolment else {
            throw CollectorError.codeRefused
        }
        guard let key = Base64.decode(body.publicKey), key.count == 32 else {
            throw CollectorError.badRequest("field publicKey must be base64 of 32 bytes")
        }
        let device = try parts.store.catalogue.enrol(
            codeHash: sha256(code.text.utf8), publicKey: key,
            name: Credentials.newDeviceName(parts.environment), at: parts.environment.now())
        guard let device else { throw CollectorError.codeRefused }
        parts.logger.info("device enrolled")
        var json = JSONWriter()
        json.object { json in
            json.member("device", device.rawValue)
            json.member("origin", parts.store.identity.origin)
        }
        return .json(json)
    }
}
