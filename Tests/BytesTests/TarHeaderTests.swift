import Bytes
import Foundation
import TestSupport
import Testing

@Suite struct TarHeaderTests {
    @Test(.tags(.example)) func `a header is read as it was written`() throws {
        let long = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 95)
        for (name, size) in [("a", 0), ("log/tile/0/x001/067.p/3", 8_192), (long, 7_777_777_777)] {
            let header = try #require(TarHeader(name: name, size: size, unixSeconds: 1_795_512_345))
            #expect(header.block.count == TarHeader.blockSize)
            #expect(TarHeader(parsing: header.block) == header)
        }
        #expect(TarHeader(name: "", size: 0, unixSeconds: 0) == nil)
        #expect(TarHeader(name: "a", size: 1 << 33, unixSeconds: 0) == nil)
        #expect(TarHeader(name: "a", size: -1, unixSeconds: 0) == nil)
        #expect(
            TarHeader(name: String(repeating: "f", count: 101), size: 0, unixSeconds: 0) == nil)
    }

    @Test(.tags(.property)) func `one flipped bit in a header is noticed, or reads the same`()
        throws
    {
        let header = try #require(
            TarHeader(name: "segments/00000001.segment", size: 123, unixSeconds: 5))
        for index in header.block.indices {
            for bit in 0..<8 {
                var block = header.block
                block[index] ^= 1 << bit
                let read = TarHeader(parsing: block)
                #expect(read == nil || read == header, "byte \(index)")
            }
        }
    }

    @Test(.tags(.whole)) func `tar reads it`() async throws {
        try await TemporaryDirectory.with { folder in
            let content = Array("some text".utf8)
            let header = try #require(
                TarHeader(name: "folder/file", size: content.count, unixSeconds: 1_795_512_345))
            let padding = [UInt8](repeating: 0, count: TarHeader.padding(content.count))
            let path = folder.appending(path: "a.tar")
            try Data(header.block + content + padding + TarHeader.end).write(to: path)
            let result = try await Tool(named: "tar").run(["-xOf", path.pathText, "folder/file"])
            #expect(result.output == "some text", "\(result.transcript)")
        }
    }
}
