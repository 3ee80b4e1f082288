import Foundation
import TestSupport
import Testing

/// What was typed stands in the store and nowhere else; what was typed into a secret window nowhere at all.
@Suite(.serialized) struct SecrecyTests {
    @Test(.tags(.whole))
    func `typed text, titles, addresses and names are in no log and no metric (S29)`()
        async throws
    {
        try await School.with { school in
            let workstation = try await Workstation(named: "LIB-PC-07", in: school)
            let canaries = [
                "quagga-typed", "quagga-title", "quagga-page", "quagga-user", "quagga-host",
            ]
            let more = ["host": "quagga-host", "session": "s-1"]
            let lines =
                Sample.keys("quagga-typed and more\n", user: "quagga-user", window: "quagga-title")
                + [
                    Sample.line(
                        60, user: "quagga-user",
                        more: more.merging(
                            [
                                "kind": "url", "url": "https://example.org/?q=quagga-page",
                                "title": "quagga-title", "origin": "navigated",
                            ], uniquingKeysWith: { $1 }))
                ]
            let file = workstation.folder.appending(path: "events.ndjson")
            try Data(Sample.body(lines)).write(to: file)
            let token = try await school.manage("devices", "add", "lines")
            try await school.serving { collector in
                let agent = try await workstation.replay(file.pathText)
                var door = Door(port: school.port, token: token)
                // Good lines, lines that are refused, and requests that fail: all of it is talked about.
                let good = Sample.line(1, user: "quagga-user", more: more)
                let bad = Sample.line(2, user: "quagga-user", more: ["kind": "quagga-typed"])
                let answer = try await door.post("/v1/ingest", Sample.body([good, bad]))
                #expect(answer.json["accepted"] as? Int == 1)
                let refused = try await door.post("/v1/ingest", Sample.body([bad]))
                #expect(refused.status == 400)
                door.token = "quagga-typed"
                #expect(try await door.post("/v1/ingest", Sample.body([good])).status == 401)
                let found = try await school.operatorDoor.post(
                    "/v1/find",
                    json: [
                        "student": "quagga-user", "phrase": "quagga-typed",
                        "purpose": "a test looks for its canary",
                    ])
                #expect(found.text.contains("quagga-typed"), "the canary is in the store")
                let metrics = try await school.door.get("/metrics")
                #expect(metrics.status == 200)
                collector.signal(.terminate)
                let ending = try await collector.ending(within: .seconds(60))
                #expect(ending.status == 0, "\(ending.transcript)")
                let said = [
                    "the collector's log": ending.errors, "its output": ending.output,
                    "the metrics": metrics.text, "the agent's log": agent.errors,
                    "the agent's output": agent.output, "a problem": refused.text,
                ]
                for (place, text) in said {
                    for canary in canaries {
                        #expect(!text.contains(canary), "\(canary) in \(place)")
                    }
                    #expect(
                        !text.contains(token) && !text.contains(school.operatorToken), "\(place)")
                }
            }
        }
    }

    @Test(.tags(.whole)) func `keys in a log-in window are counted and never kept (P22)`()
        async throws
    {
        try await School.with { school in
            let workstation = try await Workstation(named: "LIB-PC-07", in: school)
            let lines =
                Sample.keys("an essay", window: "Essay - Writer")
                + Sample.keys("Xq7!zVk2", from: 100, window: "Log in - Hillside")
                + Sample.keys(" goes on", from: 200, window: "Essay - Writer")
            let file = workstation.folder.appending(path: "events.ndjson")
            try Data(Sample.body(lines)).write(to: file)
            try await school.serving { _ in
                try await workstation.replay(file.pathText)
                let stored = try await school.stored(of: "pupil-1")
                let keys = stored.filter { $0.kind == "key" }
                #expect(keys.compactMap { $0.content["key"] }.joined() == "an essay goes on")
                let secrets = stored.filter { $0.kind == "secret" }
                #expect(
                    secrets.compactMap { $0.content["count"].flatMap { Int($0) } }.reduce(0, +) == 8
                )
                #expect(secrets.allSatisfy { $0.content["key"] == nil })
            }
            // Nothing of it on any disk, in whatever form it was kept there.
            for folder in [school.data, workstation.folder.appending(path: "spool").pathText] {
                #expect(try rawBytes(of: "Xq7!zVk2", in: folder) == [])
            }
        }
    }

    @Test(.tags(.whole)) func `the agent does not start without a notice (P1)`() async throws {
        try await School.with { school in
            let workstation = try await Workstation(named: "LIB-PC-07", in: school)
            let notice = workstation.folder.appending(path: "notice.txt")
            let file = workstation.folder.appending(path: "events.ndjson")
            try Data(Sample.body(0..<3)).write(to: file)
            try await school.serving { _ in
                for text in [nil, "", " \n"] {
                    try FileManager.default.removeItem(at: notice)
                    if let text { try Data(text.utf8).write(to: notice) }
                    let result = try await Tool(product: "daybook-agent").run([
                        "run", "--config", workstation.configuration,
                    ])
                    #expect(result.status == 2, "\(text ?? "no file"): \(result.transcript)")
                    #expect(result.errors.contains("notice"), "\(result.errors)")
                    if text == nil { try Data().write(to: notice) }
                }
                #expect(try await school.stored(of: "pupil-1").isEmpty)
            }
        }
    }

    private func rawBytes(of text: String, in folder: String) throws -> [String] {
        let wanted = Array(text.utf8)
        let walker = FileManager.default.enumerator(atPath: folder)
        var found: [String] = []
        while let path = walker?.nextObject() as? String {
            // try?: folders and sockets have no bytes.
            guard let data = try? Data(contentsOf: URL(filePath: folder + "/" + path)) else {
                continue
            }
            if data.range(of: Data(wanted)) != nil { found.append(path) }
        }
        return found
    }
}
