import Bytes
import Foundation
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

    /// Enrols with a code under a wished name. The key is on disk before it is told to anyone, so a
    /// crash leaves a key to try again with, never a device whose key is lost.
    public func enrol(code: String, device: String) async throws(AgentError) -> DeviceIdentity {
        let key = try keyToEnrol()
        let question = Question(
            code: code, device: device, publicKey: Base64.encode(key.publicKey))
        let body: Data
        let answer: TransportAnswer
        do {
            body = try JSONEncoder().encode(question)
            answer = try await transport.post(
                TransportRequest(
                    path: "/v1/enrol", headers: [("content-type", "application/json")],
                    body: [UInt8](body)),
                timeoutMilliseconds: AgentLimits.requestTimeoutMilliseconds)
        } catch {
            throw .transport(why: "\(error)")
        }
        guard (200...299).contains(answer.status) else {
            // try?: a refusal without a problem document still has its status.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            throw .enrolmentRefused(
                status: answer.status,
                why: problem?.detail ?? problem?.title ?? "ask for a new enrolment code")
        }
        // try?: the guard says what is wrong with the answer.
        guard let names = try? JSONDecoder().decode(Answer.self, from: Data(answer.body)) else {
            throw .enrolmentRefused(status: answer.status, why: "the answer names no device")
        }
        let identity = try DeviceIdentity(key: key, device: names.device, origin: names.origin)
        try keyFile.write(identity)
        return identity
    }

    /// The identity, enrolled with the code when there is none yet.
    public func identity(code: String?, device: String) async throws(AgentError)
        -> DeviceIdentity
    {
        if case .identity(let identity) = try keyFile.read() { return identity }
        guard let code else {
            throw .deviceKey(
                file: keyFile.path,
                why:
                    "this device is not enrolled, run: daybook-agent enrol --config FILE --code CODE"
            )
        }
        return try await enrol(code: code, device: device)
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
