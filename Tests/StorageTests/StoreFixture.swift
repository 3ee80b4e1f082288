import Bytes
import Durable
import Events
import Foundation
import Proofs
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

/// A store in a directory of its own, with a clock that stands and seeded randomness.
final class StoreFixture {
    private let directory: String
    let environment: StoreEnvironment
    let key: SigningKey
    static let device = DeviceName("device/0000000a")

    var path: String { directory + "/data" }

    init(fileSystem: any FileSystem = RealFileSystem()) throws {
        let name = "daybook-test-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        directory = FileManager.default.temporaryDirectory.appending(path: name).pathText
        let random = Mutex(SeededRandom(seed: 7))
        environment = StoreEnvironment(
            now: { Instant(milliseconds: 1_795_512_345_000) },
            randomBytes: { count in random.withLock { $0.bytes(count: count) } },
            fileSystem: fileSystem)
        key = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
        try Store.create(
            at: path, school: "Hillside School", host: "collector.hillside.example",
            environment: environment)
    }

    deinit {
        // A directory that a test removed already is as good.
        try? RealFileSystem().removeTree(directory)
    }

    func open(options: StoreOptions = StoreOptions()) throws -> Store {
        try Store.open(at: path, environment: environment, options: options)
    }

    /// Enrols the fixture's signing device.
    func enrol(in store: Store) throws {
        let name = try #require(StoreFixture.device)
        try store.catalogue.add(
            enrolmentCode: [1, 2, 3], label: "LIB-07",
            expires: environment.now().advanced(byMilliseconds: 1_000))
        let enrolled = try store.catalogue.enrol(
            codeHash: [1, 2, 3], publicKey: key.publicKey, name: name, at: environment.now())
        #expect(enrolled == name)
    }

    /// Lines of one pupil typing a text.
    static func lines(
        _ text: String, user: String = "s1001", host: String = "LIB-07", from sequence: Int = 0
    ) -> [UInt8] {
        var out = ""
        for (index, letter) in text.enumerated() {
            out += "{\"time\":\"2026-11-24T09:00:\(10 + index % 50).250Z\",\"host\":\"\(host)\","
            out += "\"user\":\"\(user)\",\"session\":\"s-\(user)\",\"seq\":\(sequence + index),"
            out += "\"kind\":\"key\",\"key\":\"\(letter)\",\"app\":\"WINWORD.EXE\","
            out += "\"window\":\"Volcanoes – Word\"}\n"
        }
        return Array(out.utf8)
    }

    /// A signed upload of one pupil typing a text.
    func upload(
        _ text: String, number: UInt64, previous: Hash, from sequence: UInt64 = 0,
        origin: String = "collector.hillside.example/log1", user: String = "s1001",
        change: (inout BatchStatement) -> Void = { _ in }
    ) throws -> BatchUpload {
        var columns = EventColumns()
        for (index, letter) in text.enumerated() {
            let event = Event(
                time: Instant(milliseconds: 1_795_512_300_000), sequence: sequence + UInt64(index),
                body: .key(
                    KeyPress(
                        key: String(letter), place: Place(app: "WINWORD.EXE", window: "Essay"))))
            columns.append(
                sequence: event.sequence, wallMilliseconds: event.time.milliseconds,
                monoMilliseconds: 0, kind: .key, content: CanonicalContent.encode(event)[...])
        }
        let seed = Commitment.batchSeed(
            sessionSeed: [UInt8](repeating: 5, count: 32), batchNumber: number)
        let computed = BatchCommitments.compute(
            seed: seed, count: columns.count, contents: columns.contents
        ) { index in
            BatchCommitments.Parts(
                sequence: columns.sequences[index],
                wallMilliseconds: columns.wallMilliseconds[index],
                monoMilliseconds: columns.monoMilliseconds[index], kind: Array("key".utf8),
                content: columns.contentRange(index))
        }
        let device = try #require(StoreFixture.device)
        var statement = BatchStatement(
            origin: origin, device: device.rawValue, session: "s-\(user)", host: "LIB-07",
            user: user, number: number, firstSequence: sequence,
            lastSequence: sequence + UInt64(text.count) - 1, firstWall: 1_795_512_300_000,
            lastWall: 1_795_512_300_000, root: computed.root, previous: previous)
        change(&statement)
        let signer = try NoteSigner(name: device.rawValue, signingKey: key)
        return BatchUpload(
            seed: seed, statement: Array(statement.signed(by: signer).utf8), columns: columns)
    }
}

extension Store {
    func take(_ upload: BatchUpload) async throws(StorageError) -> BatchReceipt {
        let body = Zstd.compress(upload.encoded(), level: 3)
        return try await admit(
            upload, body: body, isCompressed: true, at: Instant(milliseconds: 1_795_512_346_000))
    }

    func take(
        _ body: [UInt8], key: String? = nil, device: String = "device/lines",
        at received: Instant = Instant(milliseconds: 1_795_512_346_000)
    ) async throws -> LinesReceipt {
        let lines = try EventLines(parsing: body)
        let name = try #require(DeviceName(device))
        return try await admit(
            lines, from: name,
            idempotency: key.map {
                IdempotencyKey(key: $0, bodyHash: Hash.sha256(body).bytes)
            }, at: received)
    }

    /// What a pupil typed, key by key.
    func typed(by user: String = "s1001") throws -> String {
        try events(matching: EventQuery(student: StudentID(user), kinds: [.key])).map { stored in
            guard case .key(let press) = stored.event.body else { return "" }
            return press.key
        }.joined()
    }
}
