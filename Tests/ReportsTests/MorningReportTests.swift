import Events
import Foundation
import Testing

@testable import Reports

/// A report with something in every part.
func fullReport() -> MorningReport {
    func entry(_ number: Int, _ severity: Int, _ deadline: String, _ summary: String)
        -> MorningReport.Entry
    {
        MorningReport.Entry(
            id: "I-2026-00000\(number)", student: "S-000\(number)", theme: "bullying",
            severity: severity, deadline: deadline, procedure: "anti-bullying",
            contact: "e-Safety Coordinator", summary: summary,
            reasons: [
                "The most urgent finding has severity \(severity).",
                "One step more urgent because it came back on 4 days.",
            ], findings: 7, findingsToday: 3, first: "2026-11-20T09:12:00.000Z",
            last: "2026-11-24T14:47:31.000Z")
    }
    return MorningReport(
        format: MorningReport.formatName, school: "Hillside School", day: "2026-11-24",
        made: "2026-11-25T02:00:03.120Z",
        incidents: [
            entry(1, 5, "act now", "Possible suicidal thoughts: 7 findings on one day."),
            entry(2, 4, "look today", "Possible bullying: 7 findings on 4 days."),
            entry(3, 3, "look this week", "Possible bypass of the filter: one finding on one day."),
            entry(4, 2, "keep an eye on", "Possible bullying: one finding on one day."),
        ],
        earlier: [entry(5, 3, "look this week", "Possible drugs: one finding on one day.")],
        olderCount: 2,
        coverage: CoverageReport(
            machines: [
                .init(
                    name: "ROOM12-PC03", events: 12_480, sessions: 4, accounts: 4,
                    first: "2026-11-24T08:41:00.000Z", last: "2026-11-24T15:20:00.000Z"),
                .init(
                    name: "LIB-PC01", events: 830, sessions: 2, accounts: 2,
                    first: "2026-11-24T10:02:00.000Z", last: "2026-11-24T12:59:00.000Z"),
            ],
            silent: [.init(name: "ROOM12-PC07", lastSeen: "2026-11-20T15:11:00.000Z")],
            gaps: [.init(device: "device/7f3a9c21", machine: "ROOM12-PC03", first: 900, last: 955)],
            clocks: [
                .init(device: "device/7f3a9c21", machine: "ROOM12-PC03", milliseconds: -61_200)
            ],
            withoutNotice: [.init(machine: "LIB-PC01", sessions: 1)]),
        themes: [
            .init(theme: "bullying", name: "bullying", risk: "conduct", findings: 10, students: 3)
        ],
        risks: [
            .init(risk: "conduct", findings: 10), .init(risk: "contact", findings: 0),
            .init(risk: "content", findings: 7), .init(risk: "commerce", findings: 0),
        ],
        rules: .init(version: "2026.11.1", hash: String(repeating: "ab", count: 32), rules: 164),
        store: .init(isWhole: true, summary: "9 files read, all whole.", damage: []),
        checkpoint:
            "collector.hillside.example/log1\n120\nqqqq=\n\n— collector.hillside.example/log1 abc=\n",
        issuerFingerprint: "SHA256:abcdefghijklmnopqrstuvwxyz",
        notCovered: MorningReport.alwaysNotCovered)
}

@Suite struct MorningReportTests {
    @Test func `what needs a person today comes first, in order of severity`() throws {
        let html = fullReport().html()
        let order = [
            "<h1>", "2 possible incidents need a person today, 1 of them at once",
            "The record has holes",
            "Needs a person today", "I-2026-000001", "I-2026-000002", "To look at this week",
            "I-2026-000003", "To keep an eye on", "I-2026-000004", "Still open from earlier days",
            "I-2026-000005", "2 older incidents are", "What was recorded, and what was not",
            "ROOM12-PC07", "900 to 955", "LIB-PC01", "Findings of the day",
            "How this report was made",
            "2026.11.1", "SHA256:abcdefghijklmnopqrstuvwxyz", "What this report does not show",
        ]
        var rest = html[...]
        for words in order {
            let found = try #require(rest.range(of: words), "\(words) is missing or too early")
            rest = rest[found.upperBound...]
        }
    }

    @Test func `the page loads nothing, runs nothing and says its language`() {
        let html = fullReport().html()
        #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en-GB\">"))
        #expect(html.contains("default-src 'none'; style-src 'unsafe-inline'"))
        for forbidden in [
            "<script", "src=", "@import", "url(", "javascript:", "http:", "https:", "onload",
            "<link",
        ] {
            #expect(!html.lowercased().contains(forbidden), "\(forbidden)")
        }
        #expect(html.contains("@page { size: A4;"))
    }

