import Events
import HTTPTypes
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct DetectionLineTests {
    /// A conversation with trouble in it, from several pupils, in batches of a few lines each.
    private func conversation(in fixture: CollectorFixture) async throws {
        let messages = [
            "s1001": ["hello there", "go and kill yourself", "nobody would care"],
            "s1002": ["volcanoes are hot", "you are so ugly kill yourself", "lol"],
            "s1003": ["homework is due", "my name is sam"],
        ]
        var lines: [String: [String]] = [:]
        for (user, texts) in messages {
            var sequence = 0
            lines[user] = texts.flatMap { text in
                (Array(text).map { String($0) } + ["Enter"]).map { key in
                    defer { sequence += 1 }
                    return Line.key(key, sequence, user: user, second: sequence / 3)
                }
            }
        }
        // Interleaved, seven keys a batch, so that passages reach over batches.
        while lines.values.contains(where: { !$0.isEmpty }) {
            for user in messages.keys.sorted() {
                guard let rest = lines[user], !rest.isEmpty else { continue }
                #expect(try await fixture.ingest(Array(rest.prefix(7))).status == .ok)
                lines[user] = Array(rest.dropFirst(7))
            }
        }
    }

    /// A finding without what differs from run to run.
    private func found(_ fixture: CollectorFixture) throws -> [String] {
        try fixture.parts.store.catalogue.findings(student: nil, from: nil, to: nil).map {
            "\($0.student) \($0.ruleID) \($0.reading) \($0.firstSequence)-\($0.lastSequence) \($0.leaf)"
        }.sorted()
    }

    @Test func `a disclosure is found, stored, and given a leaf and an incident`() async throws {
        let fixture = try CollectorFixture()
        try await conversation(in: fixture)
        let rules = fixture.rules
        let line = try DetectionLine(parts: fixture.parts, rules: rules)
        while try await !line.step() {}
        let findings = try fixture.parts.store.catalogue.findings(
            student: StudentID("s1001"), from: nil, to: nil)
        #expect(findings.contains { $0.theme == "suicide" })
        #expect(findings.allSatisfy { $0.findingLeaf != nil && $0.incident != nil })
        #expect(
            try fixture.parts.store.catalogue.findings(
                student: StudentID("s1003"), from: nil, to: nil
            ).isEmpty)
        let incidents = try fixture.parts.store.catalogue.incidents()
        #expect(!incidents.isEmpty)
        let answer = try await fixture.ask("/v1/incidents/query", #"{"student":"s1001"}"#)
        #expect((try answer.json["incidents"] as? [Any])?.isEmpty == false)
        #expect(!answer.text.contains("kill"))
    }

    @Test(arguments: [0, 1, 2, 3, 5, 8, 11, 14, 17, 20])
    func `a line that dies after any batch and starts again finds the same, once`(batches: Int)
        async throws
    {
        let fixture = try CollectorFixture()
        try await conversation(in: fixture)
        let expected = try await undisturbed()
        #expect(!expected.isEmpty)
        let rules = fixture.rules
        var line = try RunningLine(fixture.parts, rules: rules, batchesMaximum: 1)
        for _ in 0..<batches { _ = try line.step() }
        _ = try line.commit()
        // What is taken in from here on dies with the line.
        for _ in 0..<3 { _ = try line.takeEntries() }
        line = try RunningLine(fixture.parts, rules: rules)
        while try !line.step().isIdle {}
        #expect(try found(fixture) == expected)
    }

    /// What a line that nothing happens to finds in the same conversation.
    private func undisturbed() async throws -> [String] {
        let fixture = try CollectorFixture()
        try await conversation(in: fixture)
        var line = try RunningLine(fixture.parts, rules: fixture.rules)
        while try !line.step().isIdle {}
        return try found(fixture)
    }

    @Test func `a passage of a session that fell silent is ended after 150 s of receipt time`()
        async throws
    {
        let fixture = try CollectorFixture()
        let text = Array("go and kill yourself").map { String($0) }
        _ = try await fixture.ingest(text.enumerated().map { Line.key($1, $0, second: $0 / 3) })
        var line = try RunningLine(fixture.parts, rules: fixture.rules)
        _ = try line.step()
        #expect(try found(fixture).isEmpty)
        fixture.advance(byMilliseconds: 149_000)
        _ = try line.step()
        #expect(try found(fixture).isEmpty)
        fixture.advance(byMilliseconds: 2_000)
        _ = try line.step()
        #expect(try !found(fixture).isEmpty)
    }

    @Test func `an open passage holds the stored position back, and only that`() async throws {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0)])
        _ = try await fixture.ingest([
            Line.key("b", 0, user: "s1002"), Line.key("Enter", 1, user: "s1002"),
        ])
        _ = try await fixture.ingest([Line.key("c", 1)])
        let rules = fixture.rules
        var line = try RunningLine(fixture.parts, rules: rules)
        _ = try line.step()
        _ = try line.commit()
        let cursor = try fixture.parts.store.catalogue.cursor(DetectionLine.cursorName)
        #expect(cursor == JournalPosition(leaf: 0))
        fixture.advance(byMilliseconds: 151_000)
        _ = try line.step()
        _ = try line.commit()
        let after = try fixture.parts.store.catalogue.cursor(DetectionLine.cursorName)
        #expect(after == fixture.parts.store.end)
    }
}
