import Events
import Glibc
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Agent

@Suite struct ShipperTests {
    /// A recorder with some batches of two events.
    func recorder(_ clock: any AgentClock, keys: Int = 6) async throws -> Recorder {
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock, batchEvents: 2)
        try await AgentFixture.begin(recorder)
        for _ in 0..<keys { await recorder.record([Observation(AgentFixture.key("a"), at: clock)]) }
        try await recorder.end()
        return recorder
    }

    @Test func `batches go in order and are forgotten with their receipt`() async throws {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let collector = try AgentFixture.collector()
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        let count = await recorder.unsentCount
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
        #expect(collector.requests == count)
        #expect(collector.faults == [])
        #expect(await recorder.unsentCount == 0)
        #expect(await shipper.acknowledgedEvents == 11)
    }

    @Test func `a batch whose answer was lost is sent again and stored once`() async throws {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let collector = try AgentFixture.collector()
        collector.behave([.acceptSilently])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        guard case .failed = try await shipper.step() else { return #expect(Bool(false)) }
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
        #expect(collector.duplicates == 1)
        #expect(collector.events.map(\.sequence) == Array(0..<11))
    }

    @Test(arguments: [401, 403])
    func `a device that is not accepted keeps its batches and waits (S6)`(status: Int)
        async throws
    {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let before = await recorder.unsentCount
        let collector = try AgentFixture.collector()
        collector.behave([.status(status, retryAfterSeconds: nil, body: "")])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        guard case .refused(status, _) = try await shipper.step() else {
            return #expect(Bool(false))
        }
        #expect(await recorder.unsentCount == before)
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
    }

    @Test(arguments: [400, 409, 413, 415, 422])
    func `a batch refused for ever goes into quarantine and the next one is sent`(status: Int)
        async throws
    {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let collector = FakeCollector()
        collector.behave([.status(status, retryAfterSeconds: nil, body: "{}")])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        #expect(try await shipper.step() == .quarantined)
        #expect(try await shipper.step() == .acknowledged)
        #expect(await shipper.quarantinedBatches == 1)
        #expect(collector.events.first?.sequence == 2)
    }

    @Test func `429 and 503 are waited for as asked`() async throws {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let collector = try AgentFixture.collector()
        collector.behave([
            .status(429, retryAfterSeconds: 7, body: ""),
            .status(503, retryAfterSeconds: 2, body: ""),
        ])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        guard case .failed(let first) = try await shipper.step(),
            case .failed(let second) = try await shipper.step()
        else { return #expect(Bool(false)) }
        #expect((7_000...7_500).contains(first))
        #expect((2_000...3_000).contains(second))
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
    }

    @Test(arguments: [301, 404, 408, 500, 502, 504])
    func `any other status is tried again`(status: Int) async throws {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let collector = try AgentFixture.collector()
        collector.behave([.status(status, retryAfterSeconds: nil, body: "")])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        guard case .failed = try await shipper.step() else { return #expect(Bool(false)) }
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
        #expect(collector.faults == [])
    }

    @Test(arguments: ["", "OK", "<html></html>", "{}", #"{"leaf":"x","received":"y"}"#])
    func `a 200 without a receipt acknowledges nothing`(body: String) async throws {
        let clock = FakeClock()
        let recorder = try await recorder(clock)
        let before = await recorder.unsentCount
        let collector = try AgentFixture.collector()
        collector.behave([.status(200, retryAfterSeconds: nil, body: body)])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        guard case .failed = try await shipper.step() else { return #expect(Bool(false)) }
        #expect(await recorder.unsentCount == before)
    }

    @Test func `an unreachable collector is asked ever more rarely, and found again`() async throws
    {
        let clock = HastyClock()
        let recorder = try await recorder(clock)
        let collector = try AgentFixture.collector()
        collector.behave(Array(repeating: .unreachable, count: 20))
        let shipper = AgentFixture.shipper(
            recorder, collector, clock: clock,
            backoff: Backoff(baseMilliseconds: 500, maximumMilliseconds: 60_000))
        let running = Task { try await shipper.run() }
        try await eventually("all is shipped") { await recorder.unsentCount == 0 }
        running.cancel()
        // 500 ms doubling to 60 s: twenty failures take between ten and twenty minutes.
        let waited = clock.monotonicMilliseconds
        #expect(waited > 400_000)
        #expect(collector.faults == [])
    }
}

/// Answers HTTP requests with what it is given, one connection after the other.
private final class CannedServer: Sendable {
    let port: UInt16
    private let socket: Int32

    /// - Parameter answers: what to write to each connection after its request; nil says nothing and
    ///   keeps the connection open.
    init(_ answers: [String?]) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe bind(socket, raw, size) == 0 && listen(socket, 8) == 0
                    && getsockname(socket, raw, &size) == 0
            }
        }
        try #require(isReady)
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread(socket: socket, answers: answers)
        thread.start()
    }

    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private struct Thread: Sendable {
        let socket: Int32
        let answers: [String?]

        func start() {
            let box = Box(self)
            var id = pthread_t()
            let raw = unsafe Unmanaged.passRetained(box).toOpaque()
            _ = unsafe pthread_create(
                &id, nil,
                { argument in
                    if let argument = unsafe argument {
                        let box = unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                        box.thread.serve()
                    }
                    return nil
                }, raw)
        }

        func serve() {
            for answer in answers {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                _ = unsafe read(connection, &buffer, buffer.count)
                guard let answer else { continue }
                let bytes = Array(answer.utf8)
                _ = unsafe write(connection, bytes, bytes.count)
                close(connection)
            }
        }
    }

    private final class Box: Sendable {
        let thread: Thread
        init(_ thread: Thread) { self.thread = thread }
    }
}

@Suite struct HTTPTransportTests {
    let request = TransportRequest(
        path: "/v1/batches", headers: [("content-type", "application/vnd.daybook.batch")],
        body: [1, 2, 3])

    private func answer(_ text: String?, timeoutMilliseconds: Int = 5_000) async throws
        -> TransportAnswer
    {
        let server = try CannedServer([text])
        defer { server.stop() }
        let transport = try HTTPTransport(
            address: try CollectorAddress("http://127.0.0.1:\(server.port)"),
            certificateAuthority: nil)
        let result: Result<TransportAnswer, any Error>
        do {
            result = .success(
                try await transport.post(request, timeoutMilliseconds: timeoutMilliseconds))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }

    @Test func `an answer comes back with status, Retry-After and body`() async throws {
        let answer = try await answer(
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 9\r\nContent-Length: 2\r\n\r\nhi")
        #expect(answer == TransportAnswer(status: 429, retryAfterSeconds: 9, body: [0x68, 0x69]))
    }

    @Test func `a redirect is an answer and is not followed (S8)`() async throws {
        let answer = try await answer(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        #expect(answer.status == 302)
    }

    @Test func `a collector that hangs is given up at the deadline`() async throws {
        await #expect(throws: (any Error).self) {
            try await answer(nil, timeoutMilliseconds: 200)
        }
    }

    @Test func `an endless answer is cut off`() async throws {
        let size = AgentLimits.answerSizeMaximum * 2
        let body = String(repeating: "x", count: size)
        await #expect(throws: (any Error).self) {
            try await answer("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n\(body)")
        }
    }

    @Test func `a refused connection is an error`() async throws {
        let server = try CannedServer([])
        server.stop()
        let transport = try HTTPTransport(
            address: try CollectorAddress("http://127.0.0.1:1"), certificateAuthority: nil)
        await #expect(throws: (any Error).self) {
            try await transport.post(request, timeoutMilliseconds: 5_000)
        }
        await transport.shutdown()
    }

    @Test(arguments: ["/nonexistent/ca.pem", "/etc/hostname", "/dev/null"])
    func `a pinned authority that is none is refused at the start (S3)`(path: String) throws {
        #expect(throws: AgentError.self) {
            try HTTPTransport(
                address: try CollectorAddress("https://a.example"), certificateAuthority: path)
        }
    }
}
