import Access
import Casework
import Events
import TestSupport
import Testing

/// A finding on a day of November 2026, for tests of grouping.
func finding(
    _ id: Int64, _ day: Int, _ theme: Theme, _ severity: Severity, of name: String = "pupil.one",
    hour: Int = 10
) throws -> CaseFinding {
    let date = try #require(CivilDate(year: 2026, month: 11, day: 1))
    let time = SchoolDay(date.advanced(byDays: day - 1)).start
        .advanced(byMilliseconds: Int64(hour) * 3_600_000)
    return CaseFinding(
        id: id, student: try #require(StudentID(name)), time: time, theme: theme,
        severity: severity)
}

/// Groups findings in the order given, as a store without disk would.
func grouped(_ findings: [CaseFinding]) throws -> [Incident] {
    var members: [IncidentID: [CaseFinding]] = [:]
    var builder = IncidentBuilder(after: [])
    for finding in findings {
        switch builder.placement(of: finding) {
        case .joins(let id):
            members[id, default: []].append(finding)
            builder.note(finding, in: id)
        case .opens:
            let id = try #require(IncidentID(year: 2026, number: members.count + 1))
            members[id] = [finding]
            builder.note(finding, in: id)
        case .recordOnly: continue
        }
    }
    return try members.sorted { $0.key < $1.key }.map {
        try #require(Incident($0.key, of: $0.value))
    }
}

@Suite struct IncidentBuilderTests {
    @Test func `a campaign over days is one incident, one step more urgent than its worst day`()
        throws
    {
        let incidents = try grouped([
            finding(1, 2, .bullying, .watch), finding(2, 3, .bullying, .thisWeek),
            finding(3, 5, .bullying, .watch), finding(4, 9, .harassmentSexual, .watch),
        ])
        #expect(incidents.count == 1)
        let incident = try #require(incidents.first)
        #expect(incident.id.description == "I-2026-000001")
        #expect(incident.findingCount == 4)
        #expect(incident.dayCount == 4)
        #expect(incident.severity == .sameDay)
        #expect(incident.theme == .bullying)
        #expect(incident.reasons.count == 2)
        #expect(incident.referral.procedure == .antiBullying)
        #expect(
            incident.summary
                == "Possible bullying, with possible sexual harassment: 4 findings on 4 days.")
    }

    @Test func `one student with two kinds of trouble has two incidents`() throws {
        let incidents = try grouped([
            finding(1, 2, .bullying, .watch), finding(2, 2, .suicide, .sameDay),
            finding(3, 2, .filterBypass, .thisWeek), finding(4, 2, .selfHarm, .thisWeek),
        ])
        #expect(incidents.map(\.theme) == [.bullying, .suicide, .filterBypass])
        #expect(
            incidents.map(\.referral.procedure) == [
                .antiBullying, .safeguarding, .informationTechnology,
            ])
        #expect(incidents[1].themes == [.suicide, .selfHarm])
    }

    @Test func `two students never share an incident`() throws {
        let incidents = try grouped([
            finding(1, 2, .bullying, .watch, of: "pupil.one"),
            finding(2, 2, .bullying, .watch, of: "pupil.two"),
        ])
        #expect(incidents.map(\.student.rawValue) == ["pupil.one", "pupil.two"])
    }

    @Test func `seven days of quiet still belong together, eight do not`() throws {
        #expect(
            try grouped([finding(1, 2, .threat, .sameDay), finding(2, 9, .threat, .watch)]).count
                == 1)
        #expect(
            try grouped([finding(1, 2, .threat, .sameDay), finding(2, 10, .threat, .watch)]).count
                == 2)
    }

    @Test func `the seven days run from the last finding, not from the first`() throws {
        let incidents = try grouped(
            (0..<5).map { try finding($0 + 1, Int(2 + 6 * $0), .bullying, .watch) })
        #expect(incidents.count == 1)
        #expect(incidents.first?.dayCount == 5)
    }

    @Test func `findings for the record only never open an incident, however many`() throws {
        let swearing = try (0..<200).map {
            try finding(Int64($0), 2 + $0 / 20, .swearingOnly, .recordOnly)
        }
        #expect(try grouped(swearing).isEmpty)
        #expect(Incident(try #require(IncidentID(year: 2026, number: 1)), of: swearing) == nil)
    }

    @Test func `findings for the record only join an open incident and do not keep it open`() throws
    {
        let incidents = try grouped([
            finding(1, 2, .bullying, .watch), finding(2, 8, .bullying, .recordOnly),
            finding(3, 14, .bullying, .watch),
        ])
        #expect(incidents.count == 2)
        #expect(incidents[0].findingCount == 2)
        #expect(incidents[0].dayCount == 1)
        #expect(incidents[0].severity == .watch)
    }

    @Test func `a late finding joins the incident it would have stood in`() throws {
        let incidents = try grouped([
            finding(1, 10, .bullying, .watch), finding(2, 4, .bullying, .watch),
        ])
        #expect(incidents.count == 1)
        #expect(incidents.first?.first == (try finding(2, 4, .bullying, .watch)).time)
    }

    @Test func `a late finding between two incidents joins the nearer one`() throws {
        let incidents = try grouped([
            finding(1, 2, .bullying, .watch), finding(2, 12, .bullying, .watch),
            finding(3, 8, .bullying, .watch),
        ])
        #expect(incidents.map(\.findingCount) == [1, 2])
    }

    @Test func `coming back never makes an incident act-now, and a proxy twice is not more urgent`()
        throws
    {
        #expect(
            try grouped([finding(1, 2, .suicide, .sameDay), finding(2, 3, .suicide, .sameDay)])
                .map(\.severity) == [.sameDay])
        #expect(
            try grouped([
                finding(1, 2, .filterBypass, .thisWeek), finding(2, 3, .filterBypass, .thisWeek),
            ]).map(\.severity) == [.thisWeek])
        #expect(try grouped([finding(1, 2, .suicide, .actNow)]).map(\.severity) == [.actNow])
    }

    @Test func `days are school days in London, not days of UTC`() throws {
        let date = try #require(CivilDate(year: 2026, month: 7, day: 1))
        let midnight = SchoolDay(date).start
        var findings = [try finding(1, 1, .bullying, .watch), try finding(2, 1, .bullying, .watch)]
        findings[0].time = midnight.advanced(byMilliseconds: -1)
        findings[1].time = midnight.advanced(byMilliseconds: 1)
        #expect(try grouped(findings).first?.dayCount == 2)
        findings[0].time = midnight
        #expect(try grouped(findings).first?.dayCount == 1)
    }

    @Test func `an incident does not depend on the order of its findings`() throws {
        let themes: [Theme] = [.bullying, .threat, .hateRace, .reputation]
        try forAll { random in
            var findings: [CaseFinding] = []
            for id in 0..<random.int(in: 1...12) {
                findings.append(
                    try finding(
                        Int64(id), random.int(in: 2...8), random.element(of: themes),
                        random.element(of: Severity.allCases), hour: random.int(in: 0...23)))
            }
            return findings
        } check: { findings in
            let id = try #require(IncidentID(year: 2026, number: 7))
            #expect(Incident(id, of: findings) == Incident(id, of: findings.reversed()))
        }
    }

    @Test func `no summary judges: the first word is possible, and no name stands in it`() throws {
        for theme in Theme.allCases {
            let id = try #require(IncidentID(year: 2026, number: 1))
            let incident = try #require(Incident(id, of: [try finding(1, 2, theme, .watch)]))
            #expect(incident.summary.hasPrefix("Possible \(theme.plainName)"))
            #expect(!incident.summary.contains("pupil"))
        }
    }
}

