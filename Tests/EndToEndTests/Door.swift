import Dispatch
import Foundation

/// A plain HTTP client that sends exactly the bytes it is told, also wrong ones.
///
/// One connection a request, blocking calls on a thread of their own, every wait with a deadline.
struct Door: Sendable {
    let port: Int
    var token: String?

    /// What came back.
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        /// The body as a JSON object; empty when it is none.
        var json: [String: Any] {
            // try?: an answer that is no JSON has no members, and the test says so.
            (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
        }
    }

    /// The other end closed or was not there, at which call.
    struct Broken: Error, CustomStringConvertible {
        let call: String
        let code: Int32
        var description: String { "\(call): errno \(code)" }
    }

    /// Posts a body.
    func post(
        _ path: String, _ body: [UInt8], type: String = "application/x-ndjson",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        try await exchange(head("POST", path, size: body.count, type: type, headers) + body)
    }

    /// Posts a JSON object.
    func post(_ path: String, json: [String: Any]) async throws -> Answer {
        let body = try JSONSerialization.data(withJSONObject: json)
        return try await post(path, [UInt8](body), type: "application/json")
    }

    func get(_ path: String) async throws -> Answer {
        try await exchange(head("GET", path, size: nil, type: nil, [:]))
    }

    /// The head of a request; `size` may lie.
    func head(
        _ method: String, _ path: String, size: Int?, type: String?, _ headers: [String: String]
    ) -> [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        if let size { lines.append("Content-Length: \(size)") }
        if let type { lines.append("Content-Type: \(type)") }
        if let token { lines.append("Authorization: Bearer \(token)") }
        lines += headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Sends bytes and reads the answer to its end.
    ///
    /// - Parameter ends: closes our half after the bytes, as a client does that dies in the middle.
    func exchange(_ bytes: [UInt8], ends: Bool = false) async throws -> Answer {
        let port = self.port
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try Door.blockingExchange(bytes, port: port, ends: ends) })
            }
        }
    }

    private static func blockingExchange(
        _ bytes: [UInt8], port: Int, ends: Bool
    ) throws -> Answer {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard connection >= 0 else { throw Broken(call: "socket", code: errno) }
        defer { close(connection) }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        let limitSize = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, limitSize)
        unsafe setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, limitSize)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Broken(call: "connect", code: errno) }
        var sent = 0
        // A refusal before the end of the body is an answer too: then stop sending and read it.
        while sent < bytes.count, try waitUntilWritable(connection) {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe send(
                    connection, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            sent += count
        }
        if ends { shutdown(connection, Int32(SHUT_WR)) }
        return try Answer(parsing: readToEnd(connection))
    }

    /// False when an answer came before all was sent.
    private static func waitUntilWritable(_ connection: Int32) throws -> Bool {
        var interest = pollfd(fd: connection, events: Int16(POLLOUT | POLLIN), revents: 0)
        guard unsafe poll(&interest, 1, 30_000) > 0 else { throw Broken(call: "poll", code: errno) }
        return interest.revents & Int16(POLLIN) == 0
    }

    private static func readToEnd(_ connection: Int32) throws -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(connection, bytes.baseAddress, bytes.count, 0)
            }
            if count == 0 { return received }
            guard count > 0 else {
                guard received.isEmpty else { return received }
                throw Broken(call: "recv", code: errno)
            }
            received += buffer[..<count]
        }
    }
}

extension Door.Answer {
    fileprivate init(parsing bytes: [UInt8]) throws {
        let separator = Array("\r\n\r\n".utf8)
        guard
            let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) })
        else { throw Door.Broken(call: "answer", code: 0) }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else {
            throw Door.Broken(call: "status line", code: 0)
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        self.status = status
        self.headers = headers
        body = Array(bytes[(end + separator.count)...])
    }
}

/// A port of 127.0.0.1 that is free now; the collector of a test listens there through all its lives.
func freePort() throws -> Int {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard listener >= 0 else { throw Door.Broken(call: "socket", code: errno) }
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
            unsafe bind(listener, raw, size) == 0 ? unsafe getsockname(listener, raw, &size) : -1
        }
    }
    guard code == 0 else { throw Door.Broken(call: "bind", code: errno) }
    return Int(in_port_t(bigEndian: address.sin_port))
}
