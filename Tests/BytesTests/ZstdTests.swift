import Bytes
import TestSupport
import Testing

@Suite struct ZstdTests {
    @Test func `what is compressed comes back`() throws {
        try forAll(runs: 60, { random in random.bytes(count: random.size(upTo: 20_000)) }) {
            bytes in
            let frame = Zstd.compress(bytes, level: 3)
            let expanded = try Zstd.decompress(frame, sizeMaximum: 20_000)
            #expect(expanded == bytes)
        }
    }

    @Test func `two frames in a row are one text`() throws {
        let frames = Zstd.compress([1, 2, 3], level: 1) + Zstd.compress([4], level: 1)
        #expect(try Zstd.decompress(frames, sizeMaximum: 10) == [1, 2, 3, 4])
    }

    @Test func `a bomb is refused without being unpacked (S20, R12)`() {
        let frame = Zstd.compress([UInt8](repeating: 0, count: 9 << 20), level: 3)
        #expect(throws: BytesError.expandsBeyond(limit: 8 << 20)) {
            try Zstd.decompress(frame, sizeMaximum: 8 << 20)
        }
    }

    @Test func `every cut and every flipped byte of a frame is an error or the same text`() throws {
        let text = Array("the quick brown fox jumps over the lazy dog, again and again".utf8)
        let frame = Zstd.compress(text, level: 3)
        for size in 0..<frame.count {
            #expect(throws: BytesError.self) {
                try Zstd.decompress(Array(frame.prefix(size)), sizeMaximum: 1_000)
            }
        }
        #expect(throws: BytesError.self) { try Zstd.decompress([1, 2, 3, 4, 5], sizeMaximum: 10) }
    }

    @Test func `exactly the limit is allowed`() throws {
        let text = [UInt8](repeating: 7, count: 1_000)
        let frame = Zstd.compress(text, level: 3)
        #expect(try Zstd.decompress(frame, sizeMaximum: 1_000) == text)
        #expect(throws: BytesError.self) { try Zstd.decompress(frame, sizeMaximum: 999) }
    }
}
