import Access
import Casework
import Durable
import Events
import Evidence
import EvidenceFile
import Foundation
import Proofs
import Storage
import StoredSchool
import TestSupport
import Testing

@Suite struct EvidenceIssuerTests {
    @Test func `a bundle of a campaign over two days and two machines passes the stranger's check`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        let (bundle, files) = try await scenario.issue()
        #expect(bundle.id == "SG-2026-000001")
        #expect(bundle.findingsLeftOut == 0)
        let report = BundleCheck.run(BundleFiles(files: files), trust: bundle.fingerprint)
        #expect(report.verdicts.filter(\.outcome.isFailure).map(\.line) == [])
        #expect(report.conclusion == .goodWithWarnings)  // no anchor yet: V14
        #expect(bundle.warnings.count == 1)
        let text = String(decoding: try #require(files["data/text.csv"]), as: UTF8.self)
        #expect(text.contains("nobody likes you emma"))
        #expect(text.contains("nobody likes you just leave"))
        #expect(text.contains("volcanoes are hot"))
        let incident = String(decoding: try #require(files["data/incident.json"]), as: UTF8.self)
        #expect(incident.contains("\"text\" : \"nobody likes you\""))
        #expect(incident.contains("LIB-PC01"))
        #expect(incident.contains("ROOM12-PC03"))
        #expect(incident.contains("no list of names was at hand"))
        #expect(files["data/rules/00000000-0000-4000-8000-000000000001.yml"] != nil)
    }

    @Test func `a morning report before it is an anchor, and then nothing is left to warn of`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        try scenario.store.catalogue.set(
            ReportAnchor.settingName, ReportAnchor(size: 3, time: "2026-11-24T02:00:00.000Z").line)
        let (bundle, files) = try await scenario.issue()
        #expect(bundle.warnings == [])
        #expect(BundleCheck.run(BundleFiles(files: files)).conclusion == .good)
    }

    @Test func `what came in by the lines door is said not to be signed by the workstation`()
        async throws
    {
        let scenario = try await EvidenceScenario(door: .lines)
        let (bundle, files) = try await scenario.issue()
        #expect(BundleCheck.run(BundleFiles(files: files)).conclusion == .goodWithWarnings)
        #expect(bundle.warnings.contains { $0.contains("signed by the collector") })
    }

    @Test(arguments: [Workstation.Door.signed, .lines])
    func `P43, E4: nothing of other people is in any byte of the bag`(door: Workstation.Door)
        async throws
    {
        let scenario = try await EvidenceScenario(door: door)
        let (_, files) = try await scenario.issue()
        #expect(files.count > 20)
        for (path, bytes) in files {
            for secret in EvidenceScenario.secrets {
                #expect(!contains(bytes, secret), "\(secret) in \(path)")
            }
            #expect(!path.contains("mia"))
        }
    }

    @Test func `S48: the bundle's id and path hold no name, and the subject has a code`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        let (bundle, files) = try await scenario.issue()
        #expect(bundle.path == scenario.school.directory + "/" + bundle.id)
        #expect(!bundle.id.contains("mia"))
        let incident = String(decoding: try #require(files["data/incident.json"]), as: UTF8.self)
        #expect(incident.contains("\"reference\" : \"S-0001\""))
    }

    @Test func `two bundles have two ids, and each incident only its own findings`() async throws {
        let scenario = try await EvidenceScenario()
        let (first, bullying) = try await scenario.issue(.bullying)
        let (second, bypass) = try await scenario.issue(.filterBypass)
        #expect([first.id, second.id] == ["SG-2026-000001", "SG-2026-000002"])
        #expect(bullying["data/rules/00000000-0000-4000-8000-000000000002.yml"] == nil)
        #expect(bypass["data/rules/00000000-0000-4000-8000-000000000001.yml"] == nil)
        #expect(bypass["data/rules/00000000-0000-4000-8000-000000000002.yml"] != nil)
    }

