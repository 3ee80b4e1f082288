import Bytes
import TestSupport
import Testing

@Suite struct ByteCodingTests {
    @Test func `varints come back, signed and unsigned`() throws {
        try forAll(
            runs: 200,
            { random in
                UInt64.random(in: 0...UInt64.max, using: &random)
                    >> UInt64.random(in: 0..<64, using: &random)
            }
        ) { value in
            var writer = ByteWriter()
            writer.appendVarint(value)
            writer.appendSignedVarint(Int64(bitPattern: value))
            var reader = ByteReader(writer.bytes)
            let unsigned = try reader.varint()
            let signed = try reader.signedVarint()
            #expect(unsigned == value && signed == Int64(bitPattern: value))
            #expect(reader.isAtEnd)
        }
    }

    @Test(arguments: [[0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], []])
    func `a varint that does not end or does not fit is refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: BytesError.self) { try reader.varint() }
    }

    @Test func `nothing is read past the end`() {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: BytesError.truncated(offset: 0)) { try reader.uint32() }
        #expect(throws: BytesError.truncated(offset: 0)) { try reader.take(4) }
        var counted = ByteReader([200, 1, 2])
        #expect(throws: BytesError.self) { try counted.counted() }
    }

    @Test func `CRC-32C has the values of RFC 3720`() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        let whole = CRC32C.checksum(Array("123456789".utf8))
        let first = CRC32C.checksum(Array("1234".utf8))
        #expect(CRC32C.checksum(Array("56789".utf8), continuing: first) == whole)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 has the values of RFC 4648`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z-==", "====", "Zm8=\n"])
    func `base64 that is not exact is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `hex comes back and bad digits are refused`() {
        #expect(Hex.encode([0, 15, 255]) == "000fff")
        #expect(Hex.decode("000FfF") == [0, 15, 255])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
    }

    /// "hello hello hello" as `gzip -n -9` writes it.
    private static let member: [UInt8] =
        Hex.decode("1f8b0800000000000203cb48cdc9c957c84090008088f9e511000000") ?? []

    @Test func `a gzip body expands, also in two members`() throws {
        let text = Array("hello hello hello".utf8)
        #expect(try Gzip.decompress(Self.member, sizeMaximum: 17) == text)
        #expect(try Gzip.decompress(Self.member + Self.member, sizeMaximum: 100) == text + text)
    }

    @Test func `gzip bombs, cuts and rubbish are refused (S20)`() {
        #expect(throws: BytesError.expandsBeyond(limit: 16)) {
            try Gzip.decompress(Self.member, sizeMaximum: 16)
        }
        #expect(throws: BytesError.self) { try Gzip.decompress([], sizeMaximum: 10) }
        #expect(throws: BytesError.self) { try Gzip.decompress([1, 2, 3], sizeMaximum: 10) }
        for size in 1..<Self.member.count {
            #expect(throws: BytesError.self) {
                try Gzip.decompress(Array(Self.member.prefix(size)), sizeMaximum: 100)
            }
        }
    }
}
