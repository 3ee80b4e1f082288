import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends the bodies of all lanes: each lane's in order, many lanes at a time, each on its own connection.
struct LoadDriver: Sendable {
    let client: HTTPClient
    let url: String
    let door: Door
    let connections: Int
    /// The bearer token of each lane; none for signed batches.
    let tokens: [Int: String]

    /// What came of it.
    struct Outcome: Sendable {
        var events = 0
        var refusals = 0
        var latencies: [Double] = []
        var seconds = 0.0
    }

    func send(_ lanes: [Workload.Lane]) async throws -> Outcome {
        // The longest first, so that none is left alone at the end.
        let queue = LaneQueue(lanes.sorted { $0.bodies.count > $1.bodies.count })
        let clock = ContinuousClock()
        let start = clock.now
        var outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<min(connections, lanes.count) {
                group.addTask {
                    var outcome = Outcome()
                    while let lane = queue.next() { try await send(lane, &outcome) }
                    return outcome
                }
            }
            return try await group.reduce(into: Outcome()) { sum, part in
                sum.events += part.events
                sum.refusals += part.refusals
                sum.latencies += part.latencies
            }
        }
        outcome.seconds = start.duration(to: clock.now).milliseconds / 1_000
        return outcome
    }

    private func send(_ lane: Workload.Lane, _ outcome: inout Outcome) async throws {
        for (index, body) in lane.bodies.enumerated() {
            let request = request(lane, body, index)
            let start = ContinuousClock.now
            try await send(request, &outcome)
            outcome.latencies.append(start.duration(to: .now).milliseconds)
            outcome.events += body.events
        }
    }

    /// Sends until it is taken, waiting as long as the collector says after each refusal for want of room.
    private func send(_ request: HTTPClientRequest, _ outcome: inout Outcome) async throws {
        for _ in 0..<BenchLimits.triesMaximum {
            let response = try await client.execute(
                request, timeout: .seconds(BenchLimits.requestSeconds))
            let body = try await response.body.collect(upTo: 1 << 20)
            switch response.status.code {
            case 200: return try check(body)
            case 429, 503:
                outcome.refusals += 1
                let seconds = response.headers.first(name: "Retry-After").flatMap(Int.init) ?? 1
                try await Task.sleep(for: .seconds(seconds))
            default:
                throw BenchFault.refused(
                    status: Int(response.status.code),
                    detail: String(buffer: body).prefix(300).description)
            }
        }
        throw BenchFault.gaveUp(tries: BenchLimits.triesMaximum)
    }

    private struct LinesAnswer: Decodable {
        struct Bad: Decodable {
            var line: Int
            var error: String
        }
        var rejected: [Bad]
    }

    /// A line refused is an error of the benchmark's own.
    private func check(_ body: ByteBuffer) throws {
        guard door == .ndjson else { return }
        let answer = try JSONDecoder().decode(
            LinesAnswer.self, from: Data(body.readableBytesView))
        if let bad = answer.rejected.first {
            throw BenchFault.refused(status: 200, detail: "line \(bad.line): \(bad.error)")
        }
    }

    private func request(
        _ lane: Workload.Lane, _ body: Workload.Body, _ index: Int
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(
            url: url + (door == .ndjson ? "/v1/ingest" : "/v1/batches"))
        request.method = .POST
        request.headers.add(
            name: "Content-Type",
            value: door == .ndjson ? "application/x-ndjson" : "application/vnd.daybook.batch")
        request.headers.add(name: "Content-Encoding", value: "zstd")
        if let token = tokens[lane.machine] {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            request.headers.add(name: "Idempotency-Key", value: "\(lane.name)-\(index)")
        }
        request.body = .bytes(ByteBuffer(bytes: body.bytes))
        return request
    }
}

/// Hands out lanes, each once.
final class LaneQueue: Sendable {
    private let waiting: Mutex<ArraySlice<Workload.Lane>>

    init(_ lanes: [Workload.Lane]) { waiting = Mutex(lanes[...]) }

    func next() -> Workload.Lane? { waiting.withLock { $0.popFirst() } }
}
