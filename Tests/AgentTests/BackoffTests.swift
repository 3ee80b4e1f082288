import TestSupport
import Testing

@testable import Agent

@Suite struct BackoffTests {
    @Test func `waits double up to the bound, and their random part is at most half`() throws {
        var backoff = Backoff(baseMilliseconds: 500, maximumMilliseconds: 60_000)
        let longest = RandomSource { [UInt8](repeating: 0, count: $0) }
        let waits = (0..<9).map { _ in backoff.failed(random: longest) }
        #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        try forAll({ $0.next() }) { seed in
            var backoff = Backoff(baseMilliseconds: 500, maximumMilliseconds: 60_000)
            let random = RandomSource.seeded(seed)
            for expected in waits {
                let wait = backoff.failed(random: random)
                #expect((expected / 2...expected).contains(wait))
            }
        }
    }

    @Test func `success starts again from the base`() {
        var backoff = Backoff(baseMilliseconds: 10, maximumMilliseconds: 1_000)
        for _ in 0..<5 { _ = backoff.failed(random: .seeded(1)) }
        backoff.succeeded()
        let wait = backoff.failed(random: .seeded(1))
        #expect(wait <= 10)
    }

    @Test func `Retry-After is the least wait, and a mad one is not obeyed`() {
        var backoff = Backoff(baseMilliseconds: 500, maximumMilliseconds: 60_000)
        let wait = backoff.failed(retryAfterSeconds: 7, random: .seeded(1))
        #expect((7_000...7_500).contains(wait))
        let mad = backoff.failed(retryAfterSeconds: 9_999_999, random: .seeded(1))
        #expect(mad <= AgentLimits.retryAfterMaximumSeconds * 1_000 + 60_000)
        let odd = backoff.failed(retryAfterSeconds: -3, random: .seeded(1))
        #expect(odd <= 2_000)
    }

    @Test func `a thousand failures do not overflow`() {
        var backoff = Backoff(baseMilliseconds: 60_000, maximumMilliseconds: 3_600_000)
        for _ in 0..<1_000 {
            let wait = backoff.failed(random: .seeded(2))
            #expect(wait <= 3_600_000)
        }
    }
}
