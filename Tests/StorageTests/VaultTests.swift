import Bytes
import Durable
import Events
import Proofs
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// S35 and evidence.md section 5: a key for each student and month, wrapped by a key kept apart.
@Suite struct VaultTests {
    private static let master = [UInt8](repeating: 3, count: 32)
    private let layout = StoreLayout(directory: "/data")
    private let files = MemoryFileSystem()

    private func open(_ fileSystem: (any FileSystem)? = nil, master: [UInt8] = master) throws
        -> Vault
    {
        var random = SeededRandom(seed: UInt64.random(in: 0...UInt64.max))
        let bytes = random.bytes(count: 8_192)
        let used = Counter()
        let environment = StoreEnvironment(
            now: { Instant(milliseconds: 0) },
            randomBytes: { count in Array(bytes[used.take(count)]) },
            fileSystem: fileSystem ?? files)
        return try Vault(layout: layout, master: master, environment: environment)
    }

    private func subject(_ student: String, _ month: String = "2026-11") throws -> Subject {
        Subject(
            student: try #require(StudentID(student)), month: try #require(CivilMonth(month)))
    }

    private func sealed(_ vault: Vault, _ number: KeyNumber) throws -> [UInt8] {
        let cipher = try #require(try vault.cipher(number))
        return cipher.seal(Array("words".utf8), nonce: vault.nonce(), label: [1])
    }

    @Test func `a subject keeps its key, and another student or month has another`() throws {
        let vault = try open()
        let mine = try subject("s1")
        let all: Set = [mine, try subject("s2"), try subject("s1", "2026-12")]
        let keys = try vault.keys(for: all)
        #expect(Set(keys.values) == [1, 2, 3])
        #expect(try vault.keys(for: all) == keys)
        let bytes = try sealed(vault, try #require(keys[mine]))
        vault.close()
        let again = try open()
        #expect(try again.keys(for: all) == keys)
        for (subject, number) in keys {
            let plain = try #require(try again.cipher(number)).open(bytes, label: [1])
            #expect(plain == (subject == mine ? Array("words".utf8) : nil))
        }
    }

    @Test func `a key record that a torn write left as zeros is no key and no damage (R2)`()
        throws
    {
        let vault = try open()
        let first = try subject("s1")
        _ = try vault.keys(for: [first])
        vault.close()
        let whole = try files.read(layout.subjectKeys)
        try files.replace(
            layout.subjectKeys,
            with: whole + [UInt8](repeating: 0, count: SubjectKeyRecord.size))
        let again = try open()
        #expect(again.faults() == [])
        #expect(again.destroyed == [])
        #expect(throws: StorageError.self) { try again.cipher(2) }
        #expect(try again.keys(for: [first, subject("s2")]).values.sorted() == [1, 3])
    }

    @Test func `a destroyed key opens nothing, before and after a restart, and is not given again`()
        throws
    {
        let vault = try open()
        let mine = try subject("s1")
        let number = try #require(try vault.keys(for: [mine])[mine])
        let wrapped = try files.read(layout.subjectKeys)[128 + 32..<256]
        try vault.destroy([number])
        #expect(try vault.cipher(number) == nil)
        vault.close()
        #expect(!(try files.read(layout.subjectKeys)).containsRun(Array(wrapped.prefix(16))))
        let again = try open()
        #expect(try again.cipher(number) == nil)
        #expect(again.destroyed == [number])
        #expect(try again.keys(for: [mine])[mine] == number + 1)
        let history = again.keys(of: mine.student)
        #expect(history.map(\.number) == [number, number + 1])
        #expect(history.map(\.isLive) == [false, true])
    }

    @Test func `no student's name is in the key file`() throws {
        let vault = try open()
        let name = "amina.khan@hillside.example"
        _ = try vault.keys(for: [try subject(name)])
        #expect(!(try files.read(layout.subjectKeys)).containsRun(Array("amina".utf8)))
    }

    @Test func `another master key opens nothing and says so`() throws {
        let vault = try open()
        let mine = try subject("s1")
        let number = try #require(try vault.keys(for: [mine])[mine])
        vault.close()
        let other = try open(master: [UInt8](repeating: 4, count: 32))
        #expect(throws: StorageError.self) { _ = try other.cipher(number) }
        #expect(other.faults() == [128])
    }

    @Test func `any flipped bit of a record is named, and the keys after it still open`() throws {
        let vault = try open()
        let subjects = [try subject("s1"), try subject("s2")]
        let keys = try vault.keys(for: Set(subjects))
        vault.close()
        let good = try files.read(layout.subjectKeys)
        for at in 128..<256 {
            var bad = good
            bad[at] ^= 1 << UInt8(at % 8)
            try files.replace(layout.subjectKeys, with: bad)
            let damaged = try open()
            #expect(damaged.faults() == [128], "byte \(at)")
            #expect(throws: StorageError.self) { _ = try damaged.cipher(1) }
            #expect(try damaged.cipher(2) != nil)
            #expect(damaged.destroyed.isEmpty)
            damaged.close()
        }
        try files.replace(layout.subjectKeys, with: good)
        #expect(try open().keys(for: Set(subjects)) == keys)
    }

    @Test func `records that change places do not open`() throws {
        let vault = try open()
        _ = try vault.keys(for: [try subject("s1"), try subject("s2")])
        vault.close()
        let good = try files.read(layout.subjectKeys)
        try files.replace(
            layout.subjectKeys, with: Array(good[..<128] + good[256...] + good[128..<256]))
        #expect(try open().faults() == [128, 256])
    }

    @Test func `a power cut at any call leaves every key that was given`() throws {
        let subjects = [try subject("s1"), try subject("s2"), try subject("s3")]
        var calls = 0
        repeat {
            calls += 1
            let disk = FaultyFileSystem(over: MemoryFileSystem())
            try disk.makeDirectory("/data")
            disk.fail(call: calls, with: .death(afterBytes: 40))
            var given: [KeyNumber: [UInt8]] = [:]
            var isDestroyed = false
            do {
                let vault = try open(disk)
                for subject in subjects {
                    let number = try #require(try vault.keys(for: [subject])[subject])
                    given[number] = try sealed(vault, number)
                }
                try vault.destroy([1])
                isDestroyed = true
            } catch is StorageError {
                // The power is gone.
            }
            let isComplete = isDestroyed
            try disk.cutPower(losing: .some(seed: UInt64(calls)))
            let after = try open(disk)
            for (number, bytes) in given {
                let cipher = try after.cipher(number)
                if number == 1, isDestroyed { #expect(cipher == nil) }
                if number != 1 || cipher != nil {
                    #expect(cipher?.open(bytes, label: [1]) == Array("words".utf8))
                }
            }
            #expect(after.faults() == [])
            if isComplete { break }
        } while calls < 100
        #expect(calls > 5 && calls < 100)
    }

    @Test func `what was typed is in no byte of the data directory (S35)`() async throws {
        let fixture = try StoreFixture()
        let canary = "zebracanary"
        var store = try fixture.open()
        try fixture.enrol(in: store)
        _ = try await store.take(try fixture.upload(canary, number: 0, previous: .zero))
        _ = try await store.take(StoreFixture.lines(canary, user: "s2"), key: "k")
        #expect(try traces(fixture, of: [canary, "WINWORD", "Volcanoes"]) == [])
        _ = try store.seal()
        #expect(try traces(fixture, of: [canary, "WINWORD", "Volcanoes"]) == [])
        try store.close()
        #expect(try traces(fixture, of: [canary, "WINWORD", "Volcanoes"]) == [])
        store = try fixture.open()
        #expect(try store.typed() == canary)
        #expect(try store.typed(by: "s2") == canary)
    }

    /// The files that hold one of the words, as they are or in a zstd frame (RFC 8878) anywhere in them.
    private func traces(_ fixture: StoreFixture, of words: [String]) throws -> [String] {
        let disk = RealFileSystem()
        var found: [String] = []
        for path in try disk.paths(below: fixture.path) {
            let bytes = try disk.read(fixture.path + "/" + path)
            var texts = [bytes]
            for at in bytes.indices.dropLast(4)
            where bytes[at] == 0x28 && bytes[at + 1] == 0xB5 && bytes[at + 2] == 0x2F
                && bytes[at + 3] == 0xFD
            {
                // What does not expand holds nothing.
                if let size = Zstd.frameSize(Array(bytes[at...])),
                    let text = try? Zstd.decompress(
                        Array(bytes[at..<at + size]), sizeMaximum: 1 << 24)
                {
                    texts.append(text)
                }
            }
            for word in words where texts.contains(where: { $0.containsRun(Array(word.utf8)) }) {
                found.append("\(path): \(word)")
            }
        }
        return found
    }
}

/// Counts how far a fixed row of random bytes was used.
private final class Counter: Sendable {
    private let used = Mutex(0)

    func take(_ count: Int) -> Range<Int> {
        used.withLock { used in
            defer { used += count }
            return used..<used + count
        }
    }
}
