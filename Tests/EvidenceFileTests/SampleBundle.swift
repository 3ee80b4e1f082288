import Durable
import Events
import Proofs
import TestSupport
import Wire

@testable import EvidenceFile

/// An invented incident with real proofs, the same bytes every time: two batches of one workstation in
/// a log of twelve leaves, one event withheld entirely and one by content.
struct SampleBundle {
    static let origin = "collector.hillside-school.example/log1"
    static let device = "device/7f3a9c21"

    let log: NoteSigner
    let clock: NoteSigner
    let deviceSigner: NoteSigner
    let issuer: BundleIssuer
    var contents: BundleContents

    /// What is typed: `you are`, a slip taken back, ` thick`, in a chat window.
    static let keys = [
        "y", "o", "u", " ", "a", "r", "r", "Backspace", "e", " ", "t", "h", "i", "c", "k", "Enter",
    ]
    private static let start: Int64 = 1_795_512_345_000

    init(isSignedByDevice: Bool = true, anchors: Bool = true) throws {
        log = try SampleBundle.signer("log", SampleBundle.origin)
        clock = try SampleBundle.signer("clock", SampleBundle.origin + "/clock", .cosignature)
        let name = isSignedByDevice ? SampleBundle.device : "collector/unsigned-agent"
        deviceSigner = try SampleBundle.signer("device", name)
        issuer = try BundleIssuer(
            principal: "hillside-school.example/evidence", key: SampleBundle.key("issuer"))

        let chat = Place(app: "chat.exe", window: "Year 9 <group> & friends")
        let first = SampleBundle.keys.enumerated().map { index, key in
            Event(
                time: Instant(milliseconds: SampleBundle.start + Int64(index / 4) * 1_000),
                sequence: 100 + UInt64(index), body: .key(KeyPress(key: key, place: chat)))
        }
        let later = Instant(milliseconds: SampleBundle.start + 20_250)
        let second = [
            Event(time: later, sequence: 116, body: .window(Place(app: "editor", window: "Essay"))),
            Event(
                time: later, sequence: 117,
                body: .url(
                    .init(
                        url: "https://example.org/=1", title: "=cmd\u{202E}", app: "browser",
                        origin: .navigated))),
            Event(
                time: later, sequence: 118, body: .window(Place(app: "chat.exe", window: "Secret"))),
            Event(time: later, sequence: 119, body: .agent(action: .stop, counters: ["sent": 20])),
        ]
        var sample = Batches(device: SampleBundle.device, isSignedByDevice: isSignedByDevice)
        try sample.append(first, signer: deviceSigner) { _ in nil }
        try sample.append(second, signer: deviceSigner) { index in
            switch index {
            case 1: nil
            case 2: .withhold
            case 3: nil
            default: .withholdContent
            }
        }
        contents = try sample.contents(log: log, clock: clock, device: deviceSigner.key)
        if !anchors { contents.record.anchors = [] }
    }

    static func key(_ name: String) throws -> SigningKey {
        guard let key = SigningKey(seed: Hash.sha256(Array("sample \(name)".utf8)).bytes) else {
            throw EvidenceFileError.badPrincipal
        }
        return key
    }

    static func signer(
        _ name: String, _ keyName: String, _ algorithm: NoteKey.Algorithm = .ed25519
    ) throws -> NoteSigner {
        try NoteSigner(name: keyName, signingKey: key(name), algorithm: algorithm)
    }

    /// The files of the bundle.
    func files() throws -> [String: [UInt8]] {
        try BundleWriter.files(of: contents, issuer: issuer)
    }

    /// What the check says of some files.
    func report(_ files: [String: [UInt8]], trust: String? = nil) -> BundleReport {
        BundleCheck.run(BundleFiles(files: files), trust: trust)
    }

