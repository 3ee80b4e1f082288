import Foundation
import TestSupport
import Testing

/// R1: the collector dies at random moments under load from clients that send again what was not acknowledged.
@Suite(.serialized) struct CollectorKillTests {
    @Test(.tags(.whole))
    func `what was acknowledged is stored once and in order, whenever the collector dies`()
        async throws
    {
        let seed = startingSeed()
        print("collector kills: \(killCount), run again with DAYBOOK_SEED=\(seed)")
        try await School.with { school in
            let signer = try await school.serving { _ in
                try await SigningDevice(enrolling: "signer", in: school)
            }
            let tokens = try await [
                school.manage("devices", "add", "one"), school.manage("devices", "add", "two"),
            ]
            let isOver = Flag()
            try await withThrowingTaskGroup(of: (user: String, sent: [String]).self) { group in
                for (index, manner) in RetryingClient.Manner.allCases.enumerated() {
                    let client = RetryingClient(
                        door: Door(port: school.port, token: tokens[index]),
                        user: "pupil-\(manner)", manner: manner, seed: seed &+ UInt64(index))
                    group.addTask {
                        let count = try await client.run(until: isOver)
                        return (client.user, (0..<count).map { "w-\($0)" })
                    }
                }
                group.addTask {
                    let sent = try await CollectorKillTests.sign(
                        with: signer, to: school.door, until: isOver)
                    return ("pupil-1", sent)
                }
                try await CollectorKillTests.killRepeatedly(school, seed: seed)
                isOver.raise()
                try await school.serving { _ in
                    for try await (user, sent) in group {
                        let stored = try await school.titles(of: user)
                        #expect(
                            difference(stored: stored, sent: sent) == nil,
                            "\(user), DAYBOOK_SEED=\(seed)")
                        #expect(sent.count > killCount, "there was hardly any load")
                    }
                    let verdict = try await school.manage("verify-store")
                    #expect(verdict.contains("\"ok\":true"), "\(verdict)")
                }
            }
        }
    }

    private static func killRepeatedly(_ school: School, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<killCount {
            // One in four dies while it still starts and recovers.
            let isYoung = random.chance(oneIn: 4)
            let moment = Duration.milliseconds(random.int(in: 0...(isYoung ? 150 : 500)))
            try await Tool(product: "daybook-collector").with([
                "serve", "--data", school.data, "--listen", "127.0.0.1:\(school.port)",
            ]) { collector in
                if !isYoung { try await school.ready(collector) }
                try await Task.sleep(for: moment)
                collector.signal(.kill)
            }
        }
    }

    static func sign(
        with signer: SigningDevice, to door: Door, until isOver: Flag
    ) async throws -> [String] {
        var signer = signer
        var sent: [String] = []
        while !isOver.isRaised {
            let batch = try signer.next("b\(sent.count)", events: 7)
            try await door.postUntilTaken(
                "/v1/batches", batch.body, type: "application/vnd.daybook.batch")
            sent += batch.titles
        }
        return sent
    }
}
