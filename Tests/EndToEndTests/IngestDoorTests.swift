import Bytes
import Foundation
import TestSupport
import Testing

/// The NDJSON door against everything that is no event: status, message, and good events around it stored.
@Suite(.serialized) struct IngestDoorTests {
    /// A line that is no event, and what the door says about it.
    struct BadLine: Sendable {
        let name: String
        let line: String
        let error: String
    }

    static let badLines: [BadLine] = [
        BadLine(
            name: "broken JSON", line: #"{"time":"2026-11-24T09:00:00Z","#,
            error: "not valid JSON at byte"),
        BadLine(
            name: "trailing comma", line: #"{"kind":"window",}"#, error: "not valid JSON at byte"),
        BadLine(name: "no object", line: "[1,2]", error: "not an object"),
        BadLine(name: "byte order mark", line: "\u{FEFF}{}", error: "byte order mark"),
        BadLine(name: "two objects", line: "{} {}", error: "not valid JSON"),
        BadLine(name: "not a number", line: #"{"x":NaN}"#, error: "not valid JSON"),
        BadLine(
            name: "a key twice",
            line: Sample.line(1).replacing(#""kind""#, with: #""user":"x","kind""#),
            error: "field user stands twice"),
        BadLine(
            name: "kind of the wrong type", line: Sample.line(1, more: ["kind": 7]),
            error: "field kind must be a string"),
        BadLine(
            name: "time of the wrong type", line: Sample.line(1, more: ["time": 1_795_510_800]),
            error: "field time must be an RFC 3339 time"),
        BadLine(
            name: "no such day", line: Sample.line(1, more: ["time": "2026-02-30T09:00:00Z"]),
            error: "field time must be an RFC 3339 time"),
        BadLine(
            name: "a coordinate of the wrong type",
            line: Sample.line(1, more: ["kind": "click", "button": "left", "x": "far", "y": 1]),
            error: "field x must be"),
        BadLine(
            name: "a word that is not allowed",
            line: Sample.line(1, more: ["kind": "click", "button": "third", "x": 1, "y": 1]),
            error: "field button must be one of"),
        BadLine(
            name: "unknown kind", line: Sample.line(1, more: ["kind": "webcam"]),
            error: "unknown kind"),
        BadLine(
            name: "no host", line: Sample.line(1).replacing(#""host""#, with: #""hose""#),
            error: "field host is missing"),
        BadLine(
            name: "a host of 256 bytes",
            line: Sample.line(1, more: ["host": String(repeating: "h", count: 256)]),
            error: "host is 256 bytes, at most 255"),
        BadLine(
            name: "an empty user", line: Sample.line(1, more: ["user": ""]),
            error: "field user must be a string that is not empty"),
        BadLine(
            name: "a session of 65 bytes",
            line: Sample.line(1, more: ["session": String(repeating: "s", count: 65)]),
            error: "session is 65 bytes, at most 64"),
        BadLine(
            name: "content over 16 KiB",
            line: Sample.line(1, more: ["window": String(repeating: "w", count: 16 * 1_024)]),
            error: "at most 16384"),
        BadLine(
            name: "17 levels",
            line: Sample.line(1).replacing(
                #""app""#,
                with:
                    #""deep":\#(String(repeating: "[", count: 17))\#(String(repeating: "]", count: 17)),"app""#
            ),
            error: "deeper than 16"),
        BadLine(
            name: "a negative number", line: Sample.line(1, more: ["seq": -1]),
            error: "field seq must be a whole number"),
    ]

    @Test(.tags(.whole))
    func `a bad line is named with its number and reason, its neighbours are stored`()
        async throws
    {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                let door = Door(port: school.port, token: token)
                for (index, bad) in IngestDoorTests.badLines.enumerated() {
                    let answer = try await door.post(
                        "/v1/ingest",
                        Sample.body([
                            Sample.line(index * 10), bad.line, "", Sample.line(index * 10 + 1),
                        ]))
                    #expect(answer.status == 200, "\(bad.name): \(answer.text)")
                    #expect(answer.json["accepted"] as? Int == 2, "\(bad.name): \(answer.text)")
                    let rejected = answer.json["rejected"] as? [[String: Any]] ?? []
                    #expect(rejected.count == 1, "\(bad.name): \(answer.text)")
                    #expect(rejected.first?["line"] as? Int == 2, "\(bad.name)")
                    let error = rejected.first?["error"] as? String ?? ""
                    #expect(error.contains(bad.error), "\(bad.name): \(error)")

                    let alone = try await door.post("/v1/ingest", Sample.body([bad.line]))
                    #expect(alone.status == 400, "\(bad.name): \(alone.text)")
                    #expect(alone.text.contains(bad.error), "\(bad.name): \(alone.text)")
                }
                let stored = try await school.titles(of: "pupil-1")
                let expected = IngestDoorTests.badLines.indices.flatMap {
                    ["w-\($0 * 10)", "w-\($0 * 10 + 1)"]
                }
                #expect(stored == expected)
            }
        }
    }

    @Test(.tags(.whole)) func `broken UTF-8 is repaired, marked and kept`() async throws {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                var body = Array(Sample.line(1).replacing("w-1", with: "w-#").utf8)
                for index in body.indices where body[index] == UInt8(ascii: "#") {
                    body[index] = 0xFF
                }
                let answer = try await Door(port: school.port, token: token).post(
                    "/v1/ingest", body + Array("\n".utf8) + Sample.body(2..<3))
                #expect(answer.status == 200)
                #expect(answer.json["accepted"] as? Int == 2)
                #expect(answer.json["repaired"] as? [Int] == [1])
                #expect(
                    try await school.titles(of: "pupil-1") == ["w-\u{FFFD}", "w-2"])
            }
        }
    }

    /// A request that is refused as a whole.
    struct BadRequest: Sendable {
        let name: String
        let status: Int
        let says: String
        var body: [UInt8] = Sample.body(900..<901)
        var headers: [String: String] = [:]
        var type = "application/x-ndjson"
        var token: Token = .device

        enum Token: Sendable { case device, none, wrong, operators }
    }

    static func badRequests() async throws -> [BadRequest] {
        let zeros = [UInt8](repeating: 0x20, count: 64 << 20)
        let zstdBomb = Zstd.compress(zeros, level: 3)
        let gzipBomb = try await gzip(zeros)
        let good = Sample.body(900..<990)
        let goodZstd = Zstd.compress(good, level: 3)
        let goodGzip = try await gzip(good)
        return [
            BadRequest(
                name: "1,025 events", status: 413, says: "more than 1024 events",
                body: Sample.body(0..<1_025)),
            BadRequest(
                name: "over 8 MiB", status: 413, says: "more than 8388608 bytes",
                body: [UInt8](repeating: 0x20, count: (8 << 20) + 1)),
            BadRequest(
                name: "over 1 MiB of zstd", status: 413, says: "more than 1048576 bytes",
                body: goodZstd + [UInt8](repeating: 0, count: 1 << 20),
                headers: ["Content-Encoding": "zstd"]),
            BadRequest(
                name: "zstd bomb", status: 413, says: "expand", body: zstdBomb,
                headers: ["Content-Encoding": "zstd"]),
            BadRequest(
                name: "gzip bomb", status: 413, says: "expand", body: gzipBomb,
                headers: ["Content-Encoding": "gzip"]),
            BadRequest(
                name: "zstd cut short", status: 400, says: "too early",
                body: Array(goodZstd.dropLast(10)), headers: ["Content-Encoding": "zstd"]),
            BadRequest(
                name: "gzip cut short", status: 400, says: "too early",
                body: Array(goodGzip.dropLast(10)), headers: ["Content-Encoding": "gzip"]),
            BadRequest(
                name: "not zstd", status: 400, says: "broken", body: good,
                headers: ["Content-Encoding": "zstd"]),
            BadRequest(
                name: "not gzip", status: 400, says: "broken", body: good,
                headers: ["Content-Encoding": "gzip"]),
            BadRequest(
                name: "unknown encoding", status: 415, says: "gzip, zstd or none",
                headers: ["Content-Encoding": "br"]),
            BadRequest(
                name: "unknown type", status: 415, says: "application/x-ndjson", type: "text/plain"),
            BadRequest(
                name: "empty key", status: 400, says: "Idempotency-Key",
                headers: ["Idempotency-Key": ""]),
            BadRequest(
                name: "long key", status: 400, says: "Idempotency-Key",
                headers: ["Idempotency-Key": String(repeating: "k", count: 300)]),
            BadRequest(name: "no token", status: 401, says: "Authorization", token: .none),
            BadRequest(name: "wrong token", status: 401, says: "Authorization", token: .wrong),
            BadRequest(name: "operator's token", status: 403, says: "token", token: .operators),
        ]
    }

    @Test(.tags(.whole)) func `a bad request is refused with its status and leaves nothing behind`()
        async throws
    {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                let good = Door(port: school.port, token: token)
                var expected: [String] = []
                for (index, bad) in try await IngestDoorTests.badRequests().enumerated() {
                    var door = good
                    switch bad.token {
                    case .device: break
                    case .none: door.token = nil
                    case .wrong: door.token = String(token.dropLast(4)) + "AAAA"
                    case .operators: door.token = school.operatorToken
                    }
                    let answer = try await door.post(
                        "/v1/ingest", bad.body, type: bad.type, headers: bad.headers)
                    #expect(answer.status == bad.status, "\(bad.name): \(answer.text)")
                    #expect(answer.text.contains(bad.says), "\(bad.name): \(answer.text)")
                    #expect(
                        answer.headers["content-type"] == "application/problem+json", "\(bad.name)")
                    let after = try await good.post("/v1/ingest", Sample.body(index..<index + 1))
                    #expect(after.status == 200, "after \(bad.name): \(after.text)")
                    expected.append("w-\(index)")
                }
                #expect(try await school.titles(of: "pupil-1") == expected)
            }
        }
    }

    @Test(.tags(.whole)) func `a body that ends before its length is no event`() async throws {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                let door = Door(port: school.port, token: token)
                let body = Sample.body(0..<20)
                let head = door.head(
                    "POST", "/v1/ingest", size: body.count, type: "application/x-ndjson", [:])
                for kept in [0, 1, body.count / 2, body.count - 1] {
                    let answer = try await door.exchange(head + body.prefix(kept), ends: true)
                    #expect(answer.status == 400, "\(kept) bytes: \(answer.text)")
                    #expect(
                        answer.text.contains("the body ended after \(kept) of"), "\(answer.text)")
                }
                let whole = try await door.post("/v1/ingest", body)
                #expect(whole.status == 200)
                #expect(try await school.stored(of: "pupil-1").count == 20)
            }
        }
    }

    @Test(.tags(.whole)) func `plain, gzip and zstd bodies are the same events`() async throws {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { _ in
                let door = Door(port: school.port, token: token)
                let gzipped = try await gzip(Sample.body(300..<600))
                let bodies: [([UInt8], [String: String])] = [
                    (Sample.body(0..<300), [:]),
                    (gzipped, ["Content-Encoding": "gzip"]),
                    (Zstd.compress(Sample.body(600..<900), level: 3), ["Content-Encoding": "zstd"]),
                ]
                for (body, headers) in bodies {
                    let answer = try await door.post("/v1/ingest", body, headers: headers)
                    #expect(answer.json["accepted"] as? Int == 300, "\(headers): \(answer.text)")
                }
                #expect(
                    try await school.titles(of: "pupil-1")
                        == (0..<900).map { "w-\($0)" })
            }
        }
    }

    @Test(.tags(.whole))
    func `a body posted twice with one Idempotency-Key is stored once, also over a kill`()
        async throws
    {
        try await School.with { school in
            let token = try await school.manage("devices", "add", "lines")
            let door = Door(port: school.port, token: token)
            let key = ["Idempotency-Key": "0b0e6c1e-7a7e-4a55-9c11-8c1f5d3d7a10"]
            let first = try await school.serving { collector in
                let first = try await door.post("/v1/ingest", Sample.body(0..<50), headers: key)
                #expect(first.json["accepted"] as? Int == 50)
                let second = try await door.post("/v1/ingest", Sample.body(0..<50), headers: key)
                #expect(second.status == 200)
                #expect(second.body == first.body)
                let other = try await door.post("/v1/ingest", Sample.body(0..<51), headers: key)
                #expect(other.status == 409)
                #expect(other.text.contains("Idempotency-Key"))
                collector.signal(.kill)
                return first
            }
            try await school.serving { _ in
                let third = try await door.post("/v1/ingest", Sample.body(0..<50), headers: key)
                #expect(third.status == 200)
                #expect(third.body == first.body)
                #expect(try await school.stored(of: "pupil-1").count == 50)
            }
        }
    }
}

/// What the system's gzip makes of some bytes.
func gzip(_ bytes: [UInt8], isolation: isolated (any Actor)? = #isolation) async throws -> [UInt8] {
    try await TemporaryDirectory.with { folder in
        let file = folder.appending(path: "body")
        try Data(bytes).write(to: file)
        let result = try await Tool(named: "gzip").run(["-n", file.pathText])
        guard result.status == 0 else {
            throw School.Failed(what: "gzip", transcript: result.transcript)
        }
        return [UInt8](try Data(contentsOf: folder.appending(path: "body.gz")))
    }
}
