import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

extension HTTPClient {
    /// A client that keeps so many connections to one collector.
    static func bench(connections: Int) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.decompression = .disabled
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Posts a JSON object; gives the body of a good answer.
    func post(_ url: String, json: Data, token: String?) async throws -> Data {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(bytes: json))
        return try await answer(to: request)
    }

    /// The metrics without labels, by name.
    func metrics(of url: String) async throws -> [String: Int] {
        let body = try await answer(to: HTTPClientRequest(url: url + "/metrics"))
        var metrics: [String: Int] = [:]
        for line in String(decoding: body, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, !line.hasPrefix("#"), let value = Double(parts[1]) {
                metrics[String(parts[0])] = Int(value)
            }
        }
        return metrics
    }

    private func answer(to request: HTTPClientRequest) async throws -> Data {
        let response = try await execute(
            request, timeout: .seconds(BenchLimits.requestSeconds))
        let body = try await response.body.collect(upTo: 512 << 20)
        let bytes = Data(body.readableBytesView)
        guard response.status == .ok else {
            throw BenchFault.refused(
                status: Int(response.status.code),
                detail: String(decoding: bytes.prefix(300), as: UTF8.self))
        }
        return bytes
    }
}
