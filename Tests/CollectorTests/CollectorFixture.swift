import Access
import Bytes
import Durable
import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Proofs
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Collector

/// A collector's doors around a real store in a directory of its own. The clock stands unless moved.
final class CollectorFixture: Sendable {
    let parts: CollectorParts
    let operatorToken: String
    let deviceToken: String
    let files: FaultyFileSystem
    let rules: RulesInForce
    private let directory: String
    private let clock = ClockBox()

    /// The built-in pack, compiled once for all tests.
    private static let builtIn = Result { try RulesInForce(directory: nil) }
    static let start = Instant(milliseconds: 1_795_512_345_000)
    static let ndjson = "application/x-ndjson"

    init(bounds: Admission.Bounds = .usual) throws {
        let name = "daybook-test-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        directory = FileManager.default.temporaryDirectory.path + "/" + name
        let random = Mutex(SeededRandom(seed: 11))
        let files = FaultyFileSystem()
        let clock = clock
        let environment = StoreEnvironment(
            now: { clock.now },
            randomBytes: { count in random.withLock { $0.bytes(count: count) } },
            fileSystem: files)
        self.files = files
        rules = try CollectorFixture.builtIn.get()
        try Store.create(
            at: directory, school: "Hillside School", host: "collector.hillside.example",
            environment: environment)
        let store = try Store.open(at: directory, environment: environment)
        parts = CollectorParts(
            store: store, environment: environment, admission: Admission(bounds: bounds),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        operatorToken = try Credentials.newOperator(
            name: "coordinator", in: store.catalogue, environment: environment)
        deviceToken = try Credentials.newTokenDevice(
            label: "library", in: store.catalogue, environment: environment)
    }

    deinit {
        // A directory that is gone already is as good.
        try? parts.store.close()
        try? RealFileSystem().removeTree(directory)
    }

    /// Moves the clock.
    func advance(byMilliseconds offset: Int64) { clock.advance(offset) }

    /// Runs requests against the router.
    func run<Value: Sendable>(
        _ test: @Sendable @escaping (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        try await Application(router: Routes.router(parts, rules: rules)).test(.router, test)
    }

    /// Posts one body and gives the answer.
    func post(
        _ path: String, _ body: [UInt8], token: String?, type: String? = nil,
        encoding: String? = nil, extra: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = extra
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let type { headers[.contentType] = type }
        if let encoding { headers[.contentEncoding] = encoding }
        return try await run { [headers] client in
            try await client.executeRequest(
                uri: path, method: .post, headers: headers, body: ByteBuffer(bytes: body))
        }
    }

    /// Posts lines to the NDJSON door as the fixture's device.
    func ingest(
        _ lines: [String], encoding: String? = nil, key: String? = nil
    ) async throws -> TestResponse {
        try await ingest(
            body: Array((lines.joined(separator: "\n") + "\n").utf8), encoding: encoding, key: key)
    }

    func ingest(
        body: [UInt8], type: String = CollectorFixture.ndjson, encoding: String? = nil,
        key: String? = nil
    ) async throws -> TestResponse {
        var extra: HTTPFields = [:]
        if let key, let name = HTTPField.Name("Idempotency-Key") { extra[name] = key }
        return try await post(
            "/v1/ingest", body, token: deviceToken, type: type, encoding: encoding, extra: extra)
    }

    /// Posts a small JSON request as the operator.
    func ask(_ path: String, _ json: String) async throws -> TestResponse {
        try await post(path, Array(json.utf8), token: operatorToken, type: "application/json")
    }

    /// The sequence numbers stored for a student, in order.
    func stored(of student: String = "s1001") throws -> [UInt64] {
        try parts.store.events(matching: EventQuery(student: StudentID(student)))
            .map(\.event.sequence)
    }
}

/// A clock that stands until it is moved.
final class ClockBox: Sendable {
    private let time = Mutex(CollectorFixture.start)
    var now: Instant { time.withLock { $0 } }
    func advance(_ milliseconds: Int64) {
        time.withLock { $0 = $0.advanced(byMilliseconds: milliseconds) }
    }
}

/// Lines of the NDJSON door.
enum Line {
    static func key(
        _ key: String, _ sequence: Int, user: String = "s1001", window: String = "Essay",
        second: Int? = nil
    ) -> String {
        let time = 10 + (second ?? sequence)
        let clock =
            "\(time / 60 % 60 < 10 ? "0" : "")\(time / 60 % 60):\(time % 60 < 10 ? "0" : "")\(time % 60)"
        return """
            {"time":"2026-11-24T09:\(clock).250Z","host":"LIB-07","user":"\(user)",\
            "session":"s-\(user)","seq":\(sequence),"kind":"key","key":"\(key)","app":"Word",\
            "window":"\(window)"}
            """
    }

    static func window(_ title: String, _ sequence: Int, user: String = "s1001") -> String {
        """
        {"time":"2026-11-24T09:00:09Z","host":"LIB-07","user":"\(user)","session":"s-\(user)",\
        "seq":\(sequence),"kind":"window","app":"Word","window":"\(title)"}
        """
    }
}

extension TestResponse {
    /// The body as JSON.
    var json: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView))
            return try #require(object as? [String: Any])
        }
    }

    /// The body as text.
    var text: String { String(buffer: body) }

    /// The detail of a problem.
    var detail: String {
        get throws { try #require(try json["detail"] as? String) }
    }
}
