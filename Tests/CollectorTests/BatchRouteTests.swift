import Access
import Bytes
import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Proofs
import Storage
import TestSupport
import Testing
import Wire

@testable import Collector

@Suite struct BatchRouteTests {
    /// An agent with a key of its own, enrolled over HTTP.
    struct SigningAgent {
        let key: SigningKey
        let device: String
        let origin: String

        init(in fixture: CollectorFixture) async throws {
            key = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
            let code = try Credentials.newEnrolmentCode(
                label: "LIB-07", in: fixture.parts.store.catalogue,
                environment: fixture.parts.environment)
            let body = #"{"code":"\#(code)","publicKey":"\#(Base64.encode(key.publicKey))"}"#
            let response = try await fixture.post(
                "/v1/enrol", Array(body.utf8), token: nil, type: "application/json")
            #expect(response.status == .ok)
            device = try #require(try response.json["device"] as? String)
            origin = try #require(try response.json["origin"] as? String)
        }

        func upload(
            _ text: String, number: UInt64 = 1, previous: Hash = .zero, from sequence: UInt64 = 0,
            signedBy other: SigningKey? = nil,
            change: (inout BatchStatement) -> Void = { _ in }
        ) throws -> BatchUpload {
            var columns = EventColumns()
            for (index, letter) in text.enumerated() {
                let event = Event(
                    time: Instant(milliseconds: 1_795_512_300_000),
                    sequence: sequence + UInt64(index),
                    body: .key(
                        KeyPress(key: String(letter), place: Place(app: "Word", window: "Essay"))))
                columns.append(
                    sequence: event.sequence, wallMilliseconds: event.time.milliseconds,
                    monoMilliseconds: 0, kind: .key,
                    content: CanonicalContent.encode(event)[...])
            }
            let seed = Commitment.batchSeed(
                sessionSeed: [UInt8](repeating: 5, count: 32), batchNumber: number)
            let computed = BatchCommitments.compute(
                seed: seed, count: columns.count, contents: columns.contents
            ) { index in
                BatchCommitments.Parts(
                    sequence: columns.sequences[index],
                    wallMilliseconds: columns.wallMilliseconds[index],
                    monoMilliseconds: columns.monoMilliseconds[index], kind: Array("key".utf8),
                    content: columns.contentRange(index))
            }
            var statement = BatchStatement(
                origin: origin, device: device, session: "s-s1001", host: "LIB-07",
                user: "s1001", number: number, firstSequence: sequence,
                lastSequence: sequence + UInt64(text.count) - 1, firstWall: 1_795_512_300_000,
                lastWall: 1_795_512_300_000, root: computed.root, previous: previous)
            change(&statement)
            let signer = try NoteSigner(name: device, signingKey: other ?? key)
            return BatchUpload(
                seed: seed, statement: Array(statement.signed(by: signer).utf8), columns: columns)
        }
    }

    private func post(
        _ upload: BatchUpload, to fixture: CollectorFixture, encoding: String? = nil
    ) async throws -> TestResponse {
        try await post(body: upload.encoded(), to: fixture, encoding: encoding)
    }

    private func post(
        body: [UInt8], to fixture: CollectorFixture, encoding: String? = nil
    ) async throws -> TestResponse {
        try await fixture.post(
            "/v1/batches", encoding == "zstd" ? Zstd.compress(body, level: 3) : body, token: nil,
            type: BatchRoute.contentType, encoding: encoding)
    }

    @Test(arguments: [nil, "zstd"] as [String?])
    func `a signed batch gets a receipt with its leaf, and is stored`(encoding: String?)
        async throws
    {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let response = try await post(try agent.upload("abc"), to: fixture, encoding: encoding)
        #expect(response.status == .ok)
        let json = try response.json
        let leaf = try #require(fixture.parts.store.events(matching: .init()).first?.leaf)
        #expect(json["leaf"] as? UInt64 == leaf)
        #expect(json["duplicate"] as? Bool == false)
        #expect(json["received"] as? String == CollectorFixture.start.rfc3339)
        #expect(try fixture.stored() == [0, 1, 2])
    }

    @Test func `the same batch again gets the old receipt and is stored once (S5)`() async throws {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let upload = try agent.upload("abc")
        let first = try await post(upload, to: fixture)
        fixture.advance(byMilliseconds: 60_000)
        let again = try await post(upload, to: fixture)
        #expect(again.status == .ok)
        let json = try again.json
        #expect(json["leaf"] as? Int == (try first.json["leaf"] as? Int))
        #expect(json["duplicate"] as? Bool == true)
        #expect(json["received"] as? String == CollectorFixture.start.rfc3339)
        #expect(try fixture.stored() == [0, 1, 2])
    }

