import Proofs
import TestSupport
import Testing

@testable import Agent

@Suite struct ChainStateTests {
    func full() -> ChainState {
        var chain = ChainState(device: "device/7f3a9c21")
        chain.nextBatch = 41
        chain.previous = Hash.sha256([1])
        chain.nextSequence = 9_000
        chain.gap = ChainState.Gap(first: 8_000, count: 12)
        chain.remember(ReplayMark(key: Hash.sha256([2]).hex, offset: 100, taken: 3))
        return chain
    }

    @Test func `a chain comes back as it was written`() throws {
        #expect(try ChainState(parsing: full().bytes) == full())
        let empty = ChainState(device: "device/1")
        #expect(try ChainState(parsing: empty.bytes) == empty)
    }

    @Test func `every changed byte and every cut is noticed`() {
        let bytes = full().bytes
        for index in bytes.indices {
            for change in [UInt8(1), 0x20, 0xFF] {
                var changed = bytes
                changed[index] ^= change
                #expect(throws: AgentError.self) { try ChainState(parsing: changed) }
            }
            #expect(throws: AgentError.self) { try ChainState(parsing: Array(bytes[..<index])) }
        }
    }

    @Test func `only the last files replayed are remembered`() throws {
        var chain = ChainState(device: "device/1")
        for number in 0..<100 {
            chain.remember(
                ReplayMark(key: Hash.sha256([UInt8(number)]).hex, offset: number, taken: 0))
        }
        #expect(chain.marks.count == AgentLimits.replayPositionsMaximum)
        #expect(chain.mark(of: Hash.sha256([99]).hex)?.offset == 99)
        #expect(chain.mark(of: Hash.sha256([0]).hex) == nil)
        #expect(try ChainState(parsing: chain.bytes) == chain)
    }
}
