import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct EvidenceRouteTests {
    /// A collector with one incident, and the incident's id.
    private func incident() async throws -> (CollectorFixture, String) {
        let fixture = try CollectorFixture()
        let keys = Array("go and kill yourself").map { String($0) } + ["Enter"]
        _ = try await fixture.ingest(keys.enumerated().map { Line.key($1, $0, second: $0 / 3) })
        let line = try DetectionLine(parts: fixture.parts, rules: fixture.rules)
        while try await !line.step() {}
        let incident = try #require(try fixture.parts.store.catalogue.incidents().first)
        return (fixture, incident.id)
    }

    @Test func `a bundle comes as a tar archive that tar unpacks, and nothing stays behind`()
        async throws
    {
        let (fixture, id) = try await incident()
        let response = try await fixture.ask(
            "/v1/evidence", #"{"incident":"\#(id)","purpose":"meeting with the parents"}"#)
        #expect(response.status == .ok, "\(response.text.prefix(300))")
        #expect(response.headers[.contentType] == "application/x-tar")
        try await TemporaryDirectory.with { folder in
            let file = folder.appending(path: "bundle.tar")
            try Data(response.body.readableBytesView).write(to: file)
            let tar = try await Tool(named: "tar").run([
                "-xf", file.pathText, "-C", folder.pathText,
            ])
            #expect(tar.status == 0, "\(tar.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.pathText)
                .filter { $0.hasPrefix("SG-") }
            let bundle = folder.appending(path: try #require(names.first))
            let sums = try await Tool(named: "sha256sum").run(
                ["-c", "--quiet", "manifest-sha256.txt"], workingDirectory: bundle)
            #expect(sums.status == 0, "\(sums.errors)")
        }
        let rest = try fixture.files.list(
            fixture.parts.store.directory + "/" + EvidenceRoute.workFolder)
        #expect(rest.isEmpty)
        let acts = try fixture.parts.store.catalogue.audit(
            from: nil, to: nil, subject: StudentID("s1001"))
        #expect(acts.contains { $0.action == "export" && $0.object == id })
    }

    @Test(arguments: [
        (#"{"incident":"I-2026-999999","purpose":"meeting with the parents"}"#, 404),
        (#"{"incident":"../../etc","purpose":"meeting with the parents"}"#, 404),
        (#"{"incident":"ID","purpose":"why"}"#, 403), (#"{"incident":"ID"}"#, 403),
        (#"{"purpose":"meeting with the parents"}"#, 400),
    ])
    func `no incident is 404, no purpose is 403, and nothing is made`(body: String, status: Int)
        async throws
    {
        let (fixture, id) = try await incident()
        let response = try await fixture.ask(
            "/v1/evidence", body.replacing("\"ID\"", with: "\"\(id)\""))
        #expect(response.status.code == status)
        #expect(response.headers[.contentType] == "application/problem+json")
        let acts = try fixture.parts.store.catalogue.audit(
            from: nil, to: nil, subject: StudentID("s1001"))
        #expect(acts.isEmpty)
    }

    @Test func `only an operator's token opens evidence`() async throws {
        let (fixture, id) = try await incident()
        let body = Array(#"{"incident":"\#(id)","purpose":"meeting with the parents"}"#.utf8)
        let device = try await fixture.post("/v1/evidence", body, token: fixture.deviceToken)
        #expect(device.status == .forbidden)
        let nobody = try await fixture.post("/v1/evidence", body, token: nil)
        #expect(nobody.status == .unauthorized)
    }

    @Test func `long names are split so that tar reads them`() async throws {
        try await TemporaryDirectory.with { folder in
            var tar = TarWriter(unixSeconds: 1_795_512_345)
            let long = String(repeating: "d", count: 80) + "/" + String(repeating: "f", count: 90)
            tar.add(file: long, Array("content".utf8))
            tar.add(file: "short/empty", [])
            tar.add(file: "short/block", [UInt8](repeating: 0x61, count: 512))
            let file = folder.appending(path: "a.tar")
            try Data(tar.finished()).write(to: file)
            let list = try await Tool(named: "tar").run(["-tf", file.pathText])
            #expect(
                list.output.split(separator: "\n").map(String.init) == [
                    long, "short/empty", "short/block",
                ])
            #expect(list.errors.isEmpty)
        }
    }
}
