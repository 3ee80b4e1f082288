import Bytes
import Durable
import Events
import Foundation
import Proofs
import Storage
import TestSupport
import Testing

/// evidence.md section 5, S44, S45: what is to be forgotten is gone, and everything else still proves.
@Suite struct ForgettingTests {
    private static let day: Int64 = 86_400_000
    private static let november = CivilMonth("2026-11")

    private func student(_ name: String) throws -> StudentID { try #require(StudentID(name)) }

    /// Three pupils, several segments each with all of them, both doors.
    private func filled(_ fixture: StoreFixture) async throws -> Store {
        let store = try fixture.open()
        try fixture.enrol(in: store)
        _ = try await store.take(
            fixture.upload("signed words", number: 0, previous: .zero, user: "s0"))
        for round in 0..<4 {
            for user in 0..<3 {
                _ = try await store.take(
                    StoreFixture.lines(
                        "round \(round) ", user: "s\(user)", host: "LIB-0\(user)",
                        from: round * 100))
            }
            _ = try store.seal()
        }
        return store
    }

    @Test func `merged segments give back every event, every proof, and less space`() async throws {
        let fixture = try StoreFixture()
        let store = try await filled(fixture)
        let before = try (0..<3).map {
            try store.events(matching: EventQuery(student: student("s\($0)")))
        }
        let report = try store.mergeSegments()
        #expect(report.merged == 4 && report.sizeAfter < report.sizeBefore)
        for index in 0..<3 {
            let after = try store.events(matching: EventQuery(student: student("s\(index)")))
            #expect(after.map(\.content) == before[index].map(\.content))
            #expect(after.map(\.leaf) == before[index].map(\.leaf))
        }
        #expect(try RealFileSystem().list(fixture.path + "/segments") == ["00000004-1.segment"])
        #expect(try store.verify().faults == [])
        // What comes after is merged with the next night's.
        _ = try await store.take(StoreFixture.lines("later", user: "s1", from: 900))
        _ = try store.seal()
        #expect(try store.mergeSegments().merged == 1)
        try store.close()
        let again = try fixture.open()
        #expect(try again.typed(by: "s1") == "round 0 round 1 round 2 round 3 later")
        #expect(try again.verify().faults == [])
        #expect(try again.mergeSegments() == MergeReport())
    }

    @Test func `a merge that dies at any call leaves the old segments or the new one (R3)`()
        async throws
    {
        var calls = 0
        var isDone = false
        while !isDone, calls < 200 {
            calls += 1
            let disk = FaultyFileSystem()
            let fixture = try StoreFixture(fileSystem: disk)
            let store = try await filled(fixture)
            disk.fail(call: calls, with: calls % 2 == 0 ? .error(EIO) : .death(afterBytes: 100))
            do throws(StorageError) {
                _ = try store.mergeSegments()
                isDone = true
            } catch {
                // It failed as ordered.
            }
            try? store.close()  // A dead process closes nothing.
            disk.restart()
            let again = try fixture.open()
            #expect(try again.typed(by: "s2") == "round 0 round 1 round 2 round 3 ")
            #expect(try again.verify().faults == [], "call \(calls)")
            _ = try again.mergeSegments()
            #expect(try again.typed(by: "s2") == "round 0 round 1 round 2 round 3 ")
            #expect(try RealFileSystem().list(fixture.path + "/segments").count == 1)
            try again.close()
        }
        #expect(isDone && calls > 5)
    }

    @Test func `no event is counted twice or missed while files are sealed`() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let rounds = 12
        for round in 0..<rounds {
            _ = try await store.take(StoreFixture.lines("twenty letters here.", from: round * 100))
            async let sealing = Task.detached { try store.seal() }.value
            repeat {
                #expect(try store.statistics().events == (round + 1) * 20)
                let activity = try store.machineActivity(
                    from: Instant(milliseconds: 0), to: Instant(milliseconds: .max / 2))
                #expect(activity.reduce(0) { $0 + $1.events } == (round + 1) * 20)
            } while try store.statistics().journalEvents > 0
            _ = try await sealing
        }
        try store.close()
    }

