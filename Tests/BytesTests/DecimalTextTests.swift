import Bytes
import TestSupport
import Testing

@Suite struct DecimalTextTests {
    @Test(.tags(.property)) func `numbers are written as Swift writes them`() throws {
        try forAll(runs: 5_000) { random in
            random.next() >> UInt64(random.int(in: 0...63))
        } check: { number in
            expectSame(number)
        }
    }

    @Test func `all lengths, their edges and signs come out`() {
        var power: UInt64 = 1
        for _ in 0..<20 {
            for number in [power - 1, power, power + 1] { expectSame(number) }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        expectSame(.max)
        for number in [Int64.min, -1, 0, 1, Int64.max] {
            var out: [UInt8] = []
            DecimalText.append(number, to: &out)
            #expect(String(decoding: out, as: UTF8.self) == "\(number)")
        }
    }

    private func expectSame(_ number: UInt64) {
        var out = Array("n=".utf8)
        DecimalText.append(number, to: &out)
        #expect(String(decoding: out, as: UTF8.self) == "n=\(number)")
    }
}
