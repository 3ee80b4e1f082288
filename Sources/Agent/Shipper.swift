import Foundation
public import Logging
import Wire

/// Sends batches in their order and keeps each until its receipt.
///
/// A batch is sent again until the collector has answered for it: it knows a batch by device and
/// number, so sending twice is harmless. What can never succeed is set aside and told of.
public actor Shipper {
    private let recorder: Recorder
    private let transport: any Transport
    private let clock: any AgentClock
    private let random: RandomSource
    private let logger: Logger
    private var backoff: Backoff
    /// Events acknowledged since the shipper was made.
    public private(set) var acknowledgedEvents = 0
    /// Batches set aside since the shipper was made.
    public private(set) var quarantinedBatches = 0
    private var isFailing = false

    /// What a step did.
    public enum Step: Sendable, Equatable {
        /// There was nothing to send.
        case nothing
        /// A batch was acknowledged.
        case acknowledged
        /// A batch was set aside.
        case quarantined
        /// The collector does not know or no longer trusts this device.
        case refused(status: Int, waitMilliseconds: Int)
        /// Nothing came of it, try again after a wait.
        case failed(waitMilliseconds: Int)
    }

    /// A shipper of what a recorder has spooled.
    public init(
        recorder: Recorder, transport: any Transport, clock: any AgentClock,
        random: RandomSource, backoff: Backoff, logger: Logger
    ) {
        self.recorder = recorder
        self.transport = transport
        self.clock = clock
        self.random = random
        self.backoff = backoff
        self.logger = logger
    }

    /// Sends until cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            switch try await step() {
            case .acknowledged, .quarantined: continue
            case .nothing: try await clock.sleep(milliseconds: Shipper.idleMilliseconds)
            case .failed(let wait), .refused(_, let wait):
                try await clock.sleep(milliseconds: wait)
            }
        }
    }

    /// Sends the oldest batch, if there is one, and looks at the answer.
    public func step() async throws(AgentError) -> Step {
        guard let batch = try await recorder.oldestUnsent() else { return .nothing }
        let request = TransportRequest(
            path: "/v1/batches",
            headers: [
                ("content-type", "application/vnd.daybook.batch"), ("content-encoding", "zstd"),
            ], body: batch.body)
        let answer: TransportAnswer
        do {
            answer = try await transport.post(
                request, timeoutMilliseconds: AgentLimits.requestTimeoutMilliseconds)
        } catch {
            return failed("\(error)", nil)
        }
        switch answer.status {
        case 200...299: return try await acknowledge(batch, answer)
        case 401, 403:
            let wait = backoff.failed(
                retryAfterSeconds: answer.retryAfterSeconds, random: random)
            logger.error(
                "the collector does not accept this device, nothing is lost, enrol it again",
                metadata: ["status": "\(answer.status)"])
            return .refused(status: answer.status, waitMilliseconds: wait)
        // Bodies that will be refused however often they come.
        case 400, 409, 413, 415, 422: return try await setAside(batch, answer)
        default: return failed("status \(answer.status)", answer.retryAfterSeconds)
        }
    }

    /// How long to wait before looking for a batch again, in milliseconds.
    static let idleMilliseconds = 100

    private func acknowledge(_ batch: SpooledBatch, _ answer: TransportAnswer)
        async
        throws(AgentError) -> Step
    {
        // A proxy's page with status 200 is no receipt: the batch would be lost with it.
        guard Receipt(answer.body) != nil else { return failed("no receipt in the answer", nil) }
        backoff.succeeded()
        if isFailing {
            isFailing = false
            logger.info("the collector is reachable again")
        }
        acknowledgedEvents += try batch.upload().columns.count
        try await recorder.acknowledge(batch.number)
        return .acknowledged
    }

    private func setAside(_ batch: SpooledBatch, _ answer: TransportAnswer)
        async
        throws(AgentError) -> Step
    {
        try await recorder.quarantine(batch.number, status: answer.status)
        quarantinedBatches += 1
        logger.error(
            "the collector refused a batch for ever, it was put into quarantine",
            metadata: ["batch.number": "\(batch.number)", "status": "\(answer.status)"])
        return .quarantined
    }

    private func failed(_ why: String, _ retryAfterSeconds: Int?) -> Step {
        let wait = backoff.failed(retryAfterSeconds: retryAfterSeconds, random: random)
        if !isFailing {
            isFailing = true
            logger.warning(
                "the collector did not take a batch, trying again", metadata: ["why": "\(why)"])
        }
        return .failed(waitMilliseconds: wait)
    }
}

/// What the collector answers to an accepted batch.
struct Receipt: Decodable, Equatable {
    var leaf: UInt64
    var received: String

    init?(_ body: [UInt8]) {
        // try?: whatever is no receipt is treated as no answer.
        guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(body)) else {
            return nil
        }
        self = receipt
    }
}
