import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Reaches the collector over HTTP: TLS 1.2 or later, no redirects, and when an authority is pinned
/// only certificates from it (S3, S7, S8).
public struct HTTPTransport: Transport {
    private let address: CollectorAddress
    private let client: HTTPClient

    /// A transport to a collector; ``shutdown()`` must follow.
    public init(address: CollectorAddress, certificateAuthority: String?) throws(AgentError) {
        self.address = address
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let certificateAuthority {
            do {
                let certificates = try NIOSSLCertificate.fromPEMFile(certificateAuthority)
                guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
                tls.trustRoots = .certificates(certificates)
            } catch {
                throw .transport(
                    why: "certificateAuthority \(certificateAuthority) holds no certificate")
            }
        }
        configuration.tlsConfiguration = tls
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Posts a request.
    public func post(_ request: TransportRequest, timeoutMilliseconds: Int) async throws
        -> TransportAnswer
    {
        var outgoing = HTTPClientRequest(url: address.base + request.path)
        outgoing.method = .POST
        for header in request.headers {
            outgoing.headers.add(name: header.name, value: header.value)
        }
        outgoing.headers.add(name: "user-agent", value: "daybook-agent")
        outgoing.body = .bytes(ByteBuffer(bytes: request.body))
        let answer = try await client.execute(
            outgoing, timeout: .milliseconds(Int64(timeoutMilliseconds)))
        let body = try await answer.body.collect(upTo: AgentLimits.answerSizeMaximum)
        return TransportAnswer(
            status: Int(answer.status.code),
            retryAfterSeconds: answer.headers.first(name: "retry-after").flatMap { Int($0) },
            body: Array(body.readableBytesView))
    }

    /// Closes the connections.
    public func shutdown() async {
        // try?: the process is ending and holds nothing that these connections could lose.
        try? await client.shutdown()
    }
}
