import Durable
import Events
import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Agent

@Suite struct ReplayTests {
    /// Lines of three sessions in a mixed order; each key is its number.
    static func lines(_ count: Int) -> [String] {
        (0..<count).map { number in
            let session = "s\(number / 3 % 3)"
            let time = FakeClock.wallStart.advanced(byMilliseconds: Int64(number) * 1_000).rfc3339
            return """
                {"time":"\(time)","host":"pc\(session)","user":"u\(session)","session":"\(session)",\
                "seq":\(number),"kind":"key","key":"K\(number)","app":"Gedit","window":"essay"}
                """
        }
    }

    struct Run {
        var outcome: Replay.Outcome?
        var acknowledged = 0
    }

    /// One run of a replay of the file `/e.ndjson`, to the end or to its death.
    func run(_ files: any FileSystem, _ collector: FakeCollector, seed: UInt64) async -> Run {
        let clock = HastyClock()
        do {
            let recorder = try AgentFixture.recorder(files, clock: clock, seed: seed)
            let replay = Replay(
                recorder: recorder, clock: clock, random: .seeded(seed), batchEvents: 4,
                windows: SecretWindows())
            let outcome = try await replay.run(file: "/e.ndjson", files: files)
            let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
            guard try await AgentFixture.shipAll(shipper) == .nothing else { return Run() }
            return Run(outcome: outcome, acknowledged: await shipper.acknowledgedEvents)
        } catch {
            return Run()
        }
    }

    func keys(_ collector: FakeCollector) -> [Int] {
        collector.events.compactMap { event in
            String(decoding: event.content, as: UTF8.self).split(separator: "\"")
                .first { $0.hasPrefix("K") }.flatMap { Int($0.dropFirst()) }
        }
    }

    func files(_ text: String) throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.replace("/e.ndjson", with: Array(text.utf8))
        return files
    }

    @Test func `every line arrives, each session in its order, one session a batch`() async throws {
        let files = try files(ReplayTests.lines(100).joined(separator: "\n"))
        let collector = try AgentFixture.collector()
        let run = await run(files, collector, seed: 1)
        #expect(run.outcome == Replay.Outcome(sent: 100, rejected: []))
        #expect(run.acknowledged == 100)
        #expect(collector.faults == [])
        for session in ["s0", "s1", "s2"] {
            let mine = zip(collector.sessions, keys(collector))
                .filter { $0.0.session.rawValue == session }
            #expect(mine.map(\.1) == mine.map(\.1).sorted())
            #expect(mine.allSatisfy { $0.0.machine.rawValue == "pc" + session })
        }
        #expect(Set(keys(collector)) == Set(0..<100))
    }

    @Test func `a second replay of the same file sends nothing, a grown one only its rest`()
        async throws
    {
        let files = try files(ReplayTests.lines(10).map { $0 + "\n" }.joined())
        let collector = try AgentFixture.collector()
        #expect(await run(files, collector, seed: 1).outcome?.sent == 10)
        #expect(await run(files, collector, seed: 2).outcome?.sent == 0)
        try files.replace(
            "/e.ndjson", with: Array(ReplayTests.lines(14).map { $0 + "\n" }.joined().utf8))
        #expect(await run(files, collector, seed: 3).outcome?.sent == 4)
        #expect(keys(collector).sorted() == Array(0..<14))
        #expect(collector.faults == [])
    }

    @Test func `another file under the same name is sent whole`() async throws {
        let files = try files(ReplayTests.lines(5).joined(separator: "\n"))
        let collector = try AgentFixture.collector()
        #expect(await run(files, collector, seed: 1).outcome?.sent == 5)
        let other = ReplayTests.lines(9).dropFirst(5).joined(separator: "\n")
        try files.replace("/e.ndjson", with: Array(other.utf8))
        #expect(await run(files, collector, seed: 2).outcome?.sent == 4)
    }

    @Test func `killed at every call and started again, all lines arrive once`() async throws {
        let text = ReplayTests.lines(30).joined(separator: "\n")
        let reference = FaultyFileSystem(over: try files(text))
        _ = await run(reference, try AgentFixture.collector(), seed: 1)
        for call in 1...reference.callCount {
            for power in [nil, PowerLoss.everything, .some(seed: UInt64(call))] {
                let files = FaultyFileSystem(over: try files(text))
                let collector = try AgentFixture.collector()
                files.fail(call: call, with: .death(afterBytes: 9))
                _ = await run(files, collector, seed: 1)
                if let power { try files.cutPower(losing: power) } else { files.restart() }
                let second = await run(files, collector, seed: 2)
                #expect(second.outcome != nil, "call \(call)")
                #expect(collector.faults == [], "call \(call)")
                #expect(keys(collector).count == 30, "call \(call)")
                #expect(Set(keys(collector)) == Set(0..<30), "call \(call)")
            }
        }
    }

    @Test func `lines that are no events are named, and the others arrive`() async throws {
        var lines = ReplayTests.lines(6)
        lines.insert("{\"broken\"", at: 2)
        lines.insert("", at: 4)
        lines.insert(#"{"time":"2026-11-24T09:00:00Z","kind":"key"}"#, at: 5)
        let files = try files(lines.joined(separator: "\n"))
        let collector = try AgentFixture.collector()
        let outcome = try #require(await run(files, collector, seed: 1).outcome)
        #expect(outcome.sent == 6)
        #expect(outcome.rejected.map(\.line) == [3, 6])
        #expect(keys(collector).sorted() == Array(0..<6))
    }

    @Test func `more lines than one chunk keep their numbers in complaints`() async throws {
        var lines = ReplayTests.lines(2_500)
        lines[2_100] = "x"
        let files = try files(lines.joined(separator: "\n"))
        let collector = try AgentFixture.collector()
        let outcome = try #require(await run(files, collector, seed: 1).outcome)
        #expect(outcome.sent == 2_499)
        #expect(outcome.rejected.map(\.line) == [2_101])
    }

    @Test func `keys of secret windows are withheld, one for one (P22)`() async throws {
        let line = ReplayTests.lines(1)[0]
            .replacing("essay", with: "Log in").replacing(
                "\"kind\"", with: "\"site\":\"off\",\"kind\"")
        let files = try files(line)
        let collector = try AgentFixture.collector()
        _ = await run(files, collector, seed: 1)
        let event = try #require(collector.events.first)
        #expect(event.kind == .secret)
        #expect(
            String(decoding: event.content, as: UTF8.self)
                == #"{"app":"Gedit","count":1,"site":"off","window":"Log in"}"#)
    }

    @Test func `an endless line is no NDJSON`() async throws {
        let files = try files(String(repeating: "x", count: 3 << 20))
        let recorder = try AgentFixture.recorder(files, clock: HastyClock())
        let replay = Replay(
            recorder: recorder, clock: HastyClock(), random: .seeded(1), batchEvents: 4,
            windows: SecretWindows())
        await #expect(throws: AgentError.self) {
            try await replay.run(file: "/e.ndjson", files: files)
        }
    }

    @Test func `a file that is not there is named`() async throws {
        let files = MemoryFileSystem()
        let recorder = try AgentFixture.recorder(files, clock: HastyClock())
        let replay = Replay(
            recorder: recorder, clock: HastyClock(), random: .seeded(1), batchEvents: 4,
            windows: SecretWindows())
        await #expect {
            try await replay.run(file: "/none", files: files)
        } throws: { error in
            (error as? AgentError)?.message == "replay /none: no such file"
        }
    }
}
