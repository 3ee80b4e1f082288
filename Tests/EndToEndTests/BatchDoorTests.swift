import Bytes
import Foundation
import TestSupport
import Testing

/// The door for signed batches against forgers and slips: status, message, and good batches around it stored.
@Suite(.serialized) struct BatchDoorTests {
    private static let type = "application/vnd.daybook.batch"

    @Test(.tags(.whole))
    func `a forged or broken batch is refused, the good ones around it are stored`()
        async throws
    {
        try await School.with { school in
            try await school.serving { _ in
                var device = try await SigningDevice(enrolling: "LIB-PC-07", in: school)
                let faults: [(SigningDevice.Fault, Int, String)] = [
                    (.root, 422, "root"),
                    (.seed, 422, "root"),
                    (.signature, 401, "not by this device's key"),
                    (.unknownKey, 401, "not by this device's key"),
                    (.otherOrigin, 422, "another collector"),
                    (.keyTimeTooFine, 400, "whole seconds"),
                    (.previous, 409, "does not follow"),
                ]
                var expected: [String] = []
                for (index, (fault, status, says)) in faults.enumerated() {
                    let good = try device.next("good-\(index)")
                    let answer = try await school.door.post(
                        "/v1/batches", good.body, type: BatchDoorTests.type)
                    #expect(answer.status == 200, "\(answer.text)")
                    expected += good.titles
                    let bad = try device.batch("bad-\(index)", fault: fault)
                    let refusal = try await school.door.post(
                        "/v1/batches", bad.body, type: BatchDoorTests.type)
                    #expect(refusal.status == status, "\(fault): \(refusal.text)")
                    #expect(refusal.text.contains(says), "\(fault): \(refusal.text)")
                    #expect(!refusal.text.contains("bad-\(index)"), "content in a problem")
                }
                let last = try device.next("last")
                #expect(
                    try await school.door.post("/v1/batches", last.body, type: BatchDoorTests.type)
                        .status == 200)
                let stored = try await school.stored(of: "pupil-1")
                #expect(stored.map(\.window) == expected + last.titles)
            }
        }
    }

    @Test(.tags(.whole))
    func `the same batch twice has one leaf; its number with other events is a conflict`()
        async throws
    {
        try await School.with { school in
            try await school.serving { _ in
                var device = try await SigningDevice(enrolling: "LIB-PC-07", in: school)
                let batch = try device.next("a")
                let first = try await school.door.post(
                    "/v1/batches", batch.body, type: BatchDoorTests.type)
                let second = try await school.door.post(
                    "/v1/batches", batch.body, type: BatchDoorTests.type)
                #expect(first.json["duplicate"] as? Bool == false)
                #expect(second.status == 200)
                #expect(second.json["duplicate"] as? Bool == true)
                #expect(second.json["leaf"] as? Int == first.json["leaf"] as? Int)
                #expect(second.json["received"] as? String == first.json["received"] as? String)

                let other = try device.batch("other", number: 0, fault: nil)
                let conflict = try await school.door.post(
                    "/v1/batches", other.body, type: BatchDoorTests.type)
                #expect(conflict.status == 409, "\(conflict.text)")
                #expect(try await school.titles(of: "pupil-1") == batch.titles)
            }
        }
    }

    @Test(.tags(.whole))
    func `a skipped number is taken, and the hole closes when its batch comes`()
        async throws
    {
        try await School.with { school in
            try await school.serving { _ in
                var device = try await SigningDevice(enrolling: "LIB-PC-07", in: school)
                let batches = try (0..<3).map { try device.next("b\($0)") }
                for index in [0, 2, 1] {
                    let answer = try await school.door.post(
                        "/v1/batches", batches[index].body, type: BatchDoorTests.type)
                    #expect(answer.status == 200, "batch \(index): \(answer.text)")
                }
                let stored = try await school.stored(of: "pupil-1").filter { $0.kind == "window" }
                #expect(stored.map(\.window) == batches.flatMap(\.titles))
            }
        }
    }

    @Test(.tags(.whole)) func `what is no batch, too large or cut short is refused`() async throws {
        try await School.with { school in
            try await school.serving { _ in
                var device = try await SigningDevice(enrolling: "LIB-PC-07", in: school)
                let good = try device.batch("good", fault: nil)
                let large = try device.batch("large", events: 1_025, fault: nil)
                let compressed = Zstd.compress(good.body, level: 3)
                let zstd = ["Content-Encoding": "zstd"]
                let cases: [(String, [UInt8], [String: String], Int, String)] = [
                    ("nothing", [], [:], 400, "sg.upload/v1"),
                    ("NDJSON", Sample.body(0..<3), [:], 400, "sg.upload/v1"),
                    (
                        "half a batch", Array(good.body.prefix(good.body.count / 2)), [:], 400,
                        "shorter than stated"
                    ),
                    ("1,025 events", large.body, [:], 413, "1024"),
                    (
                        "half a zstd frame", Array(compressed.prefix(compressed.count / 2)), zstd,
                        400, "too early"
                    ),
                ]
                for (name, body, headers, status, says) in cases {
                    let answer = try await school.door.post(
                        "/v1/batches", body, type: BatchDoorTests.type, headers: headers)
                    #expect(answer.status == status, "\(name): \(answer.text)")
                    #expect(answer.text.contains(says), "\(name): \(answer.text)")
                }
                let batch = try device.next("after")
                let answer = try await school.door.post(
                    "/v1/batches", Zstd.compress(batch.body, level: 3), type: BatchDoorTests.type,
                    headers: zstd)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try await school.titles(of: "pupil-1") == batch.titles)
            }
        }
    }

    @Test(.tags(.whole)) func `an enrolment code is for one key, and a revoked device not at all`()
        async throws
    {
        try await School.with { school in
            try await school.serving { _ in
                let code = try await school.manage("devices", "enrol", "one")
                let key = Base64.encode([UInt8](repeating: 9, count: 32))
                let body = ["code": code, "device": "one", "publicKey": key]
                let first = try await school.door.post("/v1/enrol", json: body)
                #expect(first.status == 200)
                // An answer that was lost on the way costs no code.
                let again = try await school.door.post("/v1/enrol", json: body)
                #expect(again.status == 200 && again.text == first.text)
                let other = Base64.encode([UInt8](repeating: 8, count: 32))
                let stranger = try await school.door.post(
                    "/v1/enrol", json: ["code": code, "device": "one", "publicKey": other])
                #expect([401, 403, 409].contains(stranger.status), "\(stranger.text)")

                var device = try await SigningDevice(enrolling: "two", in: school)
                let batch = try device.next("a")
                try await school.manage("devices", "revoke", "two")
                // S6: within five seconds.
                try await eventually("the revocation works", within: .seconds(5)) {
                    try await school.door.post(
                        "/v1/batches", batch.body, type: BatchDoorTests.type
                    ).status == 401
                }
            }
        }
    }
}
