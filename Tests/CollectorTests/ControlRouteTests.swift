import Access
import Events
import EvidenceFile
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct ControlRouteTests {
    private func post(_ path: String, _ body: String, token: String?, to fixture: CollectorFixture)
        async throws -> (TestResponse, Credential)
    {
        let control = ControlRoute(parts: fixture.parts, rules: fixture.rules)
        var headers: HTTPFields = [:]
        headers[.authorization] = "Bearer " + (token ?? control.credential.text)
        let response = try await Application(
            router: Routes.controlRouter(fixture.parts, control: control)
        ).test(.router) { [headers] client in
            try await client.executeRequest(
                uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
        }
        return (response, control.credential)
    }

    @Test func `seal, verify and the night run beside a serving collector`() async throws {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0), Line.key("Enter", 1)])
        let (sealed, _) = try await post("/v1/control/seal", "{}", token: nil, to: fixture)
        #expect(sealed.status == .ok)
        #expect(try sealed.json["events"] as? Int == 2)
        let (verified, _) = try await post("/v1/control/verify", "{}", token: nil, to: fixture)
        #expect(verified.status == .ok)
        #expect(try verified.json["ok"] as? Bool == true)
        #expect(try verified.json["events"] as? Int == 2)
        let body = #"{"date":"2026-11-24"}"#
        let (night, _) = try await post("/v1/control/night", body, token: nil, to: fixture)
        #expect(night.status == .ok, "\(night.text)")
        #expect(try night.json["day"] as? String == "2026-11-24")
        let page = try #require(try night.json["html"] as? String)
        #expect(fixture.files.exists(page))
        let (again, _) = try await post("/v1/control/night", body, token: nil, to: fixture)
        #expect((try again.json["stepsDone"] as? [Any])?.isEmpty == true)
        #expect(try fixture.stored() == [0, 1])
    }

    @Test func `holds and erasures need two people and a reason, and leave a record (S45)`()
        async throws
    {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0), Line.key("Enter", 1)])
        let student = try #require(
            try fixture.parts.store.events(matching: EventQuery()).first?.context.student)
        func keep(_ verb: String, _ more: String) async throws -> TestResponse {
            let body = #"{"verb":"\#(verb)","student":"\#(student)"\#(more)}"#
            return try await post("/v1/control/keep", body, token: nil, to: fixture).0
        }
        let people = #","reason":"a parent asked","by":"dpo","approvedBy":"head""#
        for bad in ["", #","reason":"r","by":"dpo""#, #","reason":"r","by":"a","approvedBy":"a""#] {
            #expect(try await keep("erase", bad).status == .conflict)
        }
        #expect(try await keep("burn", people).status == .badRequest)
        #expect(try await keep("erase", people + #","months":["2026-13"]"#).status == .conflict)
        #expect(try fixture.stored() == [0, 1])
        let held = try await keep("hold", people)
        #expect(held.status == .ok, "\(held.text)")
        #expect(try await keep("erase", people).status == .conflict)
        #expect(try await keep("lift", people + #","hold":9"#).status == .conflict)
        #expect(try await keep("lift", people + #","hold":1"#).status == .ok)
        let erased = try await keep("erase", people)
        #expect(erased.status == .ok, "\(erased.text)")
        #expect(try erased.json["events"] as? Int == 2)
        #expect(try fixture.stored() == [])
        let list = try await keep("list", "")
        #expect((try list.json["erasures"] as? [Any])?.count == 1)
        let acts = try fixture.parts.store.catalogue.audit(from: nil, to: nil, subject: student)
        #expect(acts.map(\.action).contains("keep-erase"))
        #expect(try fixture.parts.store.verify().faults == [])
    }

    @Test(arguments: [
        "/v1/control/seal", "/v1/control/verify", "/v1/control/night", "/v1/control/keep",
        "/v1/control/backup",
    ])
    func `no other token opens the control paths`(path: String) async throws {
        let fixture = try CollectorFixture()
        let stranger = Credential(kind: .control, randomBytes: [UInt8](repeating: 1, count: 32))
        for (token, status) in [
            (fixture.operatorToken, HTTPResponse.Status.forbidden),
            (fixture.deviceToken, .forbidden), (stranger.text, .unauthorized), ("x", .unauthorized),
        ] {
            let (response, _) = try await post(path, "{}", token: token, to: fixture)
            #expect(response.status == status)
        }
        #expect(try await fixture.ask(path, "{}").status == .notFound)
    }

    @Test func `a backup is made beside a serving collector, once under a name`() async throws {
        let fixture = try CollectorFixture()
        _ = try await fixture.ingest([Line.key("a", 0), Line.key("Enter", 1)])
        let identity = AgeIdentity.x25519([UInt8](repeating: 5, count: 32))
        let recipient = try #require(identity.recipient?.text)
        let out = fixture.parts.store.directory + "/../" + recipient.suffix(12)
        let body =
            #"{"out":"\#(out).age","keysOut":"\#(out)-keys.age","recipients":["\#(recipient)"]}"#
        let (made, _) = try await post("/v1/control/backup", body, token: nil, to: fixture)
        #expect(made.status == .ok, "\(made.text)")
        #expect(try made.json["origin"] as? String == "collector.hillside.example/log1")
        let archive = try fixture.files.read(out + ".age")
        #expect(try made.json["bytes"] as? Int == archive.count)
        #expect(try !AgeOpener.open(archive, with: [identity]).isEmpty)
        let (again, _) = try await post("/v1/control/backup", body, token: nil, to: fixture)
        #expect(again.status == .internalServerError)
        #expect(again.text.contains("already there"))
        for path in [out + ".age", out + "-keys.age"] { try fixture.files.remove(path) }
        let bad = #"{"out":"x","recipients":["age1nonsense"]}"#
        let (refused, _) = try await post("/v1/control/backup", bad, token: nil, to: fixture)
        #expect(refused.status == .badRequest)
        #expect(try fixture.stored() == [0, 1])
    }

    @Test func `a bad date is 400`() async throws {
        let fixture = try CollectorFixture()
        let (response, _) = try await post(
            "/v1/control/night", #"{"date":"24/11/2026"}"#, token: nil, to: fixture)
        #expect(response.status == .badRequest)
    }

    @Test(arguments: [
        ("2026-11-24T02:30:00Z", "2026-11-23"), ("2026-11-24T18:00:00Z", "2026-11-24"),
        ("2026-11-24T11:59:59Z", "2026-11-23"), ("2026-07-01T10:59:00Z", "2026-06-30"),
    ])
    func `the night is of the day that ended last`(now: String, day: String) throws {
        let instant = try #require(Instant(rfc3339: now))
        #expect(UpkeepCommand.day(ofNightAt: instant).description == day)
    }
}