    @Test func `an erased month is gone, the others stay, and every proof holds (E9)`() async throws
    {
        let fixture = try StoreFixture()
        var store = try await filled(fixture)
        let batches = try store.batches(matching: EventQuery(student: student("s1")))
        let leaf = try #require(batches.first?.leaf)
        // Kept by somebody who copied the files before: the key alone decides.
        let copy = try RealFileSystem().read(fixture.path + "/segments/00000001.segment")
        let receipt = try await store.erase(
            student: student("s1"), months: [try #require(Self.november)], reason: "a parent asked",
            by: "dpo", approvedBy: "head", at: fixture.environment.now())
        #expect(receipt.batches == 4 && receipt.events == 32 && receipt.months == ["2026-11"])
        #expect(try store.typed(by: "s1") == "")
        #expect(try store.batch(leaf: leaf) == nil)
        #expect(try store.typed(by: "s0").hasSuffix("signed words"))
        #expect(try store.typed(by: "s2") == "round 0 round 1 round 2 round 3 ")
        #expect(try store.verify().faults == [])
        let size = store.treeSize()
        #expect(
            TreeProof.isIncluded(
                leafHash: MerkleTree.leafHash(of: Array(try store.leafData(leaf).utf8)),
                index: leaf, size: size, root: try root(store),
                path: store.inclusionProof(leaf: leaf, size: size)))
        // The month's space comes back with the next merge, and the store is still whole.
        let merged = try store.mergeSegments()
        #expect(merged.events == 12 + 2 * 32)
        #expect(try store.verify().faults == [])
        // The same batch sent again is known, and new events get a key of their own.
        _ = try await store.take(StoreFixture.lines("new", user: "s1", from: 500))
        _ = try store.seal()
        #expect(try store.typed(by: "s1") == "new")
        try store.close()
        store = try fixture.open()
        #expect(try store.typed(by: "s1") == "new")
        #expect(try store.verify().faults == [])
        try RealFileSystem().replace(fixture.path + "/segments/00000001.segment", with: copy)
        #expect(try store.typed(by: "s1") == "new")
        #expect(try store.erasureReceipts().count == 1)
    }

    private func root(_ store: Store) throws -> Hash {
        try SignedCheckpoint(parsing: Array(try store.checkpoint().utf8)).checkpoint.root
    }