@Suite struct IncidentIDTests {
    @Test(arguments: [
        (2026, 1, "I-2026-000001"), (2026, 999_999, "I-2026-999999"),
        (1999, 123_456, "I-1999-123456"),
    ])
    func `an id is written with six digits and read back`(year: Int, number: Int, text: String)
        throws
    {
        let id = try #require(IncidentID(year: year, number: number))
        #expect(id.description == text)
        #expect(IncidentID(text) == id)
    }

    @Test(arguments: [
        "", "I-2026-1", "I-2026-0000001", "i-2026-000001", "I-2026-000000", "I-2026-00000a",
        "I-26-000001", "I-2026-000001-", " I-2026-000001", "I-2026-000001\n", "I--2026-00001",
        "I-2026-+00001", "I-0999-000001", "../../etc/pas", "I-2026-٠٠٠٠٠١",
    ])
    func `anything else is no id`(text: String) {
        #expect(IncidentID(text) == nil)
    }

    @Test func `numbers outside six digits are no id`() {
        #expect(IncidentID(year: 2026, number: 0) == nil)
        #expect(IncidentID(year: 2026, number: 1_000_000) == nil)
        #expect(IncidentID(year: 10_000, number: 1) == nil)
    }
}

@Suite struct ReferralTests {
    @Test func `P46: where any theme is safeguarding, the child comes before the sanction`() {
        let referral = Referral(themes: [.bullying, .threat], severity: .thisWeek)
        #expect(referral.procedure == .safeguarding)
        #expect(referral.contact == .coordinator)
        #expect(referral.deadline == "look this week")
    }

    @Test func `every theme has a procedure, a family and a plain name without a capital`() {
        for theme in Theme.allCases {
            #expect(Referral(themes: [theme], severity: .watch).procedure == theme.procedure)
            #expect(!theme.plainName.isEmpty)
            #expect(theme.plainName.first?.isUppercase == false)
        }
        #expect(Theme.illegal.family == .illegal)
        #expect(Set(Theme.allCases.map(\.family)).count == CaseFamily.allCases.count)
    }
}
