import Foundation
import TestSupport
import Testing

/// R1, the other end: the agent dies at random moments while it reads, cuts, spools and ships.
@Suite(.serialized) struct AgentKillTests {
    @Test(.tags(.whole)) func `every line arrives once and in order, whenever the agent dies`()
        async throws
    {
        let seed = startingSeed()
        print("agent kills: \(killCount), run again with DAYBOOK_SEED=\(seed)")
        try await School.with { school in
            let workstation = try await Workstation(named: "LIB-PC-07", in: school)
            let file = workstation.folder.appending(path: "events.ndjson")
            try Data().write(to: file)
            var random = SeededRandom(seed: seed)
            var written = 0
            try await school.serving { _ in
                // A machine quicker than the last life's work lets the agent end by itself: such a life
                // is no kill, and the next one is given twice as much.
                var kills = 0
                var work = 800
                while kills < killCount {
                    try append(written..<written + work, to: file)
                    written += work
                    let moment = Duration.milliseconds(random.int(in: 0...400))
                    try await Tool(product: "daybook-agent").with(
                        workstation.replaying(file.pathText)
                    ) { agent in
                        try await Task.sleep(for: moment)
                        if agent.isRunning {
                            agent.signal(.kill)
                            kills += 1
                        } else {
                            let ending = try await agent.ending(within: .seconds(10))
                            #expect(ending.status == 0, "\(ending.transcript)")
                            work *= 2
                        }
                    }
                }
                try await workstation.replay(file.pathText)
                let titles = try await school.titles(of: "pupil-1").filter { $0.hasPrefix("w-") }
                #expect(
                    difference(stored: titles, sent: (0..<written).map { "w-\($0)" }) == nil,
                    "DAYBOOK_SEED=\(seed)")
            }
        }
    }

    @Test(.tags(.whole)) func `the agent waits out the collector's deaths and loses nothing`()
        async throws
    {
        let seed = startingSeed()
        print("collector kills under an agent, run again with DAYBOOK_SEED=\(seed)")
        try await School.with { school in
            let workstation = try await Workstation(named: "LIB-PC-07", in: school)
            let file = workstation.folder.appending(path: "events.ndjson")
            try Data().write(to: file)
            try append(0..<4_000, to: file)
            var random = SeededRandom(seed: seed)
            let moments = (0..<4).map { _ in Duration.milliseconds(random.int(in: 50...400)) }
            try await Tool(product: "daybook-agent").with(workstation.replaying(file.pathText)) {
                agent in
                for moment in moments {
                    try await school.serving { collector in
                        try await Task.sleep(for: moment)
                        collector.signal(.kill)
                    }
                }
                try await school.serving { _ in
                    let ending = try await agent.ending(within: .seconds(120))
                    #expect(ending.status == 0, "\(ending.transcript)")
                    let titles = try await school.titles(of: "pupil-1")
                        .filter { $0.hasPrefix("w-") }
                    #expect(
                        difference(stored: titles, sent: (0..<4_000).map { "w-\($0)" }) == nil,
                        "DAYBOOK_SEED=\(seed)")
                }
            }
        }
    }
}

private func append(_ numbers: Range<Int>, to file: URL) throws {
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(Sample.body(numbers)))
    try handle.close()
}