    /// The files with both manifests and both signatures made again, by the issuer or by somebody else.
    func resigned(_ files: [String: [UInt8]], by key: SigningKey? = nil) throws -> [String: [UInt8]]
    {
        var files = files
        let payload = files.filter { $0.key.hasPrefix("data/") }
        files["manifest-sha256.txt"] = BundleManifest(files: payload).bytes
        let size = payload.values.reduce(0) { $0 + $1.count }
        let info = String(decoding: files["bag-info.txt"] ?? [], as: UTF8.self)
            .split(separator: "\n").map {
                $0.hasPrefix("Payload-Oxum") ? "Payload-Oxum: \(size).\(payload.count)" : $0
            }
        files["bag-info.txt"] = Array((info.joined(separator: "\n") + "\n").utf8)
        let tags = files.filter { path, _ in
            !path.hasPrefix("data/") && !path.hasPrefix("signatures/")
                && path != "tagmanifest-sha256.txt"
        }
        let manifest = BundleManifest(files: tags).bytes
        files["tagmanifest-sha256.txt"] = manifest
        let key = try key ?? SampleBundle.key("issuer")
        files[BundleLayout.signature] = key.signature(for: manifest)
        files[BundleLayout.sshSignature] = PublicKeyFile.sshSignature(of: manifest, by: key)
        return files
    }
}

/// How much of an event to hide.
enum Hiding { case withhold, withholdContent }

/// Batches of one device, and the log they are in.
private struct Batches {
    let device: String
    let isSignedByDevice: Bool
    var batches: [(statement: [UInt8], leaf: LeafData, events: [EventDisclosure], wall: Int64)] = []
    var previous = Hash.zero

    init(device: String, isSignedByDevice: Bool) {
        self.device = device
        self.isSignedByDevice = isSignedByDevice
    }

    mutating func append(
        _ events: [Event], signer: NoteSigner, hiding: (Int) -> Hiding?
    ) throws {
        let number = UInt64(batches.count) + 7
        let seed = Commitment.batchSeed(
            sessionSeed: [UInt8](repeating: 5, count: 32), batchNumber: number)
        var disclosures: [EventDisclosure] = []
        for (index, event) in events.enumerated() {
            let salt = Commitment.salt(batchSeed: seed, index: UInt32(index))
            let content = CanonicalContent.encode(event)
            let envelope = Envelope(
                sequence: event.sequence, wallMilliseconds: event.time.milliseconds,
                monoMilliseconds: 60_000, kind: event.kind.name,
                commit: Commitment.commit(salt: salt, content: content))
            let disclosed = EventDisclosure.disclosed(
                salt: salt, envelope: envelope, content: content)
            switch hiding(index) {
            case nil: disclosures.append(disclosed)
            case .withholdContent:
                disclosures.append(.contentWithheld(envelope: envelope, reason: .outOfScope))
            case .withhold:
                disclosures.append(.withheld(leafHash: disclosed.leafHash, reason: .otherPerson))
            }
        }
        let (first, last) = (events[0], events[events.count - 1])
        let statement = BatchStatement(
            origin: SampleBundle.origin, device: device, isCollectorOrigin: !isSignedByDevice,
            session: "s-31", host: "LAB-07", user: "jsmith", number: number,
            firstSequence: first.sequence, lastSequence: last.sequence,
            firstWall: first.time.milliseconds, lastWall: last.time.milliseconds,
            root: MerkleTree.root(leafHashes: disclosures.map(\.leafHash)), previous: previous)
        let file = Array(statement.signed(by: signer).utf8)
        previous = BatchStatement.hash(ofFile: file)
        let received = last.time.advanced(byMilliseconds: 1_300)
        batches.append(
            (
                file, LeafData(kind: .batch, reference: previous, time: received.rfc3339),
                disclosures, last.time.milliseconds
            ))
    }

