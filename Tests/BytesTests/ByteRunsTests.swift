import Bytes
import TestSupport
import Testing

@Suite struct ByteRunsTests {
    /// Bytes of which many are special inside JSON strings.
    private static func text(_ random: inout SeededRandom) -> [UInt8] {
        let special: [UInt8] = [0x00, 0x1F, 0x20, 0x21, 0x22, 0x5C, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
        return (0..<random.int(in: 0...40)).map { _ in
            let isSpecial = random.int(in: 0...9) == 0
            return isSpecial
                ? special[random.int(in: 0...special.count - 1)]
                : UInt8(random.int(in: 0x61...0x7A))
        }
    }

    @Test(.tags(.property)) func `searches find what a byte-by-byte search finds`() throws {
        try forAll(runs: 3_000) { random in
            let bytes = ByteRunsTests.text(&random)
            let start = random.int(in: 0...bytes.count)
            return (
                bytes: bytes, range: start..<random.int(in: start...bytes.count),
                wanted: UInt8(random.int(in: 0x61...0x7A))
            )
        } check: { bytes, range, wanted in
            #expect(
                ByteRuns.firstIndex(of: wanted, in: bytes, range)
                    == bytes[range].firstIndex(of: wanted) ?? range.upperBound)
            let special = bytes[range].firstIndex {
                $0 < 0x20 || $0 > 0x7F || $0 == 0x22 || $0 == 0x5C
            }
            #expect(ByteRuns.firstNotPlain(in: bytes, range) == special ?? range.upperBound)
        }
    }

    @Test func `every byte is plain or not, wherever it stands in a word`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = [UInt8](repeating: 0x61, count: 17)
                bytes[place] = byte
                let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
                #expect(ByteRuns.firstNotPlain(in: bytes, 0..<17) == (isPlain ? 17 : place))
            }
        }
    }

    @Test(.tags(.property)) func `runs are the same when every byte is`() throws {
        try forAll(runs: 2_000) { random in
            let run = random.bytes(count: random.int(in: 0...30))
            var other = run
            if !run.isEmpty, random.int(in: 0...2) > 0 {
                other[random.int(in: 0...run.count - 1)] ^= 1 << UInt8(random.int(in: 0...7))
            }
            return (
                before: random.bytes(count: random.int(in: 0...9)), run: run,
                after: random.bytes(count: random.int(in: 0...9)), other: other
            )
        } check: { before, run, after, other in
            let bytes = before + other + after
            #expect(
                ByteRuns.isSame(run, 0, bytes, before.count, count: run.count) == (run == other))
            let range = before.count..<before.count + run.count
            #expect(ByteRuns.isSame(run, bytes, range) == (run == other))
            #expect(!ByteRuns.isSame(run + [0], bytes, range))
            var copied: [UInt8] = [7]
            ByteRuns.append(bytes, range, to: &copied)
            #expect(copied == [7] + other)
            ByteRuns.appendOwn(1..<copied.count, of: &copied)
            #expect(copied == [7] + other + other)
        }
    }

    @Test func `a run outside its array stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = ByteRuns.isSame([1, 2], 1, [1, 2, 3], 0, count: 2)
        }
        await #expect(processExitsWith: .failure) {
            _ = ByteRuns.firstIndex(of: 1, in: [1, 2], 0..<3)
        }
    }
}
