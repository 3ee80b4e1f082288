import Events
import TestSupport
import Testing
import Wire

@testable import Agent

@Suite struct RecorderTests {
    func shipped(_ recorder: Recorder, clock: any AgentClock) async throws -> FakeCollector {
        let collector = try AgentFixture.collector()
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
        #expect(collector.faults == [])
        return collector
    }

    func bodies(_ collector: FakeCollector) throws -> [EventBody] {
        var decoder = ContentDecoder()
        return try collector.events.map {
            try decoder.body(kind: $0.kind, content: $0.content)
        }
    }

    @Test func `the notice is the first event (P1)`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock)
        try await AgentFixture.begin(recorder)
        try await recorder.end()
        let kinds = try await shipped(recorder, clock: clock).events.map(\.kind)
        #expect(kinds == [.notice, .agent, .session, .session, .agent])
    }

    @Test func `nothing can be recorded before the notice (P1)`() async {
        await #expect(processExitsWith: .failure) {
            let clock = FakeClock()
            let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock)
            await recorder.record([Observation(AgentFixture.key("a"), at: clock)])
        }
    }

    @Test func `times of keys and counts are whole seconds, others are not (G1)`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(
            MemoryFileSystem(), clock: clock, batchEvents: 100)
        try await AgentFixture.begin(recorder)
        let login = Place(app: "Zenity", window: "Type your password")
        for _ in 0..<40 {
            clock.advance(by: .milliseconds(137))
            await recorder.record([
                Observation(AgentFixture.key("a"), at: clock),
                Observation(
                    .click(button: .left, x: 1, y: 2, place: login), at: clock),
                Observation(AgentFixture.key("b", login), at: clock),
            ])
        }
        try await recorder.end()
        let events = try await shipped(recorder, clock: clock).events
        let rhythmic = events.filter { $0.kind == .key || $0.kind == .secret }
        #expect(rhythmic.count == 80)
        #expect(
            rhythmic.allSatisfy {
                $0.wallMilliseconds % 1_000 == 0 && $0.monoMilliseconds % 1_000 == 0
            })
        #expect(events.contains { $0.kind == .click && $0.wallMilliseconds % 1_000 != 0 })
    }

    @Test func `keys of a secret window never reach the spool (P22)`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock)
        try await AgentFixture.begin(recorder)
        let login = Place(app: "Zenity", window: "Type your password")
        for letter in "hunter2" {
            await recorder.record([
                Observation(AgentFixture.key(String(letter), login), at: clock)
            ])
        }
        await recorder.record([Observation(AgentFixture.key("x"), at: clock)])
        try await recorder.end()
        let bodies = try bodies(try await shipped(recorder, clock: clock))
        #expect(bodies.contains(.secret(count: 7, place: login)))
        #expect(bodies.filter { $0.kind == .key } == [AgentFixture.key("x")])
    }

    @Test func `batches are cut by number, by age and at the end`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock, batchEvents: 8)
        try await AgentFixture.begin(recorder)
        for _ in 0..<6 { await recorder.record([Observation(AgentFixture.key("a"), at: clock)]) }
        #expect(await recorder.unsentCount == 1)
        clock.advance(by: .seconds(29))
        try await recorder.tick()
        #expect(await recorder.unsentCount == 1)
        clock.advance(by: .seconds(1))
        try await recorder.tick()
        #expect(await recorder.unsentCount == 2)
        try await recorder.end()
        #expect(await recorder.unsentCount == 3)
    }

    @Test func `a heartbeat tells the counters every minute (S31)`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(
            MemoryFileSystem(), clock: clock, batchEvents: 100)
        try await AgentFixture.begin(recorder)
        await recorder.record([Observation(AgentFixture.key("a"), at: clock)])
        for _ in 0..<125 {
            clock.advance(by: .seconds(1))
            try await recorder.tick()
        }
        try await recorder.end()
        let beats = try bodies(try await shipped(recorder, clock: clock)).compactMap {
            body -> [String: Int]? in
            guard case .agent(.heartbeat, let counters) = body else { return nil }
            return counters
        }
        #expect(beats.count == 2)
        #expect(beats.first?["keys"] == 1)
        #expect(beats.first?["events"] == 4)
        #expect(beats.first?["lost"] == 0)
    }

    @Test func `a jump of the wall clock is an event (P11)`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock)
        try await AgentFixture.begin(recorder)
        for jump in [Int64(0), 1_500, -3_600_000, 0] {
            clock.advance(by: .seconds(1))
            clock.jumpWall(byMilliseconds: jump)
            try await recorder.tick()
        }
        try await recorder.end()
        let jumps = try bodies(try await shipped(recorder, clock: clock)).compactMap {
            body -> Int64? in
            guard case .clock(let before, let after) = body else { return nil }
            return after.milliseconds - before.milliseconds
        }
        #expect(jumps == [-3_600_000])
    }

    @Test func `a killed agent goes on in the same session, another login begins one`()
        async throws
    {
        let files = FaultyFileSystem(over: MemoryFileSystem())
        let clock = FakeClock()
        let collector = try AgentFixture.collector()
        let logins = [("e.varga", "a"), ("e.varga", "a"), ("e.varga", "b"), ("m.okoye", "b")]
        for (round, (user, login)) in logins.enumerated() {
            let recorder = try AgentFixture.recorder(files, clock: clock, seed: UInt64(round))
            try await AgentFixture.begin(recorder, user: user, login: login)
            clock.advance(by: .seconds(5))
            await recorder.record([Observation(AgentFixture.key("a"), at: clock)])
            files.restart()
        }
        let last = try AgentFixture.recorder(files, clock: clock, seed: 9)
        try await AgentFixture.begin(last, user: "m.okoye", login: "b")
        try await last.end()
        _ = try await AgentFixture.shipAll(AgentFixture.shipper(last, collector, clock: clock))
        #expect(collector.faults == [])
        let sessions = collector.sessions
        var order: [SessionContext] = []
        for session in sessions where order.last != session { order.append(session) }
        #expect(order.count == 3)
        #expect(order.map(\.student.rawValue) == ["e.varga", "e.varga", "m.okoye"])
        let starts = try bodies(collector).filter { $0 == .session(.start) }.count
        #expect(starts == 3)
        let monotonic = collector.events.map(\.monoMilliseconds)
        #expect(monotonic.contains(10_000))
    }

    @Test func `an ended session is not gone on with`() async throws {
        let files = FaultyFileSystem(over: MemoryFileSystem())
        let clock = FakeClock()
        for round in 0..<2 {
            let recorder = try AgentFixture.recorder(files, clock: clock, seed: UInt64(round))
            try await AgentFixture.begin(recorder)
            try await recorder.end()
            files.restart()
        }
        let recorder = try AgentFixture.recorder(files, clock: clock, seed: 5)
        let sessions = try await shipped(recorder, clock: clock).sessions
        #expect(Set(sessions).count == 2)
    }

    @Test func `a full spool loses events visibly: a gap event names the numbers`() async throws {
        let clock = FakeClock()
        let files = MemoryFileSystem()
        let recorder = try AgentFixture.recorder(
            files, clock: clock, batchEvents: 16, sizeMaximum: 40 << 10)
        try await AgentFixture.begin(recorder)
        var count = 0
        while await recorder.counters.lost < 100 {
            await recorder.record([Observation(AgentFixture.key("a"), at: clock)])
            count += 1
            try #require(count < 20_000)
        }
        try await recorder.tick()
        let collector = try await shipped(recorder, clock: clock)
        await recorder.record([Observation(AgentFixture.key("b"), at: clock)])
        try await recorder.end()
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        #expect(try await AgentFixture.shipAll(shipper) == .nothing)
        #expect(collector.faults == [])
        let gaps = try bodies(collector).compactMap { body -> ClosedRange<UInt64>? in
            guard case .gap(let first, let last, "spool full") = body else { return nil }
            return first...last
        }
        let gap = try #require(gaps.first)
        #expect(gaps.count == 1)
        #expect(gap.count == 100)
        let sequences = collector.events.map(\.sequence)
        let missing = Set(0...(sequences.last ?? 0)).subtracting(sequences)
        #expect(missing == Set(gap))
    }

    @Test func `an agent killed while the spool is full still tells of the gap`() async throws {
        let clock = FakeClock()
        let files = FaultyFileSystem(over: MemoryFileSystem())
        let recorder = try AgentFixture.recorder(
            files, clock: clock, batchEvents: 16, sizeMaximum: 40 << 10)
        try await AgentFixture.begin(recorder)
        while await recorder.counters.lost < 50 {
            await recorder.record([Observation(AgentFixture.key("a"), at: clock)])
        }
        try await recorder.tick()
        files.restart()
        let second = try AgentFixture.recorder(
            files, clock: clock, seed: 2, batchEvents: 16, sizeMaximum: 10 << 20)
        try await AgentFixture.begin(second)
        try await second.end()
        let collector = try await shipped(second, clock: clock)
        let gaps = try bodies(collector).filter { $0.kind == .gap }
        #expect(gaps.count == 1)
        guard case .gap(let first, let last, _)? = gaps.first else { return }
        #expect(last - first + 1 == 50)
    }

    @Test func `a refused batch is told of in an event`() async throws {
        let clock = FakeClock()
        let recorder = try AgentFixture.recorder(MemoryFileSystem(), clock: clock, batchEvents: 2)
        try await AgentFixture.begin(recorder)
        let collector = try AgentFixture.collector()
        collector.behave([.status(409, retryAfterSeconds: nil, body: "")])
        let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
        #expect(try await shipper.step() == .quarantined)
        try await recorder.tick()
        try await recorder.end()
        _ = try await AgentFixture.shipAll(shipper)
        let tampers = try bodies(collector).compactMap { body -> [String: Int]? in
            guard case .agent(.tamper, let counters) = body else { return nil }
            return counters
        }
        #expect(tampers.first?["quarantinedBatch"] == 0)
        #expect(tampers.first?["status"] == 409)
    }

    @Test func `session ids are short, printable and differ`() {
        let ids = (0..<100).map { Base32.encode(RandomSource.seeded($0).bytes(10)) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.count == 16 && $0.allSatisfy { $0.isASCII } })
        #expect(Base32.encode(Array("foobar".utf8)) == "mzxw6ytboi")
        #expect(Base32.encode([]) == "")
    }
}
