import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks the collector and gives its answer.
struct CollectorClient {
    private let options: ConnectionOptions
    /// The largest answer that is taken: a whole school day of one account fits many times.
    private static let answerSizeMaximum = 512 << 20
    /// How long an answer may take; a large bundle is made while we wait.
    private static let timeoutSeconds: Int64 = 300

    init(_ options: ConnectionOptions) { self.options = options }

    private struct Problem: Decodable {
        let detail: String?
    }

    /// Posts a JSON object and gives the body of the answer.
    func post(_ path: String, _ fields: [String: String?]) async throws -> [UInt8] {
        let token = try options.token()
        let base = try CollectorClient.checked(options.address)
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(
            ByteBuffer(bytes: try JSONEncoder().encode(fields.compactMapValues { $0 })))
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: try configuration())
        do {
            let answer = try await CollectorClient.execute(request, client, base)
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private static func execute(
        _ request: HTTPClientRequest, _ client: HTTPClient, _ base: String
    ) async throws -> [UInt8] {
        let status: Int
        let body: [UInt8]
        do {
            let response = try await client.execute(request, timeout: .seconds(timeoutSeconds))
            status = Int(response.status.code)
            var buffer = try await response.body.collect(upTo: answerSizeMaximum)
            body = buffer.readBytes(length: buffer.readableBytes) ?? []
        } catch {
            throw ClientFault.unreachable(url: base, why: CollectorClient.reason(of: error))
        }
        guard status == 200 else {
            // An answer that is no problem JSON still has a status to report.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
            throw ClientFault.problem(status: status, detail: problem?.detail ?? "no detail")
        }
        return body
    }

    /// Why there is no answer, where it is one of the usual reasons.
    private static func reason(of error: any Error) -> String {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not trusted here, give --ca-file"
        }
        if text.contains("Connection refused") { return "nothing listens there, is it serving?" }
        return text
    }

    /// The address without a slash at its end; plain HTTP only to this computer (S7).
    private static func checked(_ text: String) throws -> String {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host, ["http", "https"].contains(scheme)
        else { throw ClientFault.badURL(text) }
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        guard scheme == "https" || isLoopback else { throw ClientFault.plainBeyondLoopback(text) }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private func configuration() throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        guard let file = options.caFile else { return configuration }
        do {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            configuration.tlsConfiguration = tls
            return configuration
        } catch {
            throw ClientFault.badCertificateFile(file)
        }
    }
}
