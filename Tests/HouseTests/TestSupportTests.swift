import Events
import Foundation
import TestSupport
import Testing

/// The tools of the tests are held to what they say: a test with a blunt tool proves nothing.
@Suite struct TestSupportTests {
    @Test(.tags(.example)) func `the same seed gives the same numbers, and the known first one`() {
        var first = SeededRandom(seed: 7)
        var second = SeededRandom(seed: 7)
        #expect((0..<100).map { _ in first.next() } == (0..<100).map { _ in second.next() })
        var known = SeededRandom(seed: 0)
        #expect(known.next() == 0xE220_A839_7B1D_CDAF)
    }

    @Test(.tags(.example)) func `a law that fails prints the seed of the run that broke it`() throws
    {
        let comments = Recorded<String>()
        try withKnownIssue {
            try forAll(runs: 200, { random in random.int(in: 0...9) }) { value in
                #expect(value != 4)
            }
        } matching: { issue in
            issue.comments.forEach { comments.note($0.rawValue) }
            return true
        }
        let report = comments.values.joined(separator: "\n")
        let seedText = try #require(report.firstMatch(of: /DAYBOOK_SEED=([0-9]+)/)).1
        var random = SeededRandom(seed: try #require(UInt64(seedText)))
        #expect(random.int(in: 0...9) == 4)
        #expect(report.contains("for 4"))
    }

    @Test(.tags(.example)) func `a law that throws prints its seed too, and the error gets out`()
        throws
    {
        struct Broken: Error {}
        let comments = Recorded<String>()
        try withKnownIssue {
            try forAll({ random in random.next() }) { _ in throw Broken() }
        } matching: { issue in
            issue.comments.forEach { comments.note($0.rawValue) }
            return true
        }
        #expect(comments.values.contains { $0.contains("DAYBOOK_SEED=") })
    }

    @Test(.tags(.example)) func `a folder is gone after its closure, whatever is in it`() throws {
        let folder = try TemporaryDirectory.with { folder in
            try Data([1]).write(to: folder.appending(path: "file"))
            #expect(FileManager.default.fileExists(atPath: folder.pathText))
            return folder
        }
        #expect(!FileManager.default.fileExists(atPath: folder.pathText))
    }

    @Test(.tags(.example)) func `waiting ends with the value, or with an error at the deadline`()
        async throws
    {
        var count = 0
        let value = try await eventually("three looks") { () -> Int? in
            count += 1
            return count == 3 ? count : nil
        }
        #expect(value == 3)
        await #expect(throws: NeverHappened.self) {
            try await eventually("never", within: .milliseconds(5)) { false }
        }
    }

    @Test(.tags(.example)) func `the fake clock wakes sleepers only when it is moved`() async throws
    {
        let clock = FakeClock()
        #expect(clock.wall.rfc3339 == "2026-11-24T09:00:00.000Z")
        let order = Recorded<Int>()
        try await withThrowingTaskGroup { group in
            for seconds in [30, 10] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    order.note(seconds)
                }
            }
            try await eventually("both sleep") { clock.sleeperCount == 2 }
            clock.advance(by: .seconds(10))
            try await eventually("one woke") { order.values == [10] }
            #expect(clock.sleeperCount == 1)
            clock.advance(by: .seconds(20))
            try await group.waitForAll()
        }
        clock.jumpWall(byMilliseconds: -60_000)
        #expect(order.values == [10, 30])
        #expect(clock.wall.rfc3339 == "2026-11-24T08:59:30.000Z")
    }

    @Test(.tags(.example)) func `a cancelled sleeper of the fake clock throws`() async throws {
        let clock = FakeClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        try await eventually("it sleeps") { clock.sleeperCount == 1 }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test(.tags(.example))
    func `a tool gets input, arguments and variables, and its outputs come back`() async throws {
        let shell = try Tool(named: "sh")
        let result = try await shell.run(
            ["-c", "cat; printf %s \"$GREETING $1\"; echo bad >&2; exit 3", "sh", "two words"],
            input: Array("in ".utf8), environment: ["GREETING": "hello"])
        #expect(result.ending == .exited(3))
        #expect(result.output == "in hello two words")
        #expect(result.errors == "bad\n")
    }

    @Test(.tags(.example)) func `a tool starts in the folder it is given`() async throws {
        let result = try await Tool(named: "pwd").run(workingDirectory: URL(filePath: "/usr/bin"))
        #expect(result.output == "/usr/bin\n")
    }

    @Test(.tags(.example)) func `a tool that does not end is killed at the deadline`() async throws
    {
        await #expect(throws: ToolError.self) {
            try await Tool(named: "sleep").run(["100"], deadline: .milliseconds(50))
        }
        let killed = try await Tool(named: "sleep").with(["100"]) { sleeper in
            sleeper.signal(.kill)
            return try await sleeper.ending()
        }
        #expect(killed.ending == .signalled(9))
    }

    @Test(.tags(.example)) func `a program that is not there is an error that names it`() {
        #expect(throws: ToolError.self) { try Tool(named: "no-such-program-anywhere") }
        #expect(throws: ToolError.self) { try Tool(product: "daybook-nothing") }
    }
}
