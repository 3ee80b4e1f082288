import Access
import Bytes
import Events
import HTTPTypes
import Hummingbird
import Storage

/// Says who shows a credential. Only hashes are compared, so the catalogue holds no secret.
///
/// The same secret may come as `Bearer`, as the password of `Basic`, or as `ApiKey` base64 of
/// `id:secret`, since clients differ in what they can send.
struct Authentication: Sendable {
    let catalogue: Catalogue
    let now: @Sendable () -> Instant

    /// The device behind a request to a door of unsigned events.
    func device(of request: Request) throws -> DeviceName {
        let credential = try credential(of: request, kind: .device)
        let hash = sha256(credential.text.utf8)
        guard let device = try catalogue.device(tokenHash: hash, at: now()) else {
            throw CollectorError.unauthorised
        }
        return device
    }

    /// The person behind a request for content. One role until roles are split.
    func requester(of request: Request) throws -> Requester {
        let credential = try credential(of: request, kind: .operator)
        guard let name = try catalogue.operatorName(tokenHash: sha256(credential.text.utf8)) else {
            throw CollectorError.unauthorised
        }
        return Requester(id: name, role: .coordinator)
    }

    /// The credential that a request shows; unknown forms are as good as none.
    func credential(of request: Request, kind: Credential.Kind) throws(CollectorError)
        -> Credential
    {
        guard let header = request.headers[.authorization],
            let secret = Authentication.secret(in: header),
            let credential = Credential(secret)
        else { throw .unauthorised }
        guard credential.kind == kind else { throw .wrongCredential(needs: kind) }
        return credential
    }

    /// The secret in an `Authorization` header.
    static func secret(in header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        let value = String(parts[1].drop { $0 == " " })
        switch parts[0].lowercased() {
        case "bearer": return value
        case "basic", "apikey":
            guard let decoded = Base64.decode(value),
                let colon = decoded.firstIndex(of: 0x3A)
            else { return nil }
            return String(decoding: decoded[(colon + 1)...], as: UTF8.self)
        default: return nil
        }
    }
}
