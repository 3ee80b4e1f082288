import Durable
import Events
import Proofs
import Storage
import TestSupport
import Testing

@Suite struct StoreCheckTests {
    /// A store with two segments, an open journal, checkpoints and acts.
    private func filled() async throws -> StoreFixture {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try fixture.enrol(in: store)
        _ = try await store.take(fixture.upload("signed words", number: 0, previous: .zero))
        for index in 0..<6 {
            let user = "s\(index % 2)"
            _ = try await store.take(
                StoreFixture.lines("some words \(index)", user: user, from: index * 20))
            _ = try await store.append(
                LeafRecord(
                    kind: .config, json: Array("{\"n\":\(index)}".utf8),
                    at: fixture.environment.now()))
            if index == 1 || index == 3 { _ = try store.seal() }
            if index == 2 { _ = try store.checkpoint() }
        }
        try store.close()
        return fixture
    }

    private func verdict(_ fixture: StoreFixture) throws -> StoreVerdict {
        let store = try fixture.open()
        let verdict = try store.verify()
        try store.close()
        return verdict
    }

    @Test func `a whole store has no fault and every leaf is accounted for (S33)`() async throws {
        let fixture = try await filled()
        let verdict = try verdict(fixture)
        #expect(verdict.faults == [])
        #expect(verdict.leaves == 13)
        #expect(verdict.events == 12 + 6 * 12)
        #expect(verdict.checkpoints == 2)
    }

    @Test func `every flipped byte of segments, tiles and checkpoints is named (R6)`() async throws
    {
        let fixture = try await filled()
        let files = RealFileSystem()
        var random = SeededRandom(seed: 20_261_124)
        for folder in ["segments", "log", "trust"] {
            let root = fixture.path + "/" + folder
            for name in try await paths(files, root) {
                let path = root + "/" + name
                let good = try files.read(path)
                for _ in 0..<8 {
                    var bad = good
                    let at = Int.random(in: 0..<bad.count, using: &random)
                    bad[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    try files.replace(path, with: bad)
                    do {
                        let verdict = try verdict(fixture)
                        #expect(!verdict.isWhole, "\(folder)/\(name) byte \(at)")
                    } catch let error as StorageError {
                        // A store that refuses to open has noticed too.
                        #expect(!error.message.isEmpty)
                    }
                    try files.replace(path, with: good)
                }
            }
        }
        #expect(try verdict(fixture).isWhole)
    }

    @Test(arguments: [
        "DELETE FROM batch WHERE leaf = (SELECT MIN(leaf) FROM batch)",
        "DELETE FROM block WHERE id = (SELECT MIN(id) FROM block)",
        "UPDATE block SET student = 's9' WHERE id = (SELECT MAX(id) FROM block)",
        "UPDATE batch SET last_time = last_time + 1",
        "UPDATE batch SET machine = 'ELSEWHERE' WHERE leaf = (SELECT MAX(leaf) FROM batch)",
        "UPDATE block SET offset = offset + 1 WHERE id = (SELECT MIN(id) FROM block)",
    ]) func `rows of the catalogue that hide or misplace something are named`(change: String)
        async throws
    {
        let fixture = try await filled()
        let sqlite = try Tool(named: "sqlite3")
        let done = try await sqlite.run([fixture.path + "/catalogue.sqlite", change])
        #expect(done.status == 0, "\(done.transcript)")
        let faults = try verdict(fixture).faults
        #expect(faults.contains { $0.file == "catalogue.sqlite" }, "\(faults)")
    }

    @Test func `a missing segment and an added tile are named`() async throws {
        let fixture = try await filled()
        let files = RealFileSystem()
        let segment = fixture.path + "/segments/00000001.segment"
        let bytes = try files.read(segment)
        try files.remove(segment)
        #expect(
            try verdict(fixture).faults.contains {
                $0.file == "segments/00000001.segment" && $0.what == "is missing"
            })
        try files.replace(segment, with: bytes)
        try files.replace(fixture.path + "/log/tile/0/007", with: [1, 2, 3])
        #expect(try verdict(fixture).faults.map(\.file) == ["log/tile/0/007"])
    }

    @Test func `a torn last record is cut off, what was acknowledged before it stays (R2)`()
        async throws
    {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("kept"))
        _ = try await store.take(StoreFixture.lines("torn", from: 4))
        // No clean stop: the store is left as a crash leaves it.
        let files = RealFileSystem()
        let path = fixture.path + "/journal/00000001.journal"
        let whole = try files.read(path)
        try store.close()
        for size in stride(from: whole.count - 1, to: whole.count / 2 + 40, by: -7) {
            // What a clean stop wrote after it was not there when the power went.
            try files.remove(fixture.path + "/trust/checkpoint")
            try files.remove(fixture.path + "/log/checkpoints")
            try files.removeTree(fixture.path + "/log/tile")
            for name in try files.list(fixture.path + "/journal") {
                try files.remove(fixture.path + "/journal/" + name)
            }
            try files.replace(path, with: Array(whole.prefix(size)))
            let reopened = try fixture.open()
            #expect(try reopened.typed() == "kept")
            try reopened.close()
        }
    }

    @Test func `zeros at the end of the journal, which a torn write leaves, are cut off (R2)`()
        async throws
    {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("kept"))
        let files = RealFileSystem()
        let path = fixture.path + "/journal/00000001.journal"
        let whole = try files.read(path)
        try store.close()
        for name in try files.list(fixture.path + "/journal") {
            try files.remove(fixture.path + "/journal/" + name)
        }
        try files.replace(path, with: whole + [UInt8](repeating: 0, count: 700))
        let reopened = try fixture.open()
        #expect(try reopened.typed() == "kept")
        #expect(try reopened.verify().isWhole)
        try reopened.close()
    }

    private func paths(_ files: RealFileSystem, _ root: String) async throws -> [String] {
        var found: [String] = []
        for name in try files.list(root) {
            if files.isDirectory(root + "/" + name) {
                found += try await paths(files, root + "/" + name).map { name + "/" + $0 }
            } else {
                found.append(name)
            }
        }
        return found
    }
}