    @Test func `erasure needs two people, no hold, and something to erase`() async throws {
        let fixture = try StoreFixture()
        let store = try await filled(fixture)
        let now = fixture.environment.now()
        func erase(_ name: String, approvedBy: String = "head") async throws -> ErasureReceipt {
            try await store.erase(
                student: student(name), months: nil, reason: "r", by: "dpo",
                approvedBy: approvedBy, at: now)
        }
        await #expect(throws: StorageError.self) { _ = try await erase("s1", approvedBy: "dpo") }
        await #expect(throws: StorageError.self) { _ = try await erase("nobody") }
        let hold = try store.catalogue.place(
            HoldRow(
                student: try student("s1"), reason: "court", placed: now, placedBy: "coordinator",
                approvedBy: "head"))
        await #expect(throws: StorageError.self) { _ = try await erase("s1") }
        #expect(try store.typed(by: "s1") == "round 0 round 1 round 2 round 3 ")
        #expect(
            try store.catalogue.lift(hold: hold, at: now, by: "coordinator", approvedBy: "head"))
        #expect(
            try !store.catalogue.lift(hold: hold, at: now, by: "coordinator", approvedBy: "head"))
        _ = try await erase("s1")
        #expect(try store.typed(by: "s1") == "")
        // Twice is refused rather than recorded: there is nothing left.
        await #expect(throws: StorageError.self) { _ = try await erase("s1") }
    }

    @Test func `an erasure that dies at any call is carried out or has not begun`() async throws {
        var calls = 0
        var isDone = false
        while !isDone, calls < 100 {
            calls += 1
            let disk = FaultyFileSystem()
            let fixture = try StoreFixture(fileSystem: disk)
            let store = try await filled(fixture)
            disk.fail(call: calls, with: .death(afterBytes: 10))
            do {
                _ = try await store.erase(
                    student: student("s1"), months: nil, reason: "r", by: "dpo",
                    approvedBy: "head", at: fixture.environment.now())
                isDone = true
            } catch {
                // It died as ordered.
            }
            try? store.close()  // A dead process closes nothing.
            disk.restart()
            let again = try fixture.open()
            let text = try again.typed(by: "s1")
            #expect(text == "" || (!isDone && text == "round 0 round 1 round 2 round 3 "))
            #expect(try again.verify().faults == [], "call \(calls)")
            try again.close()
        }
        #expect(isDone && calls > 3)
    }

    @Test func `a key destroyed behind the log's back is a loss and named as one`() async throws {
        let fixture = try StoreFixture()
        try await filled(fixture).close()
        let disk = RealFileSystem()
        let path = fixture.path + "/vault/subject-keys"
        var bytes = try disk.read(path)
        // State 0 and no key, as a clever intruder would write it.
        bytes.replaceSubrange(128 + 31..<128 + 92, with: [UInt8](repeating: 0, count: 61))
        var writer = ByteWriter()
        writer.appendUInt32(CRC32C.checksum(bytes[132..<256]))
        bytes.replaceSubrange(128..<132, with: writer.bytes)
        try disk.replace(path, with: bytes)
        let store = try fixture.open()
        let faults = try store.verify().faults
        #expect(faults.contains { $0.file == "vault/subject-keys" && $0.what.contains("a loss") })
    }

    @Test func `what a finding rests on outlives the period, also where it began long before`()
        async throws
    {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        // Numbers 0 to 5, 100 to 105 and 200 to 205, all at nine o'clock.
        for (index, word) in ["first ", "middle", "last  "].enumerated() {
            _ = try await store.take(StoreFixture.lines(word, from: index * 100))
        }
        _ = try await store.take(
            StoreFixture.lines("bystander", user: "s2", host: "LIB-08", from: 0))
        let later = Instant(milliseconds: 1_795_512_345_000 + 10 * 3_600_000)
        let finding = FindingRow(
            id: nil, student: try student("s1001"), machine: try #require(MachineID("LIB-07")),
            session: try #require(SessionID("s-s1001")),
            device: try #require(DeviceName("device/lines")), leaf: 0, time: later,
            ruleID: "r", ruleTitle: "", ruleVersion: "1", ruleHash: "", packVersion: "1",
            theme: "bullying", severity: 3, reasonsJSON: "[]", spansJSON: "[]",
            reading: "as-left", firstSequence: 3, lastSequence: 104, findingLeaf: nil,
            incident: nil)
        _ = try store.catalogue.commitDetection(
            findings: [finding], cursor: JournalPosition(leaf: 4))
        _ = try store.seal()
        let report = try await store.prune(
            RetentionRules(), at: later.advanced(byMilliseconds: 40 * Self.day))
        #expect(report.batches == 2)
        #expect(try store.typed() == "first middle")
        #expect(try store.typed(by: "s2") == "")
        #expect(try store.verify().faults == [])
        try store.close()
    }

    @Test func `after 400 days nothing is older than the rules allow (S44)`() async throws {
        var now = Instant(milliseconds: 1_795_512_345_000)
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let rules = RetentionRules()
        var pruned = PruneReport()
        for day in 0..<400 where day % 10 == 0 {
            now = Instant(milliseconds: 1_795_512_345_000 + Int64(day) * Self.day)
            for user in ["s1", "held"] {
                _ = try await store.take(
                    StoreFixture.lines(
                        "d\(day) ", user: user, host: "HOST-\(user)", from: day * 10),
                    at: now)
            }
            if day == 20 {
                _ = try store.catalogue.place(
                    HoldRow(
                        student: try student("held"), reason: "court", placed: now,
                        placedBy: "coordinator", approvedBy: "head"))
            }
            _ = try store.seal()
            _ = try store.mergeSegments()
            let report = try await store.prune(rules, at: now)
            pruned.batches += report.batches
            pruned.keys += report.keys
            let oldest = try store.batches(matching: EventQuery(student: student("s1")))
                .map(\.received).min()
            let limit = now.advanced(byMilliseconds: -Int64(rules.unflaggedDays) * Self.day)
            #expect(try #require(oldest) >= limit, "day \(day)")
        }
        #expect(try store.typed(by: "s1") == "d360 d370 d380 d390 ")
        let held = try store.typed(by: "held")
        #expect(held.hasPrefix("d0 d10 d20 "), "\(held)")
        #expect(pruned.batches == 36 && pruned.keys >= 11)
        #expect(try store.verify().faults == [])
        try store.close()
        #expect(try fixture.open().verify().faults == [])
    }
}
