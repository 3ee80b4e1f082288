import Durable
import Events
import Proofs
import Storage
import TestSupport
import Testing
import Wire

@Suite struct StoreTests {
    @Test
    func `lines come back as they were typed, from the journal, a segment and after opening anew`()
        async throws
    {
        let fixture = try StoreFixture()
        var store = try fixture.open()
        let receipt = try await store.take(StoreFixture.lines("hello"))
        #expect(receipt.accepted == 5)
        #expect(try store.typed() == "hello")
        try store.close()

        store = try fixture.open()
        #expect(try store.typed() == "hello")
        let report = try store.seal()
        #expect(report.segments == 1 && report.events == 5)
        #expect(try store.typed() == "hello")
        _ = try await store.take(StoreFixture.lines(" you", from: 5))
        #expect(try store.typed() == "hello you")
        try store.close()

        store = try fixture.open()
        #expect(try store.typed() == "hello you")
        #expect(try store.statistics().events == 9)
        try store.close()
    }

    @Test func `key times are whole seconds in the store (G1)`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("ab"))
        let events = try store.events(matching: EventQuery())
        #expect(events.allSatisfy { $0.event.time.milliseconds % 1_000 == 0 })
        try store.close()
    }

    @Test func `the same lines twice are stored once`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("abc"))
        let again = try await store.take(StoreFixture.lines("abcd"))
        #expect(again.accepted == 1 && again.duplicates == 3)
        #expect(try store.typed() == "abcd")
        try store.close()
    }

    @Test func `an idempotency key answers the same again, also after sealing and opening anew`()
        async throws
    {
        let fixture = try StoreFixture()
        var store = try fixture.open()
        let first = try await store.take(StoreFixture.lines("abc"), key: "k1")
        #expect(try await store.take(StoreFixture.lines("abc"), key: "k1") == first)
        await #expect(throws: StorageError.self) {
            _ = try await store.take(StoreFixture.lines("xyz", from: 9), key: "k1")
        }
        try store.close()
        store = try fixture.open()
        #expect(try await store.take(StoreFixture.lines("abc"), key: "k1") == first)
        _ = try store.seal()
        try store.close()
        store = try fixture.open()
        #expect(try await store.take(StoreFixture.lines("abc"), key: "k1") == first)
        #expect(try store.typed() == "abc")
        try store.close()
    }

    @Test func `a signed batch is stored once and its receipt is the old one (S5)`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try fixture.enrol(in: store)
        let upload = try fixture.upload("dear diary", number: 0, previous: .zero)
        let first = try await store.take(upload)
        #expect(!first.isDuplicate)
        let again = try await store.take(upload)
        #expect(again.isDuplicate && again.leaf == first.leaf)
        #expect(try store.typed() == "dear diary")
        let stored = try #require(try store.batch(leaf: first.leaf))
        #expect(stored.upload == upload)
        _ = try store.seal()
        #expect(try store.batch(leaf: first.leaf)?.upload == upload)
        #expect(try await store.take(upload).isDuplicate)
        try store.close()
    }

    @Test func `one number with two statements is a conflict and leaves a leaf (S5)`() async throws
    {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try fixture.enrol(in: store)
        _ = try await store.take(try fixture.upload("one", number: 0, previous: .zero))
        let size = store.treeSize()
        await expect(.conflict(number: 0)) {
            _ = try await store.take(try fixture.upload("two", number: 0, previous: .zero))
        }
        #expect(store.treeSize() == size + 1)
        #expect(try store.leafData(size).hasPrefix("sg.leaf/v1 conflict\n"))
        #expect(try store.typed() == "one")
        try store.close()
    }

    @Test func `a skipped number is accepted with a gap leaf and may still come`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try fixture.enrol(in: store)
        let zero = try fixture.upload("a", number: 0, previous: .zero)
        let one = try fixture.upload(
            "b", number: 1, previous: BatchStatement.hash(ofFile: zero.statement), from: 1)
        let two = try fixture.upload(
            "c", number: 2, previous: BatchStatement.hash(ofFile: one.statement), from: 2)
        _ = try await store.take(zero)
        _ = try await store.take(two)
        #expect(try store.leafData(1).hasPrefix("sg.leaf/v1 gap\n"))
        #expect(try store.sequenceGaps().map(\.missing) == [1...1])
        _ = try await store.take(one)
        #expect(try store.sequenceGaps().isEmpty)
        #expect(try store.typed() == "abc")
        try store.close()
    }

    @Test func `wrong statements are refused and nothing of them is stored`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let upload = try fixture.upload("abc", number: 0, previous: .zero)
        await expect(.unknownDevice) { _ = try await store.take(upload) }
        try fixture.enrol(in: store)
        let root = try fixture.upload("abc", number: 0, previous: .zero) { $0.root = .zero }
        await expect(.wrongRoot) { _ = try await store.take(root) }
        let origin = try fixture.upload("abc", number: 0, previous: .zero, origin: "other/log1")
        await expect(.wrongOrigin) { _ = try await store.take(origin) }
        let chain = try fixture.upload("abc", number: 0, previous: Hash.sha256([1]))
        await expect(.brokenChain(number: 0)) { _ = try await store.take(chain) }
        var forged = upload
        forged.statement[forged.statement.count - 10] ^= 1
        await #expect(throws: StorageError.self) { _ = try await store.take(forged) }
        #expect(try store.events(matching: EventQuery()).isEmpty)
        _ = try await store.take(upload)
        #expect(try store.typed() == "abc")
        #expect(
            try store.catalogue.revoke(
                try #require(StoreFixture.device), at: fixture.environment.now()))
        try store.close()
        let reopened = try fixture.open()
        let next = try fixture.upload(
            "d", number: 1, previous: BatchStatement.hash(ofFile: upload.statement), from: 3)
        await expect(.revokedDevice) { _ = try await reopened.take(next) }
        try reopened.close()
    }

    @Test func `every leaf is proven to every later checkpoint`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        var checkpoints: [SignedCheckpoint] = []
        for index in 0..<20 {
            _ = try await store.take(StoreFixture.lines("a", from: index))
            if index % 3 == 0 {
                let note = try store.checkpoint()
                checkpoints.append(try SignedCheckpoint(parsing: Array(note.utf8)))
            }
        }
        let last = try #require(checkpoints.last)
        for checkpoint in checkpoints {
            let size = checkpoint.checkpoint.size
            let root = checkpoint.checkpoint.root
            for leaf in 0..<size {
                let hash = MerkleTree.leafHash(of: Array(try store.leafData(leaf).utf8))
                let path = store.inclusionProof(leaf: leaf, size: size)
                #expect(
                    TreeProof.isIncluded(
                        leafHash: hash, index: leaf, size: size, root: root, path: path))
            }
            let path = store.consistencyProof(old: size, new: last.checkpoint.size)
            #expect(
                TreeProof.isConsistent(
                    old: size, oldRoot: root, new: last.checkpoint.size,
                    newRoot: last.checkpoint.root, path: path))
        }
        try store.close()
    }

    @Test func `a store that lost signed leaves does not go on as the same log`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("abc"))
        try store.close()
        let files = RealFileSystem()
        for name in try files.list(fixture.path + "/journal") {
            try files.remove(fixture.path + "/journal/" + name)
        }
        try files.removeTree(fixture.path + "/log/tile")
        #expect(throws: StorageError.self) { _ = try fixture.open() }
    }

    @Test func `two processes cannot open one store`() throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        #expect(throws: StorageError.self) { _ = try fixture.open() }
        try store.close()
        try fixture.open().close()
    }

    @Test func `entries come in the order of admission across journal and segments`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        for index in 0..<10 {
            _ = try await store.take(
                StoreFixture.lines("x", user: "s\(index % 3)", from: index))
            if index == 4 { _ = try store.seal() }
        }
        var position = JournalPosition(leaf: 0)
        var leaves: [UInt64] = []
        while true {
            let entries = try store.entries(from: position, limit: 3)
            guard let last = entries.last else { break }
            leaves += entries.map(\.batch.leaf)
            position = last.next
        }
        #expect(leaves == leaves.sorted() && leaves.count == 10)
        try store.close()
    }

    @Test func `a batch still in memory is the one that the journal gives`() async throws {
        let fixture = try StoreFixture()
        var store = try fixture.open()
        for index in 0..<6 {
            _ = try await store.take(
                StoreFixture.lines("ab", user: "s\(index % 2)", from: 2 * index))
        }
        let start = JournalPosition(leaf: 0)
        let fromMemory = try store.entries(from: start, limit: 100).map(\.batch)
        // Whoever comes later than the one who goes through the journal in order reads the file.
        _ = try store.entries(from: store.end, limit: 1)
        let fromFile = try store.entries(from: start, limit: 100).map(\.batch)
        try store.close()
        store = try fixture.open()
        let reopened = try store.entries(from: start, limit: 100).map(\.batch)
        for batches in [fromFile, reopened] {
            #expect(batches.map(\.upload) == fromMemory.map(\.upload))
            #expect(batches.map(\.leaf) == fromMemory.map(\.leaf))
            #expect(batches.map(\.number) == fromMemory.map(\.number))
            #expect(batches.map(\.context) == fromMemory.map(\.context))
            #expect(batches.map(\.received) == fromMemory.map(\.received))
            #expect(batches.map(\.isCollectorOrigin) == fromMemory.map(\.isCollectorOrigin))
        }
        #expect(fromMemory.count == 6)
        try store.close()
    }

    @Test func `a segment is the same, gathered while its file was written or read from it`()
        async throws
    {
        var sizes: [Int] = []
        var uploads: [[BatchUpload]] = []
        for isReopened in [false, true] {
            // Both stores draw the same random bytes up to here.
            let fixture = try StoreFixture()
            var store = try fixture.open()
            try fixture.enrol(in: store)
            _ = try await store.take(StoreFixture.lines("hello"))
            var previous = Hash.zero
            for number in 0..<3 {
                let upload = try fixture.upload(
                    "abc", number: UInt64(number), previous: previous, from: UInt64(number * 3),
                    user: "s\(number % 2)")
                _ = try await store.admit(
                    upload, body: upload.encoded(), isCompressed: false,
                    at: fixture.environment.now())
                previous = BatchStatement.hash(ofFile: upload.statement)
            }
            _ = try await store.append(
                LeafRecord(kind: .session, json: [0x7B, 0x7D], at: fixture.environment.now()))
            _ = try await store.take(StoreFixture.lines(" you", from: 5))
            if isReopened {
                try store.close()
                store = try fixture.open()
            }
            let report = try store.seal()
            #expect(report.segments == 1 && report.events == 18)
            sizes.append(report.size)
            uploads.append(try store.batches(matching: EventQuery()).map(\.upload))
            #expect(try store.verify().isWhole)
            try store.close()
        }
        #expect(sizes[0] == sizes[1])
        #expect(uploads[0] == uploads[1] && uploads[0].count == 5)
    }

    @Test func `a closed file waits for the one who reads in order, unless too many wait`()
        async throws
    {
        let fixture = try StoreFixture()
        var options = StoreOptions()
        options.journalFileEventsMaximum = 1
        let store = try fixture.open(options: options)
        _ = try await store.take(StoreFixture.lines("a"))
        #expect(store.hasFilesToSeal)
        _ = try store.entries(from: JournalPosition(leaf: 0), limit: 1)
        #expect(!store.hasFilesToSeal)
        #expect(try store.seal(includingOpenFile: false).segments == 0)
        for index in 1..<3 { _ = try await store.take(StoreFixture.lines("a", from: index)) }
        _ = try store.entries(from: JournalPosition(leaf: 1), limit: 1)
        #expect(try store.seal(includingOpenFile: false).segments == 1)
        for index in 3..<11 { _ = try await store.take(StoreFixture.lines("a", from: index)) }
        #expect(try store.seal(includingOpenFile: false).segments == 10)
        #expect(try store.typed() == "aaaaaaaaaaa")
        try store.close()
    }

    @Test func `an event without a number gets the next one`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        _ = try await store.take(StoreFixture.lines("ab", from: 4))
        let line =
            #"{"time":"2026-11-24T09:00:00Z","host":"LIB-07","user":"s1001","session":"s","kind":"window","app":"a","window":"b"}"#
        let receipt = try await store.take(Array(line.utf8))
        #expect(receipt.accepted == 1)
        #expect(try store.events(matching: EventQuery()).map(\.event.sequence) == [4, 5, 6])
        try store.close()
    }

    private func expect(
        _ wanted: StorageError, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("nothing was refused", sourceLocation: sourceLocation)
        } catch let error as StorageError {
            #expect(error.message == wanted.message, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }
}
