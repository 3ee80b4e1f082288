import TestSupport
import Testing

@testable import Agent

@Suite struct TerminalEchoTests {
    /// Rounds of one window: its look, the time, and the keys of the round.
    private func run(_ rounds: [(look: TerminalLook?, at: Int64, keys: [String])]) -> [[Bool]] {
        var echo = TerminalEcho()
        return rounds.map { round in
            echo.settle(
                round.keys.map { ($0, 1) }, looks: round.look.map { [1: $0] } ?? [:], at: round.at)
        }
    }

    @Test func `keys are told when the looks before and after them say echo`() {
        let verdicts = run([
            (.echoing, 0, []), (.echoing, 100, []), (.echoing, 200, ["a", "b"]),
            (.echoing, 300, ["Enter"]),
        ])
        #expect(verdicts.suffix(2) == [[false, false], [false]])
    }

    @Test(arguments: [
        [TerminalLook.silent, .echoing, .echoing], [.echoing, .silent, .echoing],
        [.echoing, .echoing, .silent], [.unseen, .echoing, .echoing],
        [.echoing, .unseen, .echoing], [.echoing, .echoing, .unseen],
        [.silent, .notATerminal, .notATerminal], [.echoing, .silent, .notATerminal],
    ])
    func `one look without echo is enough to withhold`(looks: [TerminalLook]) {
        let verdicts = run([(looks[0], 0, []), (looks[1], 10, []), (looks[2], 20, ["a"])])
        #expect(verdicts.last == [true])
    }

    @Test func `a terminal that was not looked at before the key is not trusted`() {
        #expect(run([(.echoing, 0, ["a"])]) == [[true]])
        #expect(run([(.echoing, 0, []), (.echoing, 1, ["a"])]).last == [true])
        #expect(
            run([(nil, 0, []), (.echoing, 1, []), (.echoing, 2, ["a"])]).last == [true])
        #expect(run([(.echoing, 0, []), (.echoing, 1, []), (nil, 2, ["a"])]).last == [true])
    }

    @Test func `looks that lie too far apart prove nothing`() {
        let limit = AgentLimits.echoLooksMilliseconds
        func verdict(_ times: [Int64]) -> [Bool]? {
            run([
                (.echoing, times[0], []), (.echoing, times[1], []),
                (.echoing, times[2], ["a", "Enter"]),
            ]).last
        }
        #expect(verdict([0, 10, limit]) == [false, false])
        #expect(verdict([0, 10, limit + 1]) == [true, true])
        #expect(verdict([0, limit, limit + 1]) == [true, true])
    }

    @Test func `the Enter that starts a prompt is told, the one that ends it is counted`() {
        let verdicts = run([
            (.echoing, 0, []), (.echoing, 10, []), (.silent, 20, ["Enter"]),
            (.silent, 30, ["p"]), (.echoing, 40, ["w", "Enter"]), (.echoing, 50, ["l"]),
            (.echoing, 60, []), (.echoing, 70, ["s"]),
        ])
        #expect(verdicts[2] == [false])
        #expect(verdicts[3...5].joined().allSatisfy { $0 })
        #expect(verdicts[7] == [false])
        // The look of the round before fell after the Enter, and its prompt was up.
        let late = run([(.echoing, 0, []), (.silent, 10, []), (.silent, 20, ["Enter", "p"])])
        #expect(late.last == [false, true])
        let own = run([(.echoing, 0, []), (.silent, 10, []), (.echoing, 20, ["p", "Enter"])])
        #expect(own.last == [true, true])
    }

    @Test func `a window without a terminal needs no looks, and one that gets a terminal may`() {
        #expect(run([(.notATerminal, 0, ["a"])]) == [[false]])
        let verdicts = run([
            (.notATerminal, 0, []), (.notATerminal, 5_000, ["a"]), (.echoing, 5_100, ["b"]),
            (.echoing, 5_200, ["c"]), (.silent, 5_300, ["d"]),
        ])
        #expect(verdicts == [[], [false], [true], [false], [true]])
    }

    /// The model: a terminal that is silent for a while, and looks at it that come as they may.
    @Test func `no key of a prompt is told however late the looks come`() throws {
        try forAll(
            runs: 2_000,
            { random in (0..<60).map { _ in random.int(in: 0...400) } }
        ) { numbers in
            var echo = TerminalEcho()
            var numbers = numbers[...]
            func next() -> Int64 { Int64(numbers.popFirst() ?? 100) }
            // Longer than the looks may lie apart, as every prompt that a person answers.
            let start = 2_000 + next() * 5
            let prompt = start..<(start + AgentLimits.echoLooksMilliseconds + 1 + next())
            var keys = (0..<12).map { _ in start - 400 + next() * 8 }.sorted()[...]
            var now: Int64 = 0
            while !numbers.isEmpty {
                // Everything that was pressed by now is read, and only then is the terminal looked at.
                let read = keys.prefix { $0 <= now }
                keys = keys.dropFirst(read.count)
                let lookedAt = now + next() / 8
                let look = prompt.contains(lookedAt) ? TerminalLook.silent : .echoing
                let verdicts = echo.settle(
                    read.map { _ in ("a", 1) }, looks: [1: look], at: lookedAt)
                for (key, isSecret) in zip(read, verdicts) where prompt.contains(key) {
                    #expect(isSecret, "pressed at \(key), prompt \(prompt), looked at \(lookedAt)")
                }
                now = lookedAt + next() * 4
            }
        }
    }
}
