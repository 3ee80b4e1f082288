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
                let missed = days.planted.filter { trouble in
                    !incidents.contains {
                        $0.student == trouble.student && $0.theme == trouble.theme
                    }
                }
                #expect(missed.isEmpty, "not found: \(missed)")
            }
        }
    }

    struct FoundIncident {
        let id: String
        let student: String
        let theme: String
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
        planted = simulated.plantedTroubles(among: texts).map {
            Planted(id: $0.id, student: $0.student.rawValue, theme: $0.theme.rawValue)
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
