import Durable
import Events
import Foundation
import Proofs
import Storage
import TestSupport
import Testing

/// Data directories of every format version that was ever released must open for ever.
@Suite struct GoldenStoreTests {
    private static let text = "kept for ever"

    private func files(below path: String, _ prefix: String = "") throws -> [String] {
        let fileSystem = RealFileSystem()
        return try fileSystem.list(path + prefix).flatMap { name in
            let inner = prefix + "/" + name
            return fileSystem.isDirectory(path + inner)
                ? try files(below: path, inner) : [inner]
        }
    }

    private func copy(_ source: String, to target: String) throws {
        let fileSystem = RealFileSystem()
        for path in try files(below: source) {
            let goal = target + path
            try fileSystem.makeDirectory(parentDirectory(of: goal))
            try fileSystem.replace(goal, with: try fileSystem.read(source + path))
        }
    }

    @Test(.tags(.golden), arguments: ["v1", "v2"])
    func `a data directory of an old version opens, reads, proves and goes on`(version: String)
        async throws
    {
        let golden = Fixture.url("stores/" + version).pathText
        // Only the present version can be written.
        if version == "v2", ProcessInfo.processInfo.environment["DAYBOOK_FIXTURES"] == "rewrite" {
            try await rewrite(golden)
        }
        let fixture = try StoreFixture()
        let fileSystem = RealFileSystem()
        try fileSystem.removeTree(fixture.path)
        try copy(golden, to: fixture.path)
        // Git keeps no empty folders.
        for name in ["journal", "segments"] {
            try fileSystem.makeDirectory(fixture.path + "/" + name)
        }
        let store = try fixture.open()
        #expect(try store.typed() == Self.text)
        #expect(try store.typed(by: "s1002") == "signed by the machine")
        #expect(try store.verify().faults == [])
        let again = try await store.take(StoreFixture.lines(Self.text), key: "k")
        #expect(again.accepted == Self.text.count - 5 && again.duplicates == 5)
        let more = try await store.take(StoreFixture.lines("!", from: Self.text.count))
        #expect(more.accepted == 1)
        #expect(try store.typed() == Self.text + "!")
        #expect(try store.verify().isWhole)
        _ = try store.seal()
        #expect(try store.typed() == Self.text + "!")
        try store.close()
        #expect(try fixture.open().verify().isWhole)
    }

    /// One segment, one open journal file, a checkpoint, a finding's leaf, both doors.
    private func rewrite(_ golden: String) async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try fixture.enrol(in: store)
        _ = try await store.take(StoreFixture.lines(String(Self.text.prefix(5))))
        _ = try await store.append(
            LeafRecord(kind: .config, json: Array("{}".utf8), at: fixture.environment.now()))
        _ = try store.seal()
        _ = try store.checkpoint()
        _ = try await store.take(StoreFixture.lines(Self.text), key: "k")
        _ = try await store.take(
            fixture.upload("signed by the machine", number: 0, previous: .zero, user: "s1002"))
        try store.close()
        let fileSystem = RealFileSystem()
        if fileSystem.exists(golden) { try fileSystem.removeTree(golden) }
        for name in ["lock", "catalogue.sqlite-wal", "catalogue.sqlite-shm"]
        where fileSystem.exists(fixture.path + "/" + name) {
            try fileSystem.remove(fixture.path + "/" + name)
        }
        try copy(fixture.path, to: golden)
    }
}
