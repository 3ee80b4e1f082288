import Access
import Backup
import Events
import EvidenceFile
import Hummingbird
import Storage

/// What `daybook-collector night`, `seal` and `verify-store` ask of a collector that is serving.
///
/// The serving process holds the store's lock, so these commands come in by a loopback port of their
/// own and show the token of ``ControlFile``.
struct ControlRoute: Sendable {
    private struct NightBody: Decodable {
        let date: String?
    }

    private struct BackupBody: Decodable {
        let out: String
        let keysOut: String?
        let recipients: [String]
    }

    let parts: CollectorParts
    let rules: RulesInForce
    let credential: Credential
    private let queue = BlockingWork(label: "control")
    private let backups = BlockingWork(label: "backup")

    init(parts: CollectorParts, rules: RulesInForce) {
        self.parts = parts
        self.rules = rules
        credential = Credential(
            kind: .control, randomBytes: parts.environment.randomBytes(Credential.randomSize))
    }

    /// Seals the journal.
    func seal(_ request: Request) async throws -> Response {
        try authenticate(request)
        return .json(text: try await queue.run { try UpkeepCommand.seal(parts.store) })
    }

    /// Checks the whole store.
    func verify(_ request: Request) async throws -> Response {
        try authenticate(request)
        return .json(text: try await queue.run { try UpkeepCommand.verify(parts.store) })
    }

    /// Makes a backup; the files are written by this process, where the caller says.
    func backup(_ request: Request) async throws -> Response {
        try authenticate(request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(BackupBody.self, from: bytes)
        var recipients: [AgeRecipient] = []
        for text in body.recipients {
            do {
                recipients.append(try AgeRecipient(parsing: text))
            } catch {
                throw CollectorError.badRequest("field recipients: \(error.message)")
            }
        }
        let wanted = StoreBackup.Request(
            out: body.out, keysOut: body.keysOut, recipients: recipients)
        return .json(
            text: try await backups.run {
                try UpkeepCommand.backup(
                    wanted, of: parts.store, environment: parts.environment)
            })
    }

    /// Runs the night of a day; without a date, of the day that ended last.
    func night(_ request: Request) async throws -> Response {
        try authenticate(request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(NightBody.self, from: bytes)
        let day = try ControlRoute.day(body.date, now: parts.environment.now())
        return .json(
            text: try await queue.run {
                try await UpkeepCommand.night(
                    day, parts.store, rules: rules, environment: parts.environment)
            })
    }

    /// Erases, holds, lifts or lists.
    func keep(_ request: Request) async throws -> Response {
        try authenticate(request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let command = try SmallRequest.decode(KeepCommand.self, from: bytes)
        return .json(
            text: try await queue.run {
                try await command.run(on: parts.store, at: parts.environment.now())
            })
    }

    private static func day(_ text: String?, now: Instant) throws(CollectorError) -> SchoolDay {
        guard let text else { return UpkeepCommand.day(ofNightAt: now) }
        guard let date = CivilDate(text) else {
            throw .badRequest("field date must be YYYY-MM-DD")
        }
        return SchoolDay(date)
    }

    private func authenticate(_ request: Request) throws(CollectorError) {
        let shown = try parts.authentication.credential(of: request, kind: .control)
        // Hashes are compared, so that the time taken says nothing about the token.
        guard sha256(shown.text.utf8) == sha256(credential.text.utf8) else { throw .unauthorised }
    }
}
