import Durable
import Events
import Storage
import TestSupport
import Testing

/// What was acknowledged survives whatever the disk does (R1, R2, R3).
@Suite struct StoreFaultTests {
    /// Stores numbered words one after the other, with a checkpoint and a seal in between; returns
    /// what was acknowledged. Stops at the first word that is refused.
    private func fill(_ store: Store) async -> [String] {
        var acknowledged: [String] = []
        for index in 0..<6 {
            let word = "w\(index);"
            do {
                _ = try await store.take(StoreFixture.lines(word, from: index * 3))
                acknowledged.append(word)
                if index == 1 { _ = try store.checkpoint() }
                if index == 3 { _ = try store.seal() }
            } catch let error as StorageError {
                #expect(!error.message.isEmpty)
                if case .full = error { continue }
            } catch {
                Issue.record(error)
            }
        }
        return acknowledged
    }

    private func expectWhole(
        _ fixture: StoreFixture, _ acknowledged: [String], _ what: String
    ) async throws {
        let store = try fixture.open()
        let words = try store.typed().split(separator: ";").map { String($0) + ";" }
        // What was not acknowledged may be there, what was must be, each once and in order.
        let isComplete = Set(words).isSuperset(of: acknowledged)
        #expect(isComplete, "\(what): \(words)")
        let isInOrder = words == words.sorted() && Set(words).count == words.count
        #expect(isInOrder, "\(what)")
        let verdict = try store.verify()
        #expect(verdict.isWhole, "\(what): \(verdict.faults)")
        let next = try await store.take(StoreFixture.lines("end", from: 100))
        #expect(next.accepted == 3, "\(what)")
        try store.close()
    }

    private func run(_ what: String, call: Int, _ fault: Fault, losing loss: PowerLoss?)
        async throws -> Bool
    {
        let files = FaultyFileSystem()
        let fixture = try StoreFixture(fileSystem: files)
        let store = try fixture.open()
        let before = files.callCount
        files.fail(call: call, with: fault)
        let acknowledged = await fill(store)
        let isReached = files.callCount - before >= call
        // The store is left as it is, as a process that died leaves it.
        if let loss { try files.cutPower(losing: loss) } else { files.restart() }
        try await expectWhole(fixture, acknowledged, "\(what) at call \(call)")
        return isReached
    }

    @Test(arguments: [
        (Fault.error(5), 1), (.error(28), 3), (.short(bytes: 3, 28), 3), (.short(bytes: 3, 5), 3),
        (.death(afterBytes: 5), 3),
    ])
    func `calls of the file system fail once and nothing acknowledged is lost (R3)`(
        fault: Fault, step: Int
    ) async throws {
        var call = 1
        while try await run("\(fault)", call: call, fault, losing: nil) { call += step }
        #expect(call > 40)
    }

    @Test(arguments: [
        (PowerLoss.everything, 1), (.some(seed: 1), 2), (.some(seed: 2), 3),
    ])
    func `the power goes at a call, taking all or part of what was not synced (R2)`(
        loss: PowerLoss, step: Int
    ) async throws {
        var call = 1
        while try await run("\(loss)", call: call, .death(afterBytes: call % 97), losing: loss) {
            call += step
        }
        #expect(call > 40)
    }

    @Test func `what was acknowledged after a kill stays when the power goes later (R1, R2)`()
        async throws
    {
        for call in stride(from: 1, to: 140, by: 4) {
            let files = FaultyFileSystem()
            let fixture = try StoreFixture(fileSystem: files)
            files.fail(call: call, with: .death(afterBytes: 1 << 20))
            if let store = try? fixture.open() { _ = await fill(store) }  // it may die in opening
            files.restart()
            // The agents send everything again, and what the killed process wrote is a duplicate.
            let store = try fixture.open()
            let acknowledged = await fill(store)
            #expect(acknowledged.count == 6)
            try files.cutPower(losing: .everything)
            try await expectWhole(fixture, acknowledged, "killed at call \(call)")
        }
    }
}
