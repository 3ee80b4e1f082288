import Bytes
import Durable
import Proofs
import TestSupport
import Testing

@testable import Agent

@Suite struct EnrolmentTests {
    private let keyFile = DeviceKeyFile(path: "/k/key", files: MemoryFileSystem())
    private let collector = FakeCollector()

    private var enrolment: Enrolment {
        Enrolment(keyFile: keyFile, transport: collector, random: .seeded(4))
    }

    private func waiting(_ code: String?, clock: any AgentClock = HastyClock()) async throws
        -> DeviceIdentity
    {
        try await enrolment.identity(
            code: code, device: "pc", backoff: Backoff(), clock: clock,
            logger: AgentFixture.logger)
    }

    @Test func `an enrolment tells code, name and public key and keeps the names it gets (S1)`()
        async throws
    {
        let identity = try await enrolment.enrol(code: "CODE-1", device: "room12-pc07")
        #expect(identity.device == "device/7f3a9c21")
        let body = try #require(collector.enrolments.first)
        #expect(body.contains("CODE-1"))
        #expect(body.contains("room12-pc07"))
        #expect(!body.contains(Base64.encode(identity.key.seed)))
        guard case .identity = try keyFile.read() else { return #expect(Bool(false)) }
        let again = try await waiting("CODE-2")
        #expect(again.key.publicKey == identity.key.publicKey)
        #expect(collector.requests == 1)
    }

    @Test func `a key survives a failed enrolment and is used for the next`() async throws {
        collector.behave([.unreachable, .accept])
        await #expect(throws: AgentError.self) {
            try await enrolment.enrol(code: "CODE-1", device: "pc")
        }
        guard case .key(let first) = try keyFile.read() else { return #expect(Bool(false)) }
        let identity = try await enrolment.enrol(code: "CODE-1", device: "pc")
        #expect(identity.key.publicKey == first.publicKey)
    }

    @Test(arguments: [
        (401, #"{"title":"used","detail":"this code was used"}"#, "this code was used"),
        (410, #"{"title":"code expired"}"#, "code expired"), (500, "<html>", "no reason"),
        (401, "", "daybook-collector devices enrol"),
        (200, "{}", "names no device"), (200, "", "names no device"),
    ])
    func `a refusal says why`(status: Int, body: String, expected: String) async throws {
        collector.behave([.status(status, retryAfterSeconds: nil, body: body)])
        await #expect {
            try await enrolment.enrol(code: "c", device: "pc")
        } throws: { error in
            (error as? AgentError)?.message.contains(expected) == true
        }
    }

    @Test func `an agent that starts before its collector waits for it`() async throws {
        let clock = HastyClock()
        collector.behave([
            .unreachable, .status(503, retryAfterSeconds: nil, body: ""),
            .status(429, retryAfterSeconds: nil, body: ""),
            .status(200, retryAfterSeconds: nil, body: "<html>a proxy's page</html>"), .accept,
        ])
        let identity = try await waiting("CODE", clock: clock)
        #expect(identity.device == "device/7f3a9c21")
        #expect(collector.requests == 5)
        #expect(clock.monotonicMilliseconds > 0)
    }

    @Test(arguments: [503, 429, 500]) func `the wait that the collector asks for is kept`(
        status: Int
    ) async throws {
        let clock = HastyClock()
        collector.behave([.status(status, retryAfterSeconds: 120, body: ""), .accept])
        _ = try await waiting("CODE", clock: clock)
        #expect(clock.monotonicMilliseconds >= 120_000)
    }

    @Test func `an answer that was lost is asked for again with the same code and key`()
        async throws
    {
        collector.behave([.acceptSilently, .acceptSilently])
        let identity = try await waiting("CODE-1")
        #expect(collector.enrolments.count == 3)
        #expect(Set(collector.enrolments).count == 1)
        guard case .identity(let stored) = try keyFile.read() else {
            return #expect(Bool(false))
        }
        #expect(stored.key.publicKey == identity.key.publicKey)
    }

    @Test(arguments: [400, 401, 403, 404, 409, 410, 413, 422])
    func `a refused code is not tried for ever`(status: Int) async throws {
        collector.behave([
            .unreachable, .status(status, retryAfterSeconds: 1, body: #"{"title":"no"}"#),
        ])
        await #expect {
            try await waiting("CODE")
        } throws: { error in
            guard case .enrolmentRefused(status, let why)? = error as? AgentError else {
                return false
            }
            return why.hasPrefix("no")
                && why.contains("devices enrol") == [401, 403, 410].contains(status)
        }
        #expect(collector.requests == 2)
        guard case .key = try keyFile.read() else { return #expect(Bool(false)) }
    }

    @Test func `waiting for the collector ends when the agent is stopped`() async throws {
        let clock = FakeClock()
        collector.behave([.unreachable])
        let agent = Task { try await waiting("CODE", clock: clock) }
        try await eventually("it has asked") { collector.requests == 1 }
        agent.cancel()
        await #expect(throws: CancellationError.self) { try await agent.value }
        #expect(collector.requests == 1)
    }

    @Test func `without key and code the message says what to run`() async throws {
        await #expect {
            try await waiting(nil)
        } throws: { error in
            (error as? AgentError)?.message.contains("daybook-agent enrol") == true
        }
    }
}
