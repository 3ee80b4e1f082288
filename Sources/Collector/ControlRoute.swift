import Access
import Events
import Hummingbird
import Storage

/// What `daybook-collector night`, `seal` and `verify-store` ask of a collector that is serving.
///
/// The serving process holds the store's lock, so these commands come in by a loopback port of their
/// own and show the token of ``ControlFile``.
struct ControlRoute: Sendable {
    let parts: CollectorParts
    let credential: Credential

    init(parts: CollectorParts) {
        self.parts = parts
        credential = Credential(
            kind: .control, randomBytes: parts.environment.randomBytes(Credential.randomSize))
    }

    /// Seals the journal.
    func seal(_ request: Request) async throws -> Response {
        try authenticate(request)
        return .json(text: try await UpkeepCommand.seal(parts.store))
    }

    private func authenticate(_ request: Request) throws(CollectorError) {
        let shown = try parts.authentication.credential(of: request, kind: .control)
        // Hashes are compared, so that the time taken says nothing about the token.
        guard sha256(shown.text.utf8) == sha256(credential.text.utf8) else { throw .unauthorised }
    }
}