    /// The batches at leaves 4 and 8 of a log of 12, with checkpoints at sizes 6, 10 and 12.
    func contents(log: NoteSigner, clock: NoteSigner, device key: NoteKey) throws -> BundleContents
    {
        var leaves = (0..<12).map { MerkleTree.leafHash(of: Array("other \($0)".utf8)) }
        for (index, batch) in batches.enumerated() { leaves[4 + 4 * index] = batch.leaf.leafHash }
        let tree = MerkleTree(leafHashes: leaves)
        func checkpoint(_ size: UInt64, _ wall: Int64) -> [UInt8] {
            Array(
                Checkpoint(origin: SampleBundle.origin, size: size, root: tree.root(size: size))
                    .signed(log: log, clock: clock, unixSeconds: UInt64(wall / 1_000)).utf8)
        }
        let bundled = batches.enumerated().map { index, batch in
            let leaf = UInt64(4 + 4 * index)
            return BundleBatch(
                leaf: leaf, statement: batch.statement, leafData: batch.leaf.bytes,
                proof: TlogProof(
                    index: leaf, path: tree.inclusionProof(index: leaf, size: leaf + 2),
                    checkpoint: checkpoint(leaf + 2, batch.wall + 10_000)), events: batch.events)
        }
        let end = (batches.last?.wall ?? 0) + 60_000
        let made = Instant(milliseconds: end + 5_000)
        return BundleContents(
            record: try record(made: made, batches: bundled), batches: bundled,
            latestCheckpoint: checkpoint(12, end),
            consistency: [6, 10].map {
                ConsistencyProof(
                    old: $0, new: 12, path: tree.consistencyProof(old: $0, new: 12))
            }, logKey: log.key, clockKey: clock.key, deviceKeys: [key],
            rules: [SampleRule.text],
            custody: [
                CustodyRow(
                    time: made, role: "coordinator", actor: "operator-1", action: .export,
                    object: "SG-2026-000123", purpose: "=look into it", leaf: 11, hash: .zero)
            ])
    }

    private func record(made: Instant, batches: [BundleBatch]) throws -> IncidentRecord {
        let timeline = BundleTimeline(batches: batches)
        let typed = timeline.match(
            device: device, reading: "as-left", field: "TypedText", lower: 8, upper: 13,
            sequences: 100...115)
        let title = timeline.match(
            device: device, reading: "field", field: "UrlTitle", lower: 0, upper: 4,
            sequences: 117...117)
        let matches = [typed, title].compactMap { $0 }
        return IncidentRecord(
            bundle: "SG-2026-000123", incident: "I-17", school: "Hillside School",
            contactRole: "Designated safeguarding lead", made: made.rfc3339, audience: .school,
            subject: .init(reference: "P-0042", account: "jsmith", name: "J. \"Jo\" <Smith>"),
            workstations: ["LAB-07"],
            findings: [
                FindingRecord(
                    rule: SampleRule.text.id, title: SampleRule.text.title,
                    ruleVersion: "2026-11-01", packVersion: "1",
                    ruleHash: Hash.sha256(SampleRule.text.source).hex, theme: "bullying",
                    severity: 3, reasons: ["said to somebody", "could be a joke"],
                    normalisation: .init(id: "daybook.fold", version: "1", steps: ["lower case"]),
                    device: device, firstSequence: 100, lastSequence: 117, matches: matches)
            ], clock: .init(offsetMilliseconds: -40, spreadMilliseconds: 12),
            windows: [.init(device: device, firstBatch: 7, lastBatch: 8)],
            software: [.init(name: "Daybook", version: "0.1.0")],
            anchors: [
                .init(
                    kind: "mail", holder: "coordinator and head",
                    time: "2026-11-23T05:30:00.000Z", size: 5)
            ], purpose: "anti-bullying procedure", requestedBy: "coordinator",
            approvedBy: "head teacher")
    }
}

private enum SampleRule {
    static let text = RuleText(
        id: "3f0c1d52-6a2e-4b0e-9d54-0c2b7d8f1e11", title: "Insult said to somebody",
        explanation: "Looks for words that call somebody stupid.", packVersion: "1",
        source: Array("title: Insult said to somebody\nlevel: medium\n".utf8))
}
