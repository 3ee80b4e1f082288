import Events
import TestSupport
import Testing
import Wire

@testable import Agent

@Suite struct BatchCutterTests {
    @Test func `a batch is full after its number of events`() throws {
        var cutter = BatchCutter(eventsMaximum: 3, seconds: 30)
        let session = try AgentFixture.session()
        let answers = (0..<3).map { sequence in
            cutter.add(
                AgentFixture.numbered(sequence, session: session), monotonicMilliseconds: 0)
        }
        #expect(answers == [false, false, true])
        #expect(cutter.cut().map(\.upload.sequence) == [0, 1, 2])
        #expect(cutter.open.isEmpty)
    }

    @Test func `a batch is due after its seconds, counted from its first event`() throws {
        var cutter = BatchCutter(eventsMaximum: 100, seconds: 30)
        #expect(!cutter.isDue(monotonicMilliseconds: 99_000))
        let session = try AgentFixture.session()
        _ = cutter.add(AgentFixture.numbered(0, session: session), monotonicMilliseconds: 10_000)
        _ = cutter.add(AgentFixture.numbered(1, session: session), monotonicMilliseconds: 30_000)
        #expect(!cutter.isDue(monotonicMilliseconds: 39_999))
        #expect(cutter.isDue(monotonicMilliseconds: 40_000))
    }

    @Test func `a batch holds one session only`() throws {
        var cutter = BatchCutter()
        _ = cutter.add(
            AgentFixture.numbered(0, session: try AgentFixture.session("s1")),
            monotonicMilliseconds: 0)
        let other = AgentFixture.numbered(1, session: try AgentFixture.session("s2"))
        #expect(cutter.mustCut(before: other))
        _ = cutter.cut()
        #expect(!cutter.mustCut(before: other))
    }

    @Test func `a hole in the numbers ends a batch`() throws {
        var cutter = BatchCutter()
        let session = try AgentFixture.session()
        _ = cutter.add(AgentFixture.numbered(4, session: session), monotonicMilliseconds: 0)
        #expect(!cutter.mustCut(before: AgentFixture.numbered(5, session: session)))
        #expect(cutter.mustCut(before: AgentFixture.numbered(6, session: session)))
    }

    @Test func `long contents end a batch before it outgrows a body`() throws {
        var cutter = BatchCutter(eventsMaximum: 1_024, seconds: 30)
        let session = try AgentFixture.session()
        let text = String(repeating: "x", count: 15_000)
        var sequence: UInt64 = 0
        while true {
            let event = AgentFixture.numbered(sequence, session: session, text: text)
            if cutter.mustCut(before: event) { break }
            let isFull = cutter.add(event, monotonicMilliseconds: 0)
            #expect(!isFull)
            sequence += 1
        }
        let size = cutter.cut().map(\.upload.content.count).reduce(0, +)
        #expect(size <= AgentLimits.batchContentSizeMaximum)
        #expect(size > AgentLimits.batchContentSizeMaximum - 20_000)
    }

    @Test func `the cut in events never exceeds what a batch may hold`() {
        #expect(BatchCutter(eventsMaximum: 5_000, seconds: 1).eventsMaximum == 1_024)
        #expect(BatchCutter(eventsMaximum: 0, seconds: 1).eventsMaximum == 1)
    }
}
