import Events
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Collector

@Suite struct AdmissionTests {
    private func admission(requests: Int = 4, bytes: Int = 1_000, perDevice: Int = 2) -> Admission {
        Admission(
            bounds: .init(requests: requests, bytes: bytes, requestsPerDevice: perDevice))
    }

    @Test func `room is given up to each bound and not beyond (R9)`() throws {
        let admission = admission()
        let tickets = try (0..<4).map { _ in try admission.admit(bytes: 10) }
        #expect(throws: CollectorError.self) { try admission.admit(bytes: 10) }
        for ticket in tickets { admission.release(ticket) }
        #expect(admission.load == (0, 0))
        _ = try admission.admit(bytes: 1_000)
        #expect(throws: CollectorError.self) { try admission.admit(bytes: 1) }
    }

    @Test func `one device cannot take the room of all`() throws {
        let admission = admission()
        let device = try #require(DeviceName("device/1"))
        let other = try #require(DeviceName("device/2"))
        let first = try admission.admit(bytes: 1, device: device)
        _ = try admission.admit(bytes: 1, device: device)
        #expect(throws: CollectorError.self) { try admission.admit(bytes: 1, device: device) }
        _ = try admission.admit(bytes: 1, device: other)
        admission.release(first)
        _ = try admission.admit(bytes: 1, device: device)
    }

    @Test func `what is taken and given back in any order adds up to nothing`() throws {
        try forAll(
            { random in
                (0..<random.int(in: 1...40)).map { _ in random.int(in: 0...200) }
            },
            check: { sizes in
                let admission = admission(requests: 20, bytes: 2_000, perDevice: 5)
                let device = try #require(DeviceName("device/1"))
                var tickets: [Admission.Ticket] = []
                var expected = 0
                for size in sizes {
                    do {
                        tickets.append(
                            try admission.admit(bytes: size, device: size % 2 == 0 ? device : nil))
                        expected += size
                    } catch {
                        if let ticket = tickets.popLast() {
                            admission.release(ticket)
                            expected -= ticket.bytes
                        }
                    }
                    #expect(admission.load == (tickets.count, expected))
                    #expect(expected <= 2_000)
                }
                for ticket in tickets { admission.release(ticket) }
                #expect(admission.load == (0, 0))
            })
    }

    @Test func `a full collector answers 503 with a time to come back before it reads a body`()
        async throws
    {
        let fixture = try CollectorFixture(
            bounds: .init(requests: 0, bytes: 1_000, requestsPerDevice: 1))
        var waits: Set<String> = []
        for _ in 0..<8 {
            let response = try await fixture.ingest([Line.key("a", 0)])
            #expect(response.status == .serviceUnavailable)
            waits.insert(try #require(response.headers[.retryAfter]))
        }
        #expect(waits.count > 1, "refused clients must not all return together")
        #expect(try fixture.stored().isEmpty)
    }

    @Test func `a device with too much under way gets 429`() async throws {
        let fixture = try CollectorFixture(
            bounds: .init(requests: 9, bytes: 1 << 20, requestsPerDevice: 0))
        let response = try await fixture.ingest([Line.key("a", 0)])
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] != nil)
    }

    @Test func `room is given back after good and bad requests`() async throws {
        let fixture = try CollectorFixture(
            bounds: .init(requests: 1, bytes: 1 << 20, requestsPerDevice: 1))
        for body in [Line.key("a", 0), "broken", Line.key("b", 1)] {
            _ = try await fixture.ingest([body])
        }
        #expect(fixture.parts.admission.load == (0, 0))
        #expect(try fixture.stored() == [0, 1])
    }
}
