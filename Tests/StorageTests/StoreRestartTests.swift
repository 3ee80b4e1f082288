import Durable
import Foundation
import Proofs
import TestSupport
import Testing
import Wire

@testable import Storage

/// evidence.md 3.4: a store that lost its newest leaves goes on under another name or not at all.
@Suite struct StoreRestartTests {
    private let files = RealFileSystem()

    private func copy(_ source: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }

    /// A store that signed five batches, brought back to where it had signed three; `trust/` stays.
    private func rolledBack() async throws -> (
        fixture: StoreFixture, old: [String], lost: String, batches: [(UInt64, Hash)]
    ) {
        let fixture = try StoreFixture()
        var store = try fixture.open()
        try fixture.enrol(in: store)
        var previous = Hash.zero
        var batches: [(UInt64, Hash)] = []
        func take(_ number: UInt64) async throws {
            let upload = try fixture.upload(
                "batch \(number)", number: number, previous: previous, from: number * 20)
            previous = BatchStatement.hash(ofFile: upload.statement)
            batches.append((number, previous))
            _ = try await store.take(upload)
            _ = try store.checkpoint()
        }
        for number in 0..<3 { try await take(UInt64(number)) }
        _ = try store.seal()
        let old = store.checkpoints()
        try store.close()
        let saved = fixture.path + ".saved"
        try copy(fixture.path, to: saved)
        store = try fixture.open()
        for number in 3..<5 { try await take(UInt64(number)) }
        let lost = try #require(store.checkpoints().last)
        try store.close()
        try files.removeTree(saved + "/trust")
        try copy(fixture.path + "/trust", to: saved + "/trust")
        try files.removeTree(fixture.path)
        try files.rename(saved, to: fixture.path)
        return (fixture, old, lost, batches)
    }

    @Test(.tags(.example)) func `it refuses to open and names the command`() async throws {
        let (fixture, _, _, _) = try await rolledBack()
        do {
            _ = try fixture.open()
            Issue.record("it opened")
        } catch let error as StorageError {
            #expect(error.message.contains("restart-log --data \(fixture.path)"))
            #expect(error.message.contains("store's 3 leaves"))
            #expect(error.message.contains("5 leaves in trust/checkpoint"))
        }
    }

