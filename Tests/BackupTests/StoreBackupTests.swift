import Durable
import Events
import EvidenceFile
import Foundation
import Proofs
import Storage
import StoredSchool
import TestSupport
import Testing

@testable import Backup

@Suite struct StoreBackupTests {
    private let files = RealFileSystem()

    @Test(.tags(.example)) func `a restored store holds the same, is whole, and begins a new log`()
        async throws
    {
        let fixture = try await BackupFixture()
        let summary = try fixture.backup()
        let before = try BackupFixture.events(of: fixture.store)
        #expect(!before.isEmpty)
        try fixture.store.close()
        let restored = try fixture.restore()
        #expect(restored.point == summary.point)
        #expect(restored.verdict.faults == [])
        #expect(restored.verdict.leaves == summary.point.treeSize)
        #expect(restored.verdict.events == before.count)
        #expect(restored.origin == "collector.hillside.example/log2")
        #expect(!files.exists(fixture.restored + ".restoring"))
        let store = try Store.open(at: fixture.restored, environment: fixture.school.environment)
        #expect(try BackupFixture.events(of: store) == before)
        #expect(store.treeSize() == summary.point.treeSize + 1)
        #expect(try store.leafData(summary.point.treeSize).hasPrefix("sg.leaf/v1 restart\n"))
        #expect(try store.verify().faults == [])
        #expect(
            try files.read(fixture.restored + "/reports/2026-11-24/morning.html")
                == Array("<p>".utf8))
        // Devices are known still, and go on where the backup ended.
        #expect(try store.catalogue.devices().map(\.label) == fixture.labels())
        try store.close()
    }

    @Test func `what was erased stays erased, also under keys of before (evidence.md section 5)`()
        async throws
    {
        let fixture = try await BackupFixture()
        let student = try #require(StudentID(BackupFixture.user))
        try fixture.backup()
        _ = try await fixture.store.erase(
            student: student, months: nil, reason: "a parent asked", by: "dpo", approvedBy: "head",
            at: fixture.school.now)
        let later = fixture.school.directory + "/later.age"
        _ = try StoreBackup.run(
            .init(
                out: later, keysOut: nil,
                recipients: [try #require(fixture.identity.recipient)]),
            of: fixture.store, environment: fixture.school.environment)
        try fixture.store.close()
        // The data know of the erasure, the keys do not.
        let restored = try fixture.restore(archive: later)
        #expect(restored.verdict.faults == [])
        let store = try Store.open(at: fixture.restored, environment: fixture.school.environment)
        #expect(try store.events(matching: EventQuery(student: student)).isEmpty)
        #expect(try !BackupFixture.events(of: store).isEmpty)
        #expect(try store.verify().faults == [])
        try store.close()
    }

    @Test(.tags(.example)) func `the catalogue comes back row by row`() async throws {
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        try fixture.restore()
        let (old, new) = try await (
            BackupFixture.rows(in: fixture.school.dataDirectory),
            BackupFixture.rows(in: fixture.restored)
        )
        #expect(old == new)
        #expect(old.contains("INSERT INTO \"batch\""))
    }

    @Test(.tags(.example))
    func `the store goes on after a backup, and a second restore is refused`()
        async throws
    {
        let fixture = try await BackupFixture()
        let first = try fixture.backup()
        _ = try await fixture.store.append(
            LeafRecord(kind: .config, json: Array("{}".utf8), at: fixture.school.now))
        let second = try StoreBackup.run(
            .init(
                out: fixture.school.directory + "/second.age", keysOut: nil,
                recipients: [try #require(fixture.identity.recipient)]),
            of: fixture.store, environment: fixture.school.environment)
        #expect(second.point.treeSize == first.point.treeSize + 1)
        #expect(second.keyFiles == nil)
        #expect(throws: BackupError.self) { try fixture.backup() }  // both files exist
        try fixture.restore(archive: fixture.school.directory + "/second.age")
        #expect(throws: BackupError.self) { try fixture.restore() }
        try fixture.store.close()
    }

    @Test(.tags(.example))
    func `nothing is readable without the identity, and no key is in the data`()
        async throws
    {
        let fixture = try await BackupFixture()
        try fixture.backup()
        for path in [fixture.archive, fixture.keys] {
            let text = String(decoding: try files.read(path), as: Unicode.ASCII.self)
            for word in ["mia.example", "Hillside", "segment", "manifest", "sg.backup/v1"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
        let plain = try AgeOpener.open(
            try files.read(fixture.archive), with: [fixture.identity])
        let keyFolder = fixture.school.dataDirectory + "/keys"
        for name in try files.list(keyFolder) {
            let seed = try files.read(keyFolder + "/" + name).prefix(64)
            #expect(!plain.contains(seed), "\(name)")
        }
        #expect(!plain.contains("trust/".utf8))
        try fixture.store.close()
    }

    @Test(.tags(.whole)) func `age and tar open it, and the sums are right`() async throws {
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        let folder = URL(filePath: fixture.school.directory)
        let key = folder.appending(path: "key.txt")
        try Data(try #require(fixture.identity.text).utf8).write(to: key)
        let shell = """
            mkdir plain && age -d -i key.txt backup.age | tar -x -C plain && \
            tail -c +1 plain/manifest.json && zstd -q -d plain/store.json.zst
            """
        let result = try await Tool(named: "sh").run(["-c", shell], workingDirectory: folder)
        #expect(result.status == 0, "\(result.transcript)")
        let manifest = try #require(BackupManifest(parsing: Array(result.output.utf8)))
        let segment = try #require(manifest.members.first { $0.path.hasPrefix("segments/") })
        let sum = try await Tool(named: "sha256sum").run(
            ["plain/" + segment.path], workingDirectory: folder)
        #expect(sum.output.hasPrefix(segment.sha256))
        #expect(
            try files.read(folder.pathText + "/plain/store.json")
                == files.read(fixture.school.dataDirectory + "/store.json"))
    }

    @Test(.tags(.example)) func `nothing typed stands in a backup of the data, even opened`()
        async throws
    {
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        let plain = try AgeOpener.open(try files.read(fixture.archive), with: [fixture.identity])
        for word in ["Essay - Writer", BackupFixture.typed] {
            #expect(!plain.contains(word.utf8), "\(word)")
        }
    }

    // MARK: What is wrong with an archive

    private func refused(
        _ fixture: BackupFixture, archive: String? = nil, keys: String? = nil,
        identity: AgeIdentity? = nil, _ expected: String
    ) {
        do throws(BackupError) {
            try fixture.restore(archive: archive, keys: keys, identity: identity)
            Issue.record("it was restored: \(expected)")
        } catch {
            #expect(error.message.contains(expected), "\(error.message)")
        }
        #expect(!files.exists(fixture.restored) && !files.exists(fixture.restored + ".restoring"))
    }

    @Test(.tags(.example))
    func `wrong identity, missing and mixed-up archives are refused in words`()
        async throws
    {
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        refused(
            fixture, identity: .x25519([UInt8](repeating: 7, count: 32)), "sealed for somebody else"
        )
        refused(fixture, keys: fixture.school.directory + "/none.age", "none.age is missing")
        refused(fixture, archive: fixture.keys, "no backup of a store's data")
        refused(fixture, keys: fixture.archive, "no backup of a store's keys")
        let other = try await BackupFixture()
        let strangers = other.school.environment.randomBytes(32)
        for name in ["log", "clock"] {
            // Another collector of the same name: only its keys differ.
            try files.replace(
                other.school.dataDirectory + "/keys/\(name).seed",
                with: Array(strangers.map { String(format: "%02x", $0) }.joined().utf8))
        }
        try other.backup()
        try other.store.close()
        refused(fixture, keys: other.keys, "not signed by this collector")
        try files.makeDirectory(fixture.restored)
        try files.replace(fixture.restored + "/x", with: [])
        #expect(throws: BackupError.self) { try fixture.restore() }
        #expect(try files.list(fixture.restored) == ["x"])
    }

    @Test(.tags(.property)) func `a flipped bit or a cut anywhere is refused, naming the member`()
        async throws
    {
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        let damaged = fixture.school.directory + "/damaged.age"
        var random = SeededRandom(seed: startingSeed())
        for (path, isKeys) in [(fixture.archive, false), (fixture.keys, true)] {
            let good = try files.read(path)
            for round in 0..<25 {
                var bytes = good
                let at = random.int(in: 0...bytes.count - 1)
                if round % 2 == 0 {
                    bytes[at] ^= UInt8(1 << random.int(in: 0...7))
                } else {
                    bytes.removeLast(bytes.count - at)
                }
                try files.replace(damaged, with: bytes)
                refused(
                    fixture, archive: isKeys ? nil : damaged, keys: isKeys ? damaged : nil,
                    "damaged.age")
            }
            try files.replace(damaged, with: good + [0])
            refused(
                fixture, archive: isKeys ? nil : damaged, keys: isKeys ? damaged : nil,
                "damaged.age")
        }
    }

    @Test(.tags(.property)) func `whoever can seal still cannot change a member unseen`()
        async throws
    {
        // Anybody may seal a file for the recipient: then the manifest and the log decide.
        let fixture = try await BackupFixture()
        try fixture.backup()
        try fixture.store.close()
        let plain = try AgeOpener.open(try files.read(fixture.archive), with: [fixture.identity])
        let recipient = try #require(fixture.identity.recipient)
        let forged = fixture.school.directory + "/forged.age"
        var random = SeededRandom(seed: startingSeed())
        for _ in 0..<25 {
            var bytes = plain
            let at = random.int(in: 0...bytes.count - 1)
            bytes[at] ^= UInt8(1 << random.int(in: 0...7))
            try files.replace(
                forged,
                with: AgeSealer.seal(bytes, for: [recipient]) { random.bytes(count: $0) })
            do {
                try fixture.restore(archive: forged)
                // Times and padding of the archive mean nothing; everything else is compared.
                let store = try Store.open(
                    at: fixture.restored, environment: fixture.school.environment)
                #expect(try store.verify().faults == [])
                try store.close()
                try files.removeTree(fixture.restored)
            } catch is BackupError {
                #expect(!files.exists(fixture.restored))
            }
        }
    }

    @Test(.tags(.example)) func `no member may lie outside its folders`() throws {
        let point = BackupPoint(origin: "o/log1", treeSize: 0, root: .emptyRoot, checkpoint: "")
        let data = BackupManifest(kind: .data, made: 0, point: point)
        let keys = BackupManifest(kind: .keys, made: 0, point: point)
        for path in [
            "segments/00000001.segment", "log/tile/0/x001/067.p/3", "store.json",
            "reports/2026-11-24/morning.html",
        ] {
            #expect(data.allows(path: path) && !keys.allows(path: path), "\(path)")
        }
        #expect(keys.allows(path: "keys/log.seed") && keys.allows(path: "vault/subject-keys"))
        for path in [
            "", "/", "segments", "segments/", "/segments/a", "segments/../store.json", "../a",
            "trust/checkpoint", "lock", "segments/.hidden", "segments//a", "log/a b",
            "store.json/a",
            "keys/a\u{0}b", "catalogue.sqlite",
        ] {
            #expect(!data.allows(path: path) && !keys.allows(path: path), "\(path)")
        }
    }
}

extension BackupFixture {
    /// The devices of the store that was backed up.
    fileprivate func labels() throws -> [String] {
        let catalogue = try Catalogue.open(at: school.dataDirectory)
        let rows = try catalogue.devices().map(\.label)
        try catalogue.close()
        return rows
    }
}
