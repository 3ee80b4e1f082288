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
            try await RetryingLoad(of: school, seed: seed).expectNothingLost(
                sentMinimum: killCount,
                while: { try await CollectorKillTests.killRepeatedly(school, seed: seed) })
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
}