    @Test(.tags(.example))
    func `a new log begins on the leaves that are left, with a restart leaf`()
        async throws
    {
        let (fixture, old, lost, batches) = try await rolledBack()
        var store = try Store.restartLog(
            at: fixture.path, reason: "disk failed", environment: fixture.environment)
        #expect(store.identity.origin == "collector.hillside.example/log2")
        #expect(
            store.identity.earlier
                == [EarlierLog(origin: "collector.hillside.example/log1", leaves: 3)])
        #expect(store.treeSize() == 4)
        #expect(try store.leafData(3).hasPrefix("sg.leaf/v1 restart\n"))
        let latest = try SignedCheckpoint(parsing: Array(try store.checkpoint().utf8)).checkpoint
        #expect(latest.origin == "collector.hillside.example/log2")
        #expect(latest.size == 4)
        // What the old log signed of these leaves is the beginning of the new one's tree.
        #expect(Array(store.checkpoints().prefix(3)) == old)
        for note in old {
            let signed = try SignedCheckpoint(parsing: Array(note.utf8)).checkpoint
            #expect(
                TreeProof.isConsistent(
                    old: signed.size, oldRoot: signed.root, new: 4, newRoot: latest.root,
                    path: store.consistencyProof(old: signed.size, new: 4)))
        }
        #expect(store.firstCheckpoint(covering: 1) == old[1])
        // What it signed beyond them cannot be.
        let gone = try SignedCheckpoint(parsing: Array(lost.utf8)).checkpoint
        #expect(gone.size == 5)
        #expect(
            try String(contentsOfFile: fixture.path + "/log/checkpoints-apart", encoding: .utf8)
                .contains(lost))
        let record = try #require(try store.leafRecord(3))
        #expect(record.contains("disk failed") && record.contains("\"leaves\":3"))
        #expect(record.contains(gone.root.base64))
        #expect(try store.verify().faults == [])
        // The device signs on for the log it knows; what was lost is a gap.
        let next = try fixture.upload("six", number: 5, previous: batches[4].1, from: 100)
        #expect(try await store.take(next).leaf == 5)
        try store.close()
        store = try fixture.open()
        #expect(store.identity.restart == nil)
        #expect(try store.verify().faults == [])
        try store.close()
    }

    @Test(.tags(.example)) func `a crash before the first leaf is made good by the next start`()
        async throws
    {
        let (fixture, _, _, _) = try await rolledBack()
        let before = try files.read(fixture.path + "/store.json")
        try Store.restartLog(
            at: fixture.path, reason: "disk failed", environment: fixture.environment
        ).close()
        // As after a crash: the leaf is there, the identity still says that it is due.
        var identity = try Store.identity(at: fixture.path, fileSystem: files)
        let settled = try files.read(fixture.path + "/store.json")
        identity.restart = PendingRestart(reason: "disk failed", checkpoint: nil)
        try files.replace(fixture.path + "/store.json", with: encodeJSON(identity))
        var store = try fixture.open()
        #expect(store.treeSize() == 4)
        try store.close()
        #expect(try files.read(fixture.path + "/store.json") == settled)
        // And without the leaf.
        let (other, _, _, _) = try await rolledBack()
        var pending = identity
        pending.restart = PendingRestart(reason: "disk failed", checkpoint: nil)
        #expect(try files.read(other.path + "/store.json") == before)
        try files.replace(other.path + "/store.json", with: encodeJSON(pending))
        store = try other.open()
        #expect(try store.leafData(3).hasPrefix("sg.leaf/v1 restart\n"))
        try store.close()
    }

    @Test(.tags(.example)) func `no name is used twice, even when a restart itself was lost`()
        async throws
    {
        let (fixture, _, _, _) = try await rolledBack()
        let saved = fixture.path + ".saved"
        try copy(fixture.path, to: saved)
        try Store.restartLog(
            at: fixture.path, reason: "first", environment: fixture.environment
        ).close()
        try files.removeTree(saved + "/trust")
        try copy(fixture.path + "/trust", to: saved + "/trust")
        try files.removeTree(fixture.path)
        try files.rename(saved, to: fixture.path)
        #expect(throws: StorageError.self) { try fixture.open() }
        let store = try Store.restartLog(
            at: fixture.path, reason: "second", environment: fixture.environment)
        #expect(store.identity.origin == "collector.hillside.example/log3")
        #expect(try store.verify().faults == [])
        try store.close()
    }

    @Test(.tags(.example)) func `checkpoints of a foreign or overgrown log are named`() async throws
    {
        let (fixture, _, lost, _) = try await rolledBack()
        let store = try Store.restartLog(
            at: fixture.path, reason: "disk failed", environment: fixture.environment)
        for user in ["a", "b"] { _ = try await store.take(StoreFixture.lines("ab", user: user)) }
        try store.close()
        let path = fixture.path + "/log/checkpoints"
        let good = try files.read(path)
        try files.replace(path, with: CheckpointFile.encode([lost]) + good)
        let reopened = try fixture.open()
        let faults = try reopened.verify().faults.map(\.what)
        #expect(faults.contains("checkpoint 1 signs 5 leaves, not its log's"))
        try reopened.close()
        try? files.removeTree(fixture.path + ".saved")  // not there after a rename
    }

    @Test(.tags(.example)) func `an origin is a host and a number, and the next one follows it`() {
        let first = LogOrigin("collector.hillside.example/log1")
        #expect(first?.next.text == "collector.hillside.example/log2")
        #expect(first?.next.next.follows(first ?? LogOrigin(host: "", number: 9)) == true)
        #expect(first.map { $0.follows($0) } == false)
        #expect(LogOrigin("other/log3")?.follows(LogOrigin(host: "x", number: 1)) == false)
        for wrong in ["", "/log1", "a/log", "a/log0", "a/log01", "a/lag1", "a/log+1", "log1"] {
            #expect(LogOrigin(wrong) == nil, "\(wrong)")
        }
    }
}

extension Store {
    /// The record behind a leaf that is no batch and still in the journal.
    fileprivate func leafRecord(_ leaf: UInt64) throws -> String? {
        for name in try environment.fileSystem.list(layout.journal) {
            guard let number = StoreLayout.number(ofFile: name),
                var reader = try JournalReader(
                    layout.journalFile(number), number: number, vault: vault,
                    environment.fileSystem)
            else { continue }
            while !reader.isAtEnd, let (record, _) = try reader.next() {
                if case .leaf(let stored) = record, stored.leaf == leaf {
                    return String(decoding: stored.record, as: UTF8.self)
                }
            }
        }
        return nil
    }
}