    @Test func `a wrong root is 422, a wrong signature 401, another collector's 422`()
        async throws
    {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let root = try await post(
            try agent.upload("abc") { $0.root = Hash.sha256([1]) }, to: fixture)
        #expect(root.status == .unprocessableContent)
        #expect(try root.detail == "the statement does not match the events")
        let stranger = try #require(SigningKey(seed: [UInt8](repeating: 8, count: 32)))
        let signature = try await post(
            try agent.upload("abc", signedBy: stranger), to: fixture)
        #expect(signature.status == .unauthorized)
        let origin = try await post(
            try agent.upload("abc") { $0.origin = "elsewhere.example/log1" }, to: fixture)
        #expect(origin.status == .unprocessableContent)
        #expect(try fixture.stored().isEmpty)
        let good = try await post(try agent.upload("abc"), to: fixture)
        #expect(good.status == .ok)
        #expect(try fixture.stored() == [0, 1, 2])
    }

    @Test func `a number used twice for other events is 409, and the first stays (S5)`()
        async throws
    {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        _ = try await post(try agent.upload("abc"), to: fixture)
        let other = try await post(try agent.upload("xyz"), to: fixture)
        #expect(other.status == .conflict)
        #expect(try fixture.stored() == [0, 1, 2])
    }

    @Test func `an unknown or revoked device is 401 (S6)`() async throws {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let unknown = try await post(
            try agent.upload("abc") { $0.device = "device/ffffffff" }, to: fixture)
        #expect(unknown.status == .unauthorized)
        let device = try #require(DeviceName(agent.device))
        _ = try fixture.parts.store.catalogue.revoke(device, at: CollectorFixture.start)
        let revoked = try await post(try agent.upload("abc"), to: fixture)
        #expect(revoked.status == .unauthorized)
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `an upload cut at any length is refused and stores nothing`() async throws {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let whole = try agent.upload("ab").encoded()
        for size in stride(from: 0, to: whole.count, by: 7) {
            let response = try await post(body: Array(whole[..<size]), to: fixture)
            #expect(response.status.kind == .clientError, "cut at \(size)")
        }
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `every changed byte of an upload is refused`() async throws {
        let fixture = try CollectorFixture()
        let agent = try await SigningAgent(in: fixture)
        let whole = try agent.upload("ab").encoded()
        for index in stride(from: 0, to: whole.count, by: 3) {
            var changed = whole
            changed[index] ^= 0x01
            let response = try await post(body: changed, to: fixture)
            #expect(response.status.kind == .clientError, "byte \(index)")
        }
        #expect(try fixture.stored().isEmpty)
        #expect(try await post(body: whole, to: fixture).status == .ok)
    }

    @Test func `an enrolment code works once and for 24 hours only (S1)`() async throws {
        let fixture = try CollectorFixture()
        let door = EnrolmentDoor(fixture)
        let code = try door.newCode("LIB-07")
        #expect(try await door.status(code, key: 4) == .ok)
        let refused = try await door.enrol(code, key: 5)
        #expect(refused.status == .unauthorized)
        #expect(refused.text.contains("used by another key"))
        let late = try door.newCode("LIB-08")
        fixture.advance(byMilliseconds: 24 * 3_600_000 + 1)
        #expect(try await door.status(late, key: 4) == .unauthorized)
        #expect(try await door.status("db_enrol_guess", key: 4) == .unauthorized)
    }

    @Test func `a lost answer does not use the code up: the same key gets the same name again`()
        async throws
    {
        let fixture = try CollectorFixture()
        let door = EnrolmentDoor(fixture)
        let code = try door.newCode("LIB-07")
        let first = try await door.enrol(code, key: 4)
        #expect(first.status == .ok)
        #expect(try await door.enrol(code, key: 4) == first)
        #expect(try await door.status(code, key: 5) == .unauthorized)
        // It was used in time, so that its own answer may still be asked for.
        fixture.advance(byMilliseconds: 24 * 3_600_000 + 1)
        #expect(try await door.enrol(code, key: 4) == first)
        #expect(try await door.status(code, key: 5) == .unauthorized)
        let devices = try fixture.parts.store.catalogue.devices().filter { $0.label == "LIB-07" }
        #expect(devices.count == 1)
        let name = try #require(devices.first?.name)
        _ = try fixture.parts.store.catalogue.revoke(name, at: fixture.parts.environment.now())
        #expect(try await door.status(code, key: 4) == .unauthorized)
    }
}

/// The enrolment door of a fixture's collector; keys are 32 times one byte.
private struct EnrolmentDoor {
    struct Answer: Equatable {
        var status: HTTPResponse.Status
        var text: String
    }

    let fixture: CollectorFixture

    init(_ fixture: CollectorFixture) { self.fixture = fixture }

    func newCode(_ label: String) throws -> String {
        try Credentials.newEnrolmentCode(
            label: label, in: fixture.parts.store.catalogue,
            environment: fixture.parts.environment)
    }

    func enrol(_ code: String, key: UInt8) async throws -> Answer {
        let text = Base64.encode([UInt8](repeating: key, count: 32))
        let response = try await fixture.post(
            "/v1/enrol", Array(#"{"code":"\#(code)","publicKey":"\#(text)"}"#.utf8), token: nil)
        return Answer(status: response.status, text: response.text)
    }

    func status(_ code: String, key: UInt8) async throws -> HTTPResponse.Status {
        try await enrol(code, key: key).status
    }
}
