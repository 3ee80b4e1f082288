/// Reads what ``ByteWriter`` wrote, and refuses to read past the end.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    /// The offset of the next byte.
    public private(set) var offset: Int

    /// A reader over all of some bytes.
    public init(_ bytes: [UInt8]) {
        self.init(bytes, from: 0, to: bytes.count)
    }

    /// A reader over a part of some bytes; offsets count from the start of the whole.
    public init(_ bytes: [UInt8], from start: Int, to end: Int) {
        precondition(start >= 0 && start <= end && end <= bytes.count, "range outside the bytes")
        self.bytes = bytes
        self.end = end
        offset = start
    }

    /// How many bytes are left.
    public var remaining: Int { end - offset }
    /// Whether nothing is left.
    public var isAtEnd: Bool { offset == end }

    /// Reads one byte.
    public mutating func byte() throws(BytesError) -> UInt8 {
        guard offset < end else { throw .truncated(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Reads a number of bytes.
    public mutating func take(_ count: Int) throws(BytesError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= end - offset else { throw .truncated(offset: offset) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    /// Reads a 16-bit integer, little-endian.
    public mutating func uint16() throws(BytesError) -> UInt16 {
        UInt16(truncatingIfNeeded: try littleEndian(size: 2))
    }
    /// Reads a 32-bit integer, little-endian.
    public mutating func uint32() throws(BytesError) -> UInt32 {
        UInt32(truncatingIfNeeded: try littleEndian(size: 4))
    }
    /// Reads a 64-bit integer, little-endian.
    public mutating func uint64() throws(BytesError) -> UInt64 { try littleEndian(size: 8) }

    /// Reads an unsigned LEB128 varint.
    public mutating func varint() throws(BytesError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || (shift == 63 && next <= 1) else { throw .badVarint(offset: start) }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// Reads a signed varint in zigzag form.
    public mutating func signedVarint() throws(BytesError) -> Int64 {
        let raw = try varint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// Reads a varint that must fit an `Int` and be at most a limit: a count or size that memory is made for.
    public mutating func count(atMost limit: Int) throws(BytesError) -> Int {
        let start = offset
        let value = try varint()
        guard value <= UInt64(limit) else { throw .badVarint(offset: start) }
        return Int(value)
    }

    /// Reads a varint length and that many bytes.
    public mutating func counted() throws(BytesError) -> ArraySlice<UInt8> {
        try take(try count(atMost: remaining))
    }

    /// Reads a varint length and that many bytes of UTF-8; broken sequences become U+FFFD.
    public mutating func countedText() throws(BytesError) -> String {
        String(decoding: try counted(), as: UTF8.self)
    }

    private mutating func littleEndian(size: Int) throws(BytesError) -> UInt64 {
        guard size <= end - offset else { throw .truncated(offset: offset) }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        offset += size
        return value
    }
}