    @Test func `custody tells how it came in, what was found, who asked and why`() async throws {
        let scenario = try await EvidenceScenario()
        let (bundle, files) = try await scenario.issue()
        let custody = String(decoding: try #require(files["data/custody.csv"]), as: UTF8.self)
        for words in ["ingest", "finding", "export", "coordinator", "operator-1", "the parents"] {
            #expect(custody.contains(words), "\(words)")
        }
        let acts = try scenario.store.catalogue.audit(from: nil, to: nil, subject: nil)
        #expect(acts.map(\.action) == ["export", "export"])
        #expect(acts.first?.object == "I-2026-000001")
        #expect(acts.last?.object == "\(bundle.id) \(bundle.tagManifestHash)")
        #expect(try scenario.store.leafData(bundle.leaf).hasPrefix("sg.leaf/v1 bundle\n"))
        let manifest = try #require(files["tagmanifest-sha256.txt"])
        #expect(Hash.sha256(manifest).hex == bundle.tagManifestHash)
    }

    @Test func `a purpose given for another matter is not told in this bundle (P43)`() async throws
    {
        let scenario = try await EvidenceScenario()
        let subject = try #require(StudentID(EvidenceScenario.subject))
        let decision = Entitlement.decide(
            .search, by: Requester(id: "operator-1", role: .coordinator), about: subject,
            purpose: "what did she write about Ben", at: scenario.school.now)
        guard case .granted(let grant) = decision else {
            Issue.record("refused")
            return
        }
        try await Custody(store: scenario.store).record(
            grant, object: "events", at: scenario.school.now)
        let (_, files) = try await scenario.issue()
        let custody = String(decoding: try #require(files["data/custody.csv"]), as: UTF8.self)
        #expect(custody.contains("search"))
        #expect(!custody.contains("Ben"))
    }

    @Test func `events from a sealed segment make a bundle as good`() async throws {
        let scenario = try await EvidenceScenario()
        _ = try scenario.store.seal()
        let (_, files) = try await scenario.issue()
        #expect(BundleCheck.run(BundleFiles(files: files)).conclusion == .goodWithWarnings)
    }

    @Test func `checkpoints signed at ingest lead on to the newest one`() async throws {
        let scenario = try await EvidenceScenario()
        _ = try scenario.store.checkpoint()
        var library = try Workstation(seed: 7, door: .signed)
        try library.enrol(in: scenario.store, at: scenario.school.now)
        var scene = Scene(
            EvidenceScenario.subject, at: "LIB-PC09", session: "s-mia-3",
            from: scenario.school.now)
        scene.opens("chat", "Year 9 chat")
        scene.types("nobody likes you\n")
        scenario.school.set(scene.time.advanced(byMilliseconds: 60_000))
        try await library.send(scene, to: scenario.store)
        try scenario.detect()
        let (_, files) = try await scenario.issue()
        #expect(files.keys.filter { $0.hasPrefix("data/proof/consistency") }.count == 2)
        #expect(BundleCheck.run(BundleFiles(files: files)).conclusion == .goodWithWarnings)
    }

    @Test func `a sentence that was sent in two messages is found again as one`() async throws {
        let scenario = try await EvidenceScenario()
        var room = try Workstation(seed: 8, door: .signed)
        try room.enrol(in: scenario.store, at: scenario.school.now)
        var scene = Scene(
            "tom.example", at: "ROOM12-PC09", session: "s-tom", from: scenario.school.now)
        scene.opens("chat", "Year 9 chat")
        scene.types("nobody likes\n")
        scene.types("you\n")
        scenario.school.set(scene.time.advanced(byMilliseconds: 60_000))
        try await room.send(scene, to: scenario.store)
        try scenario.detect()
        let rows = try scenario.store.catalogue.incidents(student: scene.context.student)
        let row = try #require(rows.first)
        let request = EvidenceRequest(
            incident: try #require(IncidentID(row.id)), purpose: "meeting with the parents",
            requester: Requester(id: "operator-1", role: .coordinator))
        let bundle = try await scenario.issuer.issue(request, into: scenario.school.directory)
        #expect(bundle.findingsLeftOut == 0)
        let files = try BundleReader(fileSystem: RealFileSystem()).read(bundle.path)
        #expect(BundleCheck.run(files).conclusion == .goodWithWarnings)
    }

    @Test func `a batch that never arrived is named as a hole of the window, not hidden`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        var room = try Workstation(seed: 9, door: .signed)
        try room.enrol(in: scenario.store, at: scenario.school.now)
        var scene = Scene(
            "tom.example", at: "ROOM12-PC09", session: "s-tom", from: scenario.school.now)
        scene.opens("chat", "Year 9 chat")
        scene.types("nobody likes you\n")
        var rest = Scene("tom.example", at: "ROOM12-PC09", session: "s-tom", from: scene.time)
        rest.opens("chat", "Year 9 chat")
        rest.types("see you at lunch\n")
        scenario.school.set(rest.time.advanced(byMilliseconds: 60_000))
        try await room.send(scene, to: scenario.store)
        room.losesBatch(events: 20)
        try await room.send(rest, to: scenario.store)
        try scenario.detect()
        let row = try #require(
            try scenario.store.catalogue.incidents(student: scene.context.student).first)
        let request = EvidenceRequest(
            incident: try #require(IncidentID(row.id)), purpose: "meeting with the parents",
            requester: Requester(id: "operator-1", role: .coordinator))
        let bundle = try await scenario.issuer.issue(request, into: scenario.school.directory)
        #expect(bundle.warnings.contains { $0.contains("never arrived") })
        let files = try BundleReader(fileSystem: RealFileSystem()).read(bundle.path)
        #expect(BundleCheck.run(files).conclusion == .goodWithWarnings)
    }

    @Test func `the same store asked at the same moment gives the same bytes (E6)`() async throws {
        let one = try await EvidenceScenario()
        let two = try await EvidenceScenario()
        let (_, first) = try await one.issue()
        let (_, second) = try await two.issue()
        for path in first.keys.sorted() { #expect(first[path] == second[path], "\(path)") }
        #expect(first.keys.sorted() == second.keys.sorted())
    }

    @Test func `E1: a flipped bit in any file is noticed`() async throws {
        let scenario = try await EvidenceScenario()
        let (_, files) = try await scenario.issue()
        for path in files.keys.sorted() {
            var changed = files
            let middle = try #require(files[path]).count / 2
            changed[path]?[middle] ^= 1
            let conclusion = BundleCheck.run(BundleFiles(files: changed)).conclusion
            #expect(conclusion != .good && conclusion != .goodWithWarnings, "\(path)")
        }
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        Data(bytes).range(of: Data(text.utf8)) != nil
    }
}
