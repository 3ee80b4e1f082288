import Access
import Casework
import Detection
import Durable
import Events
import Evidence
import EvidenceFile
import RuleFiles
import Storage
import StoredSchool
import TestSupport
import Testing
import Typing
import Wire

/// Two days at two shared machines: a campaign by one pupil, other pupils before, between and after.
struct EvidenceScenario {
    let school: StoredSchool
    let store: Store
    let pack: RulePack
    let detector: Detector

    static let subject = "mia.example"
    /// What belongs to other people: accounts, sessions, words, pages.
    static let secrets = [
        "ben.private", "ruth.private", "my diary entry about mum", "s-ben", "s-ruth",
        "https://clinic.example/private",
    ]

    init(fileSystem: any FileSystem = RealFileSystem(), door: Workstation.Door = .signed)
        async throws
    {
        school = try StoredSchool(fileSystem: fileSystem)
        store = try school.open()
        pack = try EvidenceScenario.rules()
        detector = Detector(pack: pack)
        let date = try #require(CivilDate(year: 2026, month: 11, day: 23))
        let morning = SchoolDay(date).start.advanced(byMilliseconds: 9 * 3_600_000)
        school.set(morning)
        var library = try Workstation(seed: 1, door: door)
        var room = try Workstation(seed: 2, door: door)
        try library.enrol(in: store, at: morning)
        try room.enrol(in: store, at: morning)
        let firstDayEnd = try await firstDay(morning, at: &library)

        let nextDay = morning.advanced(byMilliseconds: 86_400_000)
        var second = Scene(
            EvidenceScenario.subject, at: "ROOM12-PC03", session: "s-mia-2", from: nextDay)
        second.seesNotice()
        second.opens("chat", "Year 9 chat")
        second.types("nobody likes you just leave\n")
        try await room.send(second, to: store, batchEventsMaximum: 16)
        precondition(firstDayEnd < nextDay, "the first day of the scene ran into the second")
        school.set(nextDay.advanced(byMilliseconds: 3_600_000))
        try detect()
    }

    private func firstDay(_ morning: Instant, at library: inout Workstation) async throws
        -> Instant
    {
        var before = Scene("ben.private", at: "LIB-PC01", session: "s-ben", from: morning)
        before.seesNotice()
        before.types("my diary entry about mum and other things that are nobody's business")
        try await library.send(before, to: store)

        var first = Scene(
            EvidenceScenario.subject, at: "LIB-PC01", session: "s-mia-1",
            from: before.time.advanced(byMilliseconds: 20_000))
        first.seesNotice()
        first.opens("writer", "Essay - Writer")
        first.types("volcanoes are hot and made of lava\n")
        first.opens("chat", "Year 9 chat")
        first.types("nobodu⌫y likes you emma\n")
        first.types("=SUM(A1) see you at lunch\n")
        first.visits(
            "https://unblock.example/proxy?u=x", title: "<script>alert(1)</script> Proxy")
        try await library.send(first, to: store)

        var after = Scene(
            "ruth.private", at: "LIB-PC01", session: "s-ruth",
            from: first.time.advanced(byMilliseconds: 20_000))
        after.visits("https://clinic.example/private", title: "Clinic")
        try await library.send(after, to: store)
        return after.time
    }

    /// Runs the rules over what is stored, as the detection line does.
    func detect() throws {
        var builders: [SessionContext: PassageBuilder] = [:]
        var decoder = ContentDecoder()
        var rows: [FindingRow] = []
        var recent: [SessionContext: [Passage]] = [:]
        var leaves: [DeviceName: [(leaf: UInt64, last: UInt64)]] = [:]
        func add(_ findings: [Finding], _ batch: StoredBatch, _ time: Instant) {
            for finding in findings {
                let leaf = leaves[batch.device]?.first { $0.last >= finding.firstSequence }?.leaf
                rows.append(
                    FindingRow(
                        finding, context: batch.context, device: batch.device,
                        leaf: leaf ?? batch.leaf, time: time, packVersion: pack.version))
            }
        }
        for entry in try store.entries(from: JournalPosition(leaf: 0), limit: 10_000) {
            let batch = entry.batch
            let columns = batch.upload.columns
            leaves[batch.device, default: []].append((batch.leaf, columns.sequences.last ?? 0))
            var builder = builders[batch.context] ?? PassageBuilder()
            for index in 0..<columns.count {
                let event = try decoder.event(index, of: columns)
                for passage in builder.feed(event) {
                    let before = DetectionContext(recent: recent[batch.context] ?? [])
                    recent[batch.context, default: []].append(passage)
                    add(detector.findings(in: passage, context: before), batch, passage.end)
                }
                add(detector.findings(in: event, context: .empty), batch, event.time)
            }
            builders[batch.context] = builder
        }
        let new = try store.catalogue.commitDetection(findings: rows, cursor: store.end)
        _ = try IncidentStore(catalogue: store.catalogue).group(new, at: school.now)
    }

    var issuer: EvidenceIssuer {
        EvidenceIssuer(
            store: store, pack: pack, detector: detector, environment: school.environment,
            software: [.init(name: "Daybook", version: "test")])
    }

    /// The request of the coordinator for the incident of a theme.
    func request(
        _ theme: Theme = .bullying, purpose: String = "meeting with the parents on Friday",
        role: Role = .coordinator
    ) throws -> EvidenceRequest {
        let rows = try store.catalogue.incidents()
        let row = try #require(rows.first { $0.theme == theme.rawValue })
        return EvidenceRequest(
            incident: try #require(IncidentID(row.id)), purpose: purpose,
            requester: Requester(id: "operator-1", role: role))
    }

    /// Makes the bundle and reads it.
    func issue(_ theme: Theme = .bullying) async throws -> (IssuedBundle, [String: [UInt8]]) {
        let bundle = try await issuer.issue(try request(theme), into: school.directory)
        let files = try BundleReader(fileSystem: RealFileSystem()).read(bundle.path).files
        return (bundle, files)
    }

    /// Two rules of the tests' own.
    static func rules() throws -> RulePack {
        let report = try RulePackLoader.read(
            files: [
                rule(
                    1, "Nobody likes you", "bullying", "typed_text",
                    "TypedTextNorm|contains: ' nobody likes you '", match: "nobody likes you"),
                rule(
                    2, "Proxy page", "filter-bypass", "url_visit", "Url|contains: 'unblock.'",
                    match: "https://unblock.example"),
            ], isPack: true)
        try #require(report.complaints.isEmpty, "\(report.complaints)")
        return report.pack
    }

    private static func rule(
        _ id: Int, _ title: String, _ theme: String, _ category: String, _ test: String,
        match: String
    ) -> (name: String, bytes: [UInt8]) {
        let text = """
            title: \(title)
            id: 00000000-0000-4000-8000-00000000000\(id)
            status: test
            description: A rule of the tests.
            author: Daybook
            date: 2026-11-0\(id)
            logsource:
              category: \(category)
              product: school_agent
            detection:
              words:
                \(test)
              condition: words
            level: medium
            tags: [safeguarding.\(theme)]
            scope: [pupil]
            safeguarding:
              theme: \(theme)
              severity: 3
              tier: A
              reason: the words are aimed at somebody
              sentence: Somebody may have been told that nobody likes them.
              policy: A2 Online
              review: 2027-09-01
              match: ['\(match)']
              noMatch: ['hello']

            """
        return ("rule\(id).yml", Array(text.utf8))
    }
}
