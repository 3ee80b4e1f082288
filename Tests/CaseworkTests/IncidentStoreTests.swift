import Casework
import Detection
import Events
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct IncidentStoreTests {
    private let now = Instant(milliseconds: 1_795_600_000_000)

    private func withCatalogue(_ body: (Catalogue) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            let catalogue = try Catalogue.open(at: directory.pathText)
            try body(catalogue)
            try catalogue.close()
        }
    }

    /// Stores findings as the detection line does and gives their rows.
    private func commit(_ findings: [CaseFinding], in catalogue: Catalogue) throws -> [FindingRow] {
        try catalogue.commitDetection(
            findings: findings.map(row), cursor: JournalPosition(leaf: 1))
    }

    private func row(_ finding: CaseFinding) throws -> FindingRow {
        FindingRow(
            Finding(
                ruleID: "rule-\(finding.theme.rawValue)", ruleTitle: "A rule",
                ruleVersion: "2026-11-01", ruleHash: String(repeating: "0", count: 64),
                theme: finding.theme, severity: finding.severity, reasons: ["Why \"so\"."],
                spans: [Span(reading: .asLeft, field: "TypedText", lower: 3, upper: 9)],
                firstSequence: UInt64(finding.id) * 10, lastSequence: UInt64(finding.id) * 10 + 5),
            context: SessionContext(
                machine: try #require(MachineID("PC-1")), student: finding.student,
                session: try #require(SessionID("session-1"))),
            device: try #require(DeviceName("device/1")), leaf: 4, time: finding.time,
            packVersion: "2026.11")
    }

    @Test func `new findings open an incident, later ones join it, and the row follows`() throws {
        try withCatalogue { catalogue in
            let store = IncidentStore(catalogue: catalogue)
            let opened = try store.group(
                try commit([try finding(1, 2, .bullying, .watch)], in: catalogue), at: now)
            #expect(opened.map(\.isNew) == [true])
            #expect(opened.map(\.incident.id.description) == ["I-2026-000001"])
            let grown = try store.group(
                try commit([try finding(2, 4, .threat, .sameDay)], in: catalogue),
                at: now.advanced(byMilliseconds: 1))
            #expect(grown.map(\.isNew) == [false])
            let row = try #require(try catalogue.incident(id: "I-2026-000001"))
            #expect(row.findingCount == 2)
            #expect(row.theme == "threat")
            #expect(row.severity == 4)
            #expect(row.procedure == "safeguarding")
            #expect(row.status == "open")
            #expect(row.created == now)
            #expect(row.summary == "Possible threat, with possible bullying: 2 findings on 2 days.")
            #expect(try catalogue.findingsWithoutIncident().isEmpty)
        }
    }

    @Test func `grouping the same findings again changes nothing`() throws {
        try withCatalogue { catalogue in
            let store = IncidentStore(catalogue: catalogue)
            let rows = try commit(
                [try finding(1, 2, .bullying, .watch), try finding(2, 20, .bullying, .watch)],
                in: catalogue)
            _ = try store.group(rows, at: now)
            let before = try catalogue.incidents()
            #expect(before.count == 2)
            #expect(try store.group(rows, at: now.advanced(byMilliseconds: 9)).isEmpty)
            #expect(try store.group(rows.reversed() + rows, at: now).isEmpty)
            #expect(try store.groupLeftovers(at: now).isEmpty)
            #expect(try catalogue.incidents() == before)
        }
    }

    @Test func `what a crash left without incident is grouped later, to the same incidents`() throws
    {
        var expected: [IncidentRow] = []
        let findings = [
            try finding(1, 2, .bullying, .watch), try finding(2, 3, .suicide, .sameDay),
            try finding(3, 5, .bullying, .thisWeek), try finding(4, 6, .swearingOnly, .recordOnly),
        ]
        try withCatalogue { catalogue in
            _ = try IncidentStore(catalogue: catalogue).group(
                try commit(findings, in: catalogue), at: now)
            expected = try catalogue.incidents()
        }
        try withCatalogue { catalogue in
            let rows = try commit(findings, in: catalogue)
            _ = try IncidentStore(catalogue: catalogue).group([rows[0]], at: now)
            let changes = try IncidentStore(catalogue: catalogue).groupLeftovers(at: now)
            #expect(changes.count == 2)
            #expect(try catalogue.incidents() == expected)
            #expect(try catalogue.findingsWithoutIncident().map(\.theme) == ["swearing-only"])
        }
    }

    @Test func `ids count on from where they were, in each year by itself, after a restart too`()
        throws
    {
        try withCatalogue { catalogue in
            for (index, year) in [2026, 2026, 2027, 2026].enumerated() {
                var found = try finding(
                    Int64(index + 1), 2, .drugs, .thisWeek, of: "pupil.\(index)")
                let date = try #require(CivilDate(year: year, month: 3, day: 2))
                found.time = SchoolDay(date).start
                _ = try IncidentStore(catalogue: catalogue).group(
                    try commit([found], in: catalogue), at: now)
            }
            #expect(
                try catalogue.incidents().map(\.id).sorted() == [
                    "I-2026-000001", "I-2026-000002", "I-2026-000003", "I-2027-000001",
                ])
        }
    }

    @Test func `an incident that a person has closed takes nothing more`() throws {
        try withCatalogue { catalogue in
            let store = IncidentStore(catalogue: catalogue)
            _ = try store.group(
                try commit([try finding(1, 2, .drugs, .thisWeek)], in: catalogue), at: now)
            var row = try #require(try catalogue.incidents().first)
            row.status = "closed"
            try catalogue.upsert(incident: row)
            _ = try store.group(
                try commit([try finding(2, 3, .drugs, .thisWeek)], in: catalogue), at: now)
            #expect(try catalogue.incidents().map(\.status).sorted() == ["closed", "open"])
            #expect(try catalogue.incident(id: "I-2026-000001") == row)
        }
    }

    @Test func `rows that belong to two students at once are kept apart`() throws {
        try withCatalogue { catalogue in
            let rows = try commit(
                [
                    try finding(1, 2, .bullying, .watch, of: "b"),
                    try finding(2, 2, .bullying, .watch, of: "a"),
                    try finding(3, 2, .bullying, .watch, of: "b"),
                ], in: catalogue)
            let changes = try IncidentStore(catalogue: catalogue).group(rows, at: now)
            #expect(changes.map(\.incident.student.rawValue) == ["a", "b"])
            #expect(changes.map(\.incident.findingCount) == [1, 2])
        }
    }

    @Test(arguments: ["no-such-theme", "", "bullying "])
    func `a stored finding that cannot be read is said, not skipped`(theme: String) throws {
        try withCatalogue { catalogue in
            var bad = try row(try finding(1, 2, .bullying, .watch))
            bad.theme = theme
            let rows = try catalogue.commitDetection(
                findings: [bad], cursor: JournalPosition(leaf: 1))
            #expect(throws: CaseworkError.self) {
                try IncidentStore(catalogue: catalogue).group(rows, at: now)
            }
            #expect(try catalogue.incidents().isEmpty)
        }
    }

    @Test func `S48: a student keeps one code, codes are given in order and hold no name`() throws {
        try withCatalogue { catalogue in
            let store = IncidentStore(catalogue: catalogue)
            let first = try #require(StudentID("zoe.example"))
            let second = try #require(StudentID("adam.example"))
            #expect(try store.code(of: first) == "S-0001")
            #expect(try store.code(of: second) == "S-0002")
            #expect(try IncidentStore(catalogue: catalogue).code(of: first) == "S-0001")
        }
    }

    @Test func `a finding comes back out of the catalogue as it went in`() throws {
        try withCatalogue { catalogue in
            let stored = try #require(
                try commit([try finding(7, 2, .hateLGBT, .sameDay)], in: catalogue).first)
            let read = try #require(try catalogue.findings(student: nil, from: nil, to: nil).first)
            #expect(read == stored)
            let finding = try read.finding()
            #expect(finding.theme == .hateLGBT)
            #expect(finding.reasons == ["Why \"so\"."])
            #expect(
                finding.spans == [Span(reading: .asLeft, field: "TypedText", lower: 3, upper: 9)])
            #expect(read.reading == "as-left")
            var broken = read
            broken.spansJSON = "[{"
            #expect(throws: CaseworkError.self) { try broken.finding() }
        }
    }

    @Test func `the order in which findings arrive does not change what a day's incidents say`()
        throws
    {
        try forAll(runs: 20) { random in
            let themes: [Theme] = [.bullying, .suicide, .filterBypass, .swearingOnly]
            let findings = try (1...12).map { id in
                try finding(
                    Int64(id), random.int(in: 2...6), random.element(of: themes),
                    random.element(of: Severity.allCases), of: "pupil.\(random.int(in: 1...3))")
            }
            return (findings, random.int(in: 1...11))
        } check: { findings, cut in
            var summaries: [Set<String>] = []
            for batches in [[findings], [Array(findings[..<cut]), Array(findings[cut...])]] {
                try withCatalogue { catalogue in
                    let store = IncidentStore(catalogue: catalogue)
                    for batch in batches {
                        _ = try store.group(try commit(batch, in: catalogue), at: now)
                    }
                    _ = try store.groupLeftovers(at: now)
                    summaries.append(
                        Set(
                            try catalogue.incidents().map {
                                "\($0.student) \($0.theme) \($0.severity) \($0.summary)"
                            }))
                }
            }
            #expect(summaries[0] == summaries[1])
        }
    }
}
