import Events
import Foundation
import SimulatedSchool
import TestSupport
import Testing

/// From invented pupils at their keyboards to a bundle that outsiders check and a morning report.
@Suite(.serialized) struct WholePathTests {
    @Test(.tags(.whole), .timeLimit(.minutes(10)))
    func
        `days of a school go in at both doors, and what was planted comes out as checked evidence`()
        async throws
    {
        try await School.with { school in
            let days = try SchoolDays(seed: 11, pupils: 12, days: 3)
            let workstation = try await Workstation(
                named: "IT1-01", in: school, settings: ["batchEvents": 256])
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                try await days.send(
                    through: workstation, and: Door(port: school.port, token: token))
                try await school.detectionCaughtUp()
                #expect(try await school.metric("daybook_stored_events") == days.eventCount)
                let incidents = try await incidents(of: school)
                let missed = days.planted.filter { trouble in !incidents.contains { $0.is(trouble) }
                }
                #expect(missed.map(\.id) == [])

                let bullying = try #require(days.planted.first { $0.theme == "bullying" })
                let incident = try #require(incidents.first { $0.is(bullying) })
                let bundle = try await makeBundle(of: incident.id, in: school)
                try await strangersAccept(bundle)
                let text = try String(
                    contentsOf: bundle.appending(path: "data/text.csv"), encoding: .utf8)
                for said in bullying.texts {
                    #expect(text.contains(said), "a planted text is not in the bundle")
                }
                try await everyFlipIsNoticed(in: bundle)
                try await nightTwice(of: days.lastDay, in: school)
                let verdict = try await school.manage("verify-store")
                #expect(verdict.contains("\"ok\":true"), "\(verdict)")
            }
        }
    }

    private func makeBundle(of incident: String, in school: School) async throws -> URL {
        let out = school.folder.appending(path: "bundles")
        let made = try await school.ask(
            "evidence", "make", "--incident", incident, "--purpose", "a test of the whole path",
            "--out", out.pathText, "--json")
        guard made.status == 0,
            let answer = try JSONSerialization.jsonObject(with: Data(made.output.utf8))
                as? [String: Any], let path = answer["path"] as? String
        else { throw School.Failed(what: "evidence make", transcript: made.transcript) }
        return URL(filePath: path)
    }

    /// Our verifier, and what an outsider has instead of it.
    private func strangersAccept(_ bundle: URL) async throws {
        let ours = try await Tool(product: "daybook-verify").run([bundle.pathText])
        // 4 says: good, with warnings; nobody outside holds a checkpoint of a test.
        #expect(ours.status == 4, "\(ours.transcript)")
        let lines = [
            "sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt",
            """
            openssl pkeyutl -verify -pubin -inkey keys/issuer.pem -rawin \
            -in tagmanifest-sha256.txt -sigfile signatures/tagmanifest-sha256.txt.sig
            """,
            """
            ssh-keygen -Y verify -f keys/allowed_signers -I "$(cut -d' ' -f1 keys/allowed_signers)" \
            -n sg-evidence-v1 -s signatures/tagmanifest-sha256.txt.sshsig < tagmanifest-sha256.txt
            """,
        ]
        for line in lines {
            let result = try await Tool(named: "sh").run(["-c", line], workingDirectory: bundle)
            #expect(result.status == 0, "\(line)\n\(result.transcript)")
        }
        let bagit = try await Tool.python().run(["-m", "bagit", "--validate", bundle.pathText])
        #expect(bagit.status == 0, "\(bagit.transcript)")
    }

    private func everyFlipIsNoticed(in bundle: URL) async throws {
        let proofs = try FileManager.default.contentsOfDirectory(
            atPath: bundle.appending(path: "data/proof").pathText
        ).sorted()
        // One file of each kind; the unit tests of the format flip every byte.
        let kinds = Dictionary(grouping: proofs) { $0.split(separator: ".").last ?? "" }
        let files =
            [
                "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt",
                "signatures/tagmanifest-sha256.txt.sig", "keys/issuer.pem", "keys/log.vkey",
                "data/events.csv", "data/text.csv", "data/custody.csv", "data/incident.json",
                "data/START-HERE.html",
            ] + kinds.values.compactMap(\.first).sorted().map { "data/proof/" + $0 }
        for file in files {
            let url = bundle.appending(path: file)
            let good = try Data(contentsOf: url)
            var flipped = good
            flipped[flipped.count / 2] ^= 1
            try flipped.write(to: url)
            let result = try await Tool(product: "daybook-verify").run([bundle.pathText])
            #expect([1, 2].contains(result.status), "\(file): \(result.transcript)")
            try good.write(to: url)
        }
    }

    private func nightTwice(of day: String, in school: School) async throws {
        try await school.manage("night", "--date", day)
        let folder = school.data + "/reports/" + day
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["morning.html", "morning.json"])
        let first = try names.map { try Data(contentsOf: URL(filePath: folder + "/" + $0)) }
        try await school.manage("night", "--date", day)
        let second = try names.map { try Data(contentsOf: URL(filePath: folder + "/" + $0)) }
        #expect(first == second, "the same day gave other bytes")
    }

    struct FoundIncident {
        let id: String
        let student: String
        let theme: String

        func `is`(_ trouble: SchoolDays.Planted) -> Bool {
            student == trouble.student && theme == trouble.theme
        }
    }

    private func incidents(of school: School) async throws -> [FoundIncident] {
        let result = try await school.ask("incidents", "--json")
        guard result.status == 0,
            let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
                as? [String: Any], let rows = answer["incidents"] as? [[String: Any]]
        else { throw School.Failed(what: "incidents", transcript: result.transcript) }
        return rows.map { row in
            FoundIncident(
                id: row["id"] as? String ?? "", student: row["student"] as? String ?? "",
                theme: row["theme"] as? String ?? "")
        }
    }
}

