import Bytes
import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct IngestRouteTests {
    @Test func `good lines are stored, key times rounded down to the second (G1)`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest([Line.window("Essay", 0), Line.key("a", 1)])
        #expect(response.status == .ok)
        #expect(
            response.text
                == #"{"accepted":2,"duplicates":0,"rejected":[],"repaired":[]}"#)
        let events = try fixture.parts.store.events(matching: .init())
        #expect(events.map(\.event.sequence) == [0, 1])
        #expect(events.last?.event.time.milliseconds == 1_795_510_811_000)
    }

    @Test(arguments: ["gzip", "zstd", nil] as [String?])
    func `each encoding is read`(encoding: String?) async throws {
        let fixture = try CollectorFixture()
        let plain = Array((Line.key("a", 0) + "\n" + Line.key("b", 1)).utf8)
        let body =
            switch encoding {
            case "gzip": try await Compressed.gzip(plain)
            case "zstd": Zstd.compress(plain, level: 3)
            default: plain
            }
        let response = try await fixture.ingest(body: body, encoding: encoding)
        #expect(response.status == .ok)
        #expect(try fixture.stored() == [0, 1])
    }

    /// A bad line, its reason, and nothing lost around it.
    struct BadLine: Sendable, CustomTestStringConvertible {
        let line: String
        let error: String
        var testDescription: String { error }
    }

    static let badLines: [BadLine] = [
        BadLine(line: "broken", error: "not valid JSON at byte 0: not an object"),
        BadLine(line: #"{"kind":"key""#, error: "not valid JSON at byte 13: ends too early"),
        BadLine(
            line: Line.key("a", 7).replacing("\"key\":\"a\"", with: "\"key\":5"),
            error: "field key must be a string"),
        BadLine(
            line: Line.key("a", 7).replacing("\"kind\":\"key\"", with: "\"kind\":\"mind\""),
            error: "unknown kind"),
        BadLine(
            line: Line.key("a", 7).replacing("\"seq\":7", with: "\"seq\":-7"),
            error: "field seq must be a whole number"),
        BadLine(
            line: Line.key("a", 7).replacing("2026-11-24T", with: "24/11/2026 "),
            error: "field time must be an RFC 3339 time"),
        BadLine(
            line: Line.key("a", 7).replacing(
                "s1001\"", with: String(repeating: "u", count: 256) + "\""),
            error: "user is 256 bytes, at most 255 are allowed"),
        BadLine(
            line: Line.window(String(repeating: "t", count: 17_000), 7),
            error: "window is 17000 bytes, at most 16384 are allowed"),
        BadLine(
            line: Line.key("a", 7).replacing(
                "{\"time\"",
                with: "{\"x\":" + String(repeating: "[", count: 17)
                    + String(repeating: "]", count: 17) + ",\"time\""),
            error: "nested deeper than 16 levels"),
        BadLine(
            line: Line.key("a", 7).replacing("{\"time\"", with: "{\"kind\":\"key\",\"time\""),
            error: "field kind stands twice"),
        BadLine(
            line: Line.key("a", 7).replacing(",\"user\":\"s1001\"", with: ""),
            error: "field user is missing"),
        BadLine(line: "[1,2]", error: "not an object"),
        BadLine(line: Line.key("a", 7) + "}", error: "something follows the object"),
    ]

    @Test(arguments: badLines)
    func `a bad line is named with its number and reason, and the lines around it are stored`(
        bad: BadLine
    ) async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest([
            Line.key("a", 0), bad.line, "", Line.key("b", 1),
        ])
        #expect(response.status == .ok)
        let json = try response.json
        #expect(json["accepted"] as? Int == 2)
        let rejected = try #require(json["rejected"] as? [[String: Any]])
        #expect(rejected.count == 1)
        #expect(rejected.first?["line"] as? Int == 2)
        let error = try #require(rejected.first?["error"] as? String)
        #expect(error.contains(bad.error), "\(error)")
        #expect(try fixture.stored() == [0, 1])
    }

    @Test func `broken UTF-8 is repaired, stored and named`() async throws {
        let fixture = try CollectorFixture()
        var body = Array((Line.window("Xssay", 0) + "\n" + Line.key("b", 1)).utf8)
        let index = try #require(body.firstIndex(of: UInt8(ascii: "X")))
        body[index] = 0xFF
        let response = try await fixture.ingest(body: body)
        #expect(response.status == .ok)
        #expect(
            response.text
                == #"{"accepted":2,"duplicates":0,"rejected":[],"repaired":[1]}"#)
        let first = try #require(try fixture.parts.store.events(matching: .init()).first)
        #expect(first.event.body == .window(Place(app: "Word", window: "\u{FFFD}ssay")))
    }

    @Test func `a body in which every line is bad is 400 and says why for each`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest(["broken", "{}"])
        #expect(response.status == .badRequest)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(try response.detail == "no line of the body is an event")
        #expect((try response.json["rejected"] as? [Any])?.count == 2)
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `an empty body is nothing and fine`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest(body: [])
        #expect(response.status == .ok)
        #expect(try response.json["accepted"] as? Int == 0)
    }

    @Test func `1,024 events are taken and 1,025 are 413 with nothing stored`() async throws {
        let fixture = try CollectorFixture()
        let lines = (0..<1_025).map { Line.key("a", $0, second: $0 % 40) }
        let refused = try await fixture.ingest(lines)
        #expect(refused.status == .contentTooLarge)
        #expect(try refused.detail.contains("more than 1024 events in one body"))
        #expect(try fixture.stored().isEmpty)
        let taken = try await fixture.ingest(Array(lines.dropLast()))
        #expect(taken.status == .ok)
        #expect(try fixture.stored().count == 1_024)
    }

    @Test(arguments: ["zstd", "gzip"])
    func `a bomb is 413 before it is expanded (S20, R12)`(encoding: String) async throws {
        let fixture = try CollectorFixture()
        let zeros = [UInt8](repeating: 0x20, count: 64 << 20)
        let bomb =
            encoding == "zstd"
            ? Zstd.compress(zeros, level: 3) : try await Compressed.gzip(zeros)
        #expect(bomb.count < EventLimits.bodySizeMaximum)
        let response = try await fixture.ingest(body: bomb, encoding: encoding)
        #expect(response.status == .contentTooLarge)
        #expect(try response.detail.contains("expands to more than"))
        let after = try await fixture.ingest([Line.key("a", 0)])
        #expect(after.status == .ok)
    }

    @Test func `a ratio over 100 to 1 is 413 even below 8 MiB (S20)`() async throws {
        let fixture = try CollectorFixture()
        let body = Zstd.compress([UInt8](repeating: 0x20, count: 1 << 20), level: 3)
        let response = try await fixture.ingest(body: body, encoding: "zstd")
        #expect(response.status == .contentTooLarge)
    }

    @Test(arguments: ["zstd", "gzip"])
    func `a compressed body cut at any length is 400 and stores nothing`(encoding: String)
        async throws
    {
        let fixture = try CollectorFixture()
        let plain = Array((Line.key("a", 0) + "\n").utf8)
        let whole =
            encoding == "zstd"
            ? Zstd.compress(plain, level: 3) : try await Compressed.gzip(plain)
        for size in 1..<whole.count {
            let response = try await fixture.ingest(
                body: Array(whole[..<size]), encoding: encoding)
            #expect(response.status == .badRequest, "cut at \(size)")
        }
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `a body that is not compressed as it says is 400`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest([Line.key("a", 0)], encoding: "zstd")
        #expect(response.status == .badRequest)
        #expect(try response.detail == "the compressed body is broken")
    }

    @Test func `an unknown encoding or type is 415`() async throws {
        let fixture = try CollectorFixture()
        let encoding = try await fixture.ingest([Line.key("a", 0)], encoding: "br")
        #expect(encoding.status == .unsupportedMediaType)
        #expect(try encoding.detail == "unknown Content-Encoding, use gzip, zstd or none")
        let type = try await fixture.ingest(body: Array("x".utf8), type: "text/html")
        #expect(type.status == .unsupportedMediaType)
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `a compressed body over 1 MiB and a plain one over 8 MiB are 413`() async throws {
        let fixture = try CollectorFixture()
        var random = SeededRandom(seed: 3)
        let noise = random.bytes(count: EventLimits.bodySizeMaximum + 1)
        let compressed = try await fixture.ingest(body: noise, encoding: "zstd")
        #expect(compressed.status == .contentTooLarge)
        let plain = try await fixture.ingest(
            body: [UInt8](repeating: 0x20, count: EventLimits.expandedSizeMaximum + 1))
        #expect(plain.status == .contentTooLarge)
    }

    @Test func `the same body with the same Idempotency-Key is stored once with one answer`()
        async throws
    {
        let fixture = try CollectorFixture()
        // Without numbers of its own nothing but the key tells a repeat from new events.
        let line = Line.key("a", 0).replacing("\"seq\":0,", with: "")
        let first = try await fixture.ingest([line, "broken"], key: "k1")
        let second = try await fixture.ingest([line, "broken"], key: "k1")
        #expect(first.status == .ok)
        #expect(second.text == first.text)
        #expect(try fixture.stored().count == 1)
    }

    @Test func `the same Idempotency-Key with another body is 409`() async throws {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0)], key: "k1")
        let other = try await fixture.ingest([Line.key("b", 1)], key: "k1")
        #expect(other.status == .conflict)
        #expect(try fixture.stored() == [0])
    }

    @Test func `an Idempotency-Key that is too long is 400`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.ingest(
            [Line.key("a", 0)], key: String(repeating: "k", count: 256))
        #expect(response.status == .badRequest)
    }

    @Test func `events that came before are counted as duplicates`() async throws {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0), Line.key("b", 1)])
        let again = try await fixture.ingest([Line.key("b", 1), Line.key("c", 2)])
        #expect(
            again.text == #"{"accepted":1,"duplicates":1,"rejected":[],"repaired":[]}"#)
        #expect(try fixture.stored() == [0, 1, 2])
    }

    @Test(arguments: [
        "[A,B]", " [ A , B ] ", "A B", "A\nB", "AB", "[\nA,\n  B\n]\n",
    ])
    func `arrays, objects in a row and pretty-printed JSON are read`(form: String) async throws {
        let fixture = try CollectorFixture()
        // B first: the lines themselves have a B in them, and no A.
        let body = form.replacing(
            "B", with: Line.key("y", 1).replacing(",", with: ",\n  ")
        ).replacing("A", with: Line.key("x", 0))
        let response = try await fixture.ingest(
            body: Array(body.utf8), type: "application/json; charset=utf-8")
        #expect(response.status == .ok, "\(response.text)")
        #expect(try fixture.stored() == [0, 1])
    }

    @Test func `a bad element of an array is named by its number`() async throws {
        let fixture = try CollectorFixture()
        let body = "[\(Line.key("x", 0)), 5, \(Line.key("y", 1))"
        let response = try await fixture.ingest(body: Array(body.utf8), type: "application/json")
        let rejected = try #require(try response.json["rejected"] as? [[String: Any]])
        #expect(rejected.map { $0["line"] as? Int } == [2])
        #expect(try fixture.stored() == [0, 1])
    }

    @Test func `no answer repeats what was sent (S29, S30)`() async throws {
        let fixture = try CollectorFixture()
        let canary = "canary7319"
        let line = Line.key("a", 0).replacing("\"kind\":\"key\"", with: "\"kind\":\"\(canary)\"")
        for body in [line, canary, "{\"\(canary)\":1}", line + canary] {
            let response = try await fixture.ingest([body])
            #expect(response.status == .badRequest)
            #expect(!response.text.contains(canary))
        }
    }
}

/// Bodies compressed by tools that are not ours.
enum Compressed {
    static func gzip(_ bytes: [UInt8]) async throws -> [UInt8] {
        try await TemporaryDirectory.with { folder in
            let file = folder.appending(path: "body")
            try Data(bytes).write(to: file)
            _ = try await Tool(named: "gzip").run([file.pathText])
            return Array(try Data(contentsOf: file.appendingPathExtension("gz")))
        }
    }
}
