import Bytes
import Foundation
public import Logging
import Proofs

/// Makes this device known to the collector: its own key, and a one-time code instead of a shared
/// secret (S1).
public struct Enrolment: Sendable {
    private let keyFile: DeviceKeyFile
    private let transport: any Transport
    private let random: RandomSource

    /// An enrolment that stores its key in a file.
    public init(keyFile: DeviceKeyFile, transport: any Transport, random: RandomSource) {
        self.keyFile = keyFile
        self.transport = transport
        self.random = random
    }

    private struct Question: Encodable {
        var code: String
        var device: String
        var publicKey: String
    }

    private struct Answer: Decodable {
        var device: String
        var origin: String
    }

    private struct Problem: Decodable {
        var title: String?
        var detail: String?
    }

    /// What a question came to.
    private enum Outcome {
        /// The device is known, and its key file says so.
        case enrolled(DeviceIdentity)
        /// No answer, or one that may be another the next time.
        case notNow(AgentError, retryAfterSeconds: Int?)
    }

    /// The identity, enrolled with the code when there is none yet.
    ///
    /// While the collector cannot be reached or has no time it asks again, as the ``Shipper`` does:
    /// the collector knows a code it has taken by the key, so that a lost answer costs nothing. A
    /// refusal ends it.
    public func identity(
        code: String?, device: String, backoff: Backoff, clock: any AgentClock, logger: Logger
    ) async throws -> DeviceIdentity {
        if case .identity(let identity) = try keyFile.read() { return identity }
        guard let code else {
            throw AgentError.deviceKey(
                file: keyFile.path,
                why:
                    "this device is not enrolled, run: daybook-agent enrol --config FILE --code CODE"
            )
        }
        var backoff = backoff
        while true {
            switch try await ask(code: code, device: device) {
            case .enrolled(let identity):
                logger.info("enrolled", metadata: ["device": "\(identity.device)"])
                return identity
            case .notNow(let why, let retryAfterSeconds):
                if backoff.failures == 0 {
                    logger.warning(
                        "not enrolled yet, trying again", metadata: ["why": "\(why.message)"])
                }
                let wait = backoff.failed(retryAfterSeconds: retryAfterSeconds, random: random)
                try await clock.sleep(milliseconds: wait)
            }
        }
    }

    /// Enrols with a code under a wished name, and asks once only: somebody waits for the answer.
    public func enrol(code: String, device: String) async throws(AgentError) -> DeviceIdentity {
        switch try await ask(code: code, device: device) {
        case .enrolled(let identity): return identity
        case .notNow(let why, _): throw why
        }
    }

    /// Asks the collector. The key is on disk before it is told to anyone, so a crash leaves a key to
    /// try again with, never a device whose key is lost.
    private func ask(code: String, device: String) async throws(AgentError) -> Outcome {
        let key = try keyToEnrol()
        let question = Question(
            code: code, device: device, publicKey: Base64.encode(key.publicKey))
        let answer: TransportAnswer
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let body = try encoder.encode(question)
            answer = try await transport.post(
                TransportRequest(
                    path: "/v1/enrol", headers: [("content-type", "application/json")],
                    body: [UInt8](body)),
                timeoutMilliseconds: AgentLimits.requestTimeoutMilliseconds)
        } catch {
            return .notNow(.transport(why: "\(error)"), retryAfterSeconds: nil)
        }
        switch answer.status {
        case 200...299:
            // try?: whatever names no device, a proxy's page say, is treated as no answer.
            guard let names = try? JSONDecoder().decode(Answer.self, from: Data(answer.body))
            else {
                let why = AgentError.transport(
                    why: "the answer to the enrolment names no device")
                return .notNow(why, retryAfterSeconds: answer.retryAfterSeconds)
            }
            let identity = try DeviceIdentity(key: key, device: names.device, origin: names.origin)
            try keyFile.write(identity)
            return .enrolled(identity)
        // Timed out, too early, too many: the code itself was not judged.
        case 400...499 where ![408, 425, 429].contains(answer.status): throw refusal(answer)
        default: return .notNow(refusal(answer), retryAfterSeconds: answer.retryAfterSeconds)
        }
    }

    private func refusal(_ answer: TransportAnswer) -> AgentError {
        // try?: a refusal without a problem document still has its status.
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        let said = problem?.detail ?? problem?.title
        guard answer.status == 401 || answer.status == 403 || answer.status == 410 else {
            return .enrolmentRefused(status: answer.status, why: said ?? "no reason was given")
        }
        let advice = "make a new code with: daybook-collector devices enrol NAME"
        return .enrolmentRefused(
            status: answer.status, why: [said, advice].compactMap(\.self).joined(separator: ", "))
    }

    private func keyToEnrol() throws(AgentError) -> SigningKey {
        switch try keyFile.read() {
        case .key(let key): return key
        case .identity:
            throw .deviceKey(
                file: keyFile.path,
                why: "this device is enrolled already, move the file away to enrol it anew")
        case .missing:
            guard let key = SigningKey(seed: random.bytes(SigningKey.size)) else {
                preconditionFailure("the random source gave too few bytes")
            }
            try keyFile.write(key)
            return key
        }
    }
}