/// Some days of a simulated school: all sessions in which something is planted, and a few others.
struct SchoolDays {
    /// A planted trouble, as incidents name it.
    struct Planted {
        let id: String
        let student: String
        let theme: String
        /// What its student typed, as it was left.
        let texts: [String]
    }

    private(set) var planted: [Planted] = []
    let lastDay: String
    private(set) var eventCount = 0
    /// Lines of the machines with an agent, and of those without.
    private var signed: [UInt8] = []
    private var plain: [[UInt8]] = []

    init(seed: UInt64, pupils: Int, days count: Int) throws {
        guard let monday = CivilDate(year: 2_026, month: 11, day: 23) else {
            throw School.Failed(what: "date", transcript: "")
        }
        let days = SimulatedSchool.School.weekdays(from: SchoolDay(monday), count: count)
        let simulated = SimulatedSchool.School(seed: seed, pupils: pupils, days: days)
        lastDay = days.last?.description ?? ""
        var texts: [PlantedText] = []
        var others = 0
        for session in simulated.sessions() {
            if session.planted.isEmpty {
                others += 1
                guard others <= 4 else { continue }
            }
            texts += session.planted
            eventCount += session.events.count
            add(session)
        }
        planted = simulated.plantedTroubles(among: texts).map { trouble in
            Planted(
                id: trouble.id, student: trouble.student.rawValue, theme: trouble.theme.rawValue,
                texts: trouble.texts.filter { $0.student == trouble.student && $0.kind == .key }
                    .map(\.text))
        }
    }

    private mutating func add(_ session: SimulatedSession) {
        let hasAgent = session.deviceNumber % 3 != 2
        for event in session.events {
            if hasAgent {
                NDJSONLine.append(event, session.context, to: &signed)
            } else {
                var line: [UInt8] = []
                NDJSONLine.append(event, session.context, to: &line)
                plain.append(line)
            }
        }
    }

    /// Sends all of it and returns when all of it is acknowledged.
    func send(
        through workstation: Workstation, and door: Door,
        isolation: isolated (any Actor)? = #isolation
    ) async throws {
        let file = workstation.folder.appending(path: "school.ndjson")
        try Data(signed).write(to: file)
        try await workstation.replay(file.pathText)
        for start in stride(from: 0, to: plain.count, by: 1_000) {
            let lines = plain[start..<min(plain.count, start + 1_000)]
            try await door.postUntilTaken(
                "/v1/ingest", Array(lines.joined()),
                headers: ["Idempotency-Key": "lines-\(start)"]
            ) { $0.json["accepted"] as? Int == lines.count }
        }
    }
}