    @Test func `every table has a caption and column heads with a scope`() {
        let html = fullReport().html()
        let tables = html.split(separator: "<table>").dropFirst()
        #expect(tables.count == 8)
        for table in tables {
            #expect(table.hasPrefix("\n<caption>"))
            #expect(table.contains("<th scope=\"col\""))
        }
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</table></main>",
        "&lt;b&gt;",
        "it's \u{202E}gnp.exe", "null\u{0}escape\u{1B}[31m", "</style><style>*{display:none}",
        "<!--", "a\u{2028}b", "{{machine}}", "\\(name)", "‮‏⁦",
    ])
    func `S27: hostile names stand in the page as harmless text`(hostile: String) {
        var report = fullReport()
        report.school = hostile
        report.coverage.machines[0].name = hostile
        report.coverage.silent[0].name = hostile
        report.coverage.gaps[0].device = hostile
        report.rules.version = hostile
        report.incidents[0].summary = hostile
        report.incidents[0].student = hostile
        report.checkpoint = hostile
        report.store.damage = [hostile]
        report.made = hostile
        let html = report.html()
        let plain = fullReport().html()
        for tag in [
            "<script", "<img", "<!--", "<style", "</style", "<table", "</table", "<main", "</main",
            "<li",
        ] {
            let allowed = tag == "<li" ? 1 : 0
            #expect(
                html.components(of: tag) - plain.components(of: tag) == allowed, "\(tag)")
        }
        #expect(
            html.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F })
        #expect(
            !html.unicodeScalars.contains {
                (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
                    || $0.value == 0x2028
            })
        #expect(html.components(of: "\"><img") == 0)
    }

    @Test func `P50: where nothing was recorded it says so, and never that nothing happened`() {
        var report = fullReport()
        report.incidents = []
        report.coverage = CoverageReport(
            machines: [], silent: report.coverage.silent, gaps: [], clocks: [], withoutNotice: [])
        let html = report.html()
        #expect(html.contains("Nothing was recorded on this day, so nothing can be said about it."))
        #expect(html.contains("no machine sent anything, 1 machine was silent"))
        #expect(!html.contains("No possible incident"))
        #expect(html.contains("cannot say that nothing happened"))
    }

    @Test
    func `a quiet, complete day has no warning and still says what is not covered (U18, U28)`() {
        var report = fullReport()
        report.incidents = []
        report.earlier = []
        report.olderCount = 0
        report.coverage = CoverageReport(
            machines: report.coverage.machines, silent: [], gaps: [], clocks: [], withoutNotice: [])
        let html = report.html()
        #expect(html.contains("No possible incident came out of what was recorded on this day."))
        #expect(!html.contains("class=\"warning\""))
        #expect(html.contains("personal devices are not covered"))
        #expect(html.contains("Pictures, video and sound are not analysed"))
        #expect(!html.contains("Still open"))
    }

    @Test func `a damaged store is said in the report, file by file`() {
        var report = fullReport()
        report.store = .init(
            isWhole: false, summary: "2 of 9 files are damaged.", damage: ["segments/4: bytes 0-99"]
        )
        #expect(report.html().contains("<p class=\"warning\">Store: 2 of 9 files are damaged.</p>"))
        #expect(report.html().contains("<li>segments/4: bytes 0-99</li>"))
    }

    @Test func `times are London's, with summer time said`() {
        var report = fullReport()
        report.incidents[0].last = "2026-07-01T12:00:00.000Z"
        #expect(report.html().contains("1 July, 13:00 BST"))
        #expect(report.html().contains("25 November, 02:00 GMT"))
        #expect(report.html().contains("Tuesday 24 November 2026"))
    }

    @Test func `the same facts give the same bytes, in HTML and JSON, in whatever order they came`()
        throws
    {
        var report = fullReport()
        report.coverage = CoverageReport(
            machines: report.coverage.machines.reversed(), silent: report.coverage.silent,
            gaps: report.coverage.gaps, clocks: report.coverage.clocks,
            withoutNotice: report.coverage.withoutNotice)
        #expect(report.html() == fullReport().html())
        #expect(try report.json() == fullReport().json())
    }

    @Test func `the JSON names its format, has sorted keys and ends with a line feed`() throws {
        let text = String(decoding: try fullReport().json(), as: UTF8.self)
        #expect(text.contains("\"format\" : \"daybook.morning-report/v1\""))
        #expect(text.hasSuffix("}\n"))
        let coverage = try #require(text.range(of: "\"coverage\""))
        let themes = try #require(text.range(of: "\"themes\""))
        #expect(coverage.lowerBound < themes.lowerBound)
    }

    @Test func `large numbers are grouped, one is singular`() {
        var report = fullReport()
        report.coverage.machines = [report.coverage.machines[0]]
        report.coverage.machines[0].events = 1_234_567
        report.coverage.machines[0].sessions = 1
        #expect(
            report.html().contains("1,234,567 events from 1 machine in\n1 login session.")
                || report.html().contains("1,234,567 events from 1 machine in 1 login session."))
    }
}

extension String {
    /// How often a piece occurs.
    func components(of piece: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.range(of: piece) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
