import Access
import Bytes
import Casework
import Durable
import Events
import Evidence
import HTTPTypes
import Hummingbird
import Storage

/// `POST /v1/evidence`: makes the bundle of an incident and sends it as a tar archive.
///
/// The bundle lies in the data directory while it is made and sent, and nowhere afterwards.
struct EvidenceRoute: Sendable {
    /// The folder in the data directory in which bundles are made.
    static let workFolder = "outgoing"

    private struct Body: Decodable {
        let incident: String
        let purpose: String?
    }

    let parts: CollectorParts
    let rules: RulesInForce
    let queue: BlockingWork

    func answer(_ request: Request) async throws -> Response {
        let requester = try parts.authentication.requester(of: request)
        let bytes = try await parts.bodyReader.readSmall(request)
        let body = try SmallRequest.decode(Body.self, from: bytes)
        guard let incident = IncidentID(body.incident) else {
            throw CollectorError.notFound(what: "incident, an id looks like I-2026-000123")
        }
        let wanted = EvidenceRequest(
            incident: incident, purpose: body.purpose ?? "", requester: requester)
        // Making a bundle is heavy: it runs on its own queue, one after the other.
        let archive = try await queue.run { try await issue(wanted) }
        parts.metrics.add([.bundles: 1])
        return Response(
            status: .ok, headers: [.contentType: "application/x-tar"],
            body: .init(byteBuffer: ByteBuffer(bytes: archive)))
    }

    private func issue(_ request: EvidenceRequest) async throws -> [UInt8] {
        let force = rules.current
        let files = parts.environment.fileSystem
        let folder =
            parts.store.directory + "/" + EvidenceRoute.workFolder + "/"
            + Hex.encode(parts.environment.randomBytes(8))
        try files.makeDirectory(parts.store.directory + "/" + EvidenceRoute.workFolder)
        try files.makeDirectory(folder)
        let archive: [UInt8]
        do {
            let bundle = try await EvidenceIssuer(
                store: parts.store, pack: force.pack, detector: force.detector,
                environment: parts.environment, software: Software.records
            ).issue(request, into: folder)
            var tar = TarWriter(unixSeconds: parts.environment.now().milliseconds / 1_000)
            try tar.add(folder: bundle.path, as: bundle.id, from: files)
            archive = tar.finished()
        } catch {
            try files.removeTree(folder)
            throw error
        }
        try files.removeTree(folder)
        return archive
    }

    /// Takes away what a crash left in the work folder.
    static func removeLeftovers(_ parts: CollectorParts) throws(DurableError) {
        let folder = parts.store.directory + "/" + workFolder
        if parts.environment.fileSystem.exists(folder) {
            try parts.environment.fileSystem.removeTree(folder)
        }
    }
}
