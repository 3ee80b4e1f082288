import Durable
import Events
import HTTPTypes
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct FindRouteTests {
    /// `hi`, one Backspace, `o`, Enter, then another window with `bye`.
    private func typedStory() async throws -> CollectorFixture {
        let fixture = try CollectorFixture()
        var lines = [Line.window("Essay", 0)]
        for (index, key) in ["h", "i", "Backspace", "o", "Enter"].enumerated() {
            lines.append(Line.key(key, index + 1))
        }
        for (index, key) in ["b", "y", "e"].enumerated() {
            lines.append(Line.key(key, index + 6, window: "Chat"))
        }
        lines.append(Line.key("z", 0, user: "s2002"))
        #expect(try await fixture.ingest(lines).status == .ok)
        return fixture
    }

    private func passages(_ response: TestResponse) throws -> [[String: Any]] {
        try #require(try response.json["passages"] as? [[String: Any]])
    }

    @Test func `a student's events and passages come in both readings, nobody else's`()
        async throws
    {
        let fixture = try await typedStory()
        let response = try await fixture.ask("/v1/find", #"{"student":"s1001"}"#)
        #expect(response.status == .ok)
        let found = try passages(response)
        #expect(found.map { $0["asLeft"] as? String } == ["ho", "bye"])
        #expect(found.first?["asTyped"] as? String == "hi\u{232B}o")
        #expect(found.map { $0["window"] as? String } == ["Essay", "Chat"])
        let events = try #require(try response.json["events"] as? [[String: Any]])
        #expect(events.map { $0["seq"] as? Int } == Array(0...8))
        #expect(try response.json["elapsedMilliseconds"] is Int)
    }

    @Test(arguments: [
        (#""phrase":"BYE""#, ["bye"]), (#""phrase":"hi""#, ["ho"]),
        (#""phrase":"nothing""#, []), (#""kind":"window""#, []), (#""kind":"key""#, ["ho", "bye"]),
        (#""from":"2026-11-24""#, ["ho", "bye"]), (#""from":"2026-11-25""#, []),
        (#""to":"2026-11-24""#, ["ho", "bye"]), (#""to":"2026-11-23""#, []),
        (#""from":"2026-11-24T09:00:16Z""#, ["bye"]),
    ])
    func `phrase, kind and period narrow the search`(condition: String, left: [String])
        async throws
    {
        let fixture = try await typedStory()
        let response = try await fixture.ask(
            "/v1/find", #"{"student":"s1001",\#(condition)}"#)
        #expect(try passages(response).map { $0["asLeft"] as? String } == left)
    }

    @Test func `the purpose stands in the audit, with the student and the leaf (S17)`()
        async throws
    {
        let fixture = try await typedStory()
        let size = fixture.parts.store.treeSize()
        _ = try await fixture.ask(
            "/v1/find", #"{"student":"s1001","purpose":"worried about a message"}"#)
        let rows = try fixture.parts.store.catalogue.audit(from: nil, to: nil, subject: nil)
        #expect(rows.map(\.purpose) == ["worried about a message"])
        #expect(rows.map(\.subject) == ["s1001"])
        #expect(rows.map(\.actor) == ["coordinator"])
        #expect(rows.map(\.leaf) == [size])
        #expect(fixture.parts.store.treeSize() == size + 1)
    }

    @Test func `a purpose under 10 characters is refused and nothing is read`() async throws {
        let fixture = try await typedStory()
        let response = try await fixture.ask("/v1/find", #"{"student":"s1001","purpose":"why"}"#)
        #expect(response.status == .forbidden)
        #expect(!response.text.contains("bye"))
        #expect(
            try fixture.parts.store.catalogue.audit(from: nil, to: nil, subject: nil).isEmpty)
    }

    @Test(arguments: 0..<4)
    func `when the audit row cannot be written nothing is shown (S17, S-b)`(call: Int)
        async throws
    {
        let fixture = try await typedStory()
        fixture.files.fail(call: fixture.files.callCount + call, with: .error(28))
        let response = try await fixture.ask("/v1/find", #"{"student":"s1001"}"#)
        let rows = try fixture.parts.store.catalogue.audit(from: nil, to: nil, subject: nil)
        if rows.isEmpty {
            #expect(response.status.kind == .serverError)
            #expect(!response.text.contains("Essay"))
        }
    }

    @Test(arguments: [
        (#"{}"#, "field student is missing"), (#"{"student":""}"#, "field student is missing"),
        (#"{"student":5}"#, "field student has the wrong type"),
        (#"[]"#, "wrong type"), (#"nonsense"#, "not a JSON object"), ("", "not a JSON object"),
        (#"{"student":"s","kind":"mind"}"#, "field kind must be one of key secret"),
        (#"{"student":"s","from":"yesterday"}"#, "field from must be RFC 3339 or YYYY-MM-DD"),
        (#"{"student":"s","to":"2026-13-01"}"#, "field to must be RFC 3339 or YYYY-MM-DD"),
    ])
    func `a bad question is 400 and says which field`(body: String, detail: String) async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ask("/v1/find", body)
        #expect(response.status == .badRequest)
        #expect(try response.detail.contains(detail), "\(response.text)")
    }

    @Test func `a question over 16 KiB is 413`() async throws {
        let fixture = try CollectorFixture()
        let long = String(repeating: "x", count: 17_000)
        let response = try await fixture.ask("/v1/find", #"{"student":"s","phrase":"\#(long)"}"#)
        #expect(response.status == .contentTooLarge)
    }
}
