/// Builds a byte string in one growing buffer.
///
/// Fixed-width integers are little-endian unless a method says otherwise; varints are LEB128,
/// at most ten bytes.
public struct ByteWriter: Sendable {
    /// What was written so far.
    @inlinable public var bytes: [UInt8] { storage }
    @usableFromInline var storage: [UInt8]

    /// An empty writer with room for a number of bytes.
    public init(reserving capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    /// The number of bytes written.
    @inlinable public var count: Int { storage.count }

    /// Forgets what was written and keeps the room.
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Appends one byte.
    @inlinable public mutating func append(_ byte: UInt8) { storage.append(byte) }

    /// Appends bytes as they are.
    @inlinable public mutating func append(contentsOf more: some Sequence<UInt8>) {
        storage.append(contentsOf: more)
    }

    /// Appends a 16-bit integer, little-endian.
    public mutating func appendUInt16(_ value: UInt16) {
        appendLittleEndian(UInt64(value), size: 2)
    }
    /// Appends a 32-bit integer, little-endian.
    public mutating func appendUInt32(_ value: UInt32) {
        appendLittleEndian(UInt64(value), size: 4)
    }
    /// Appends a 64-bit integer, little-endian.
    public mutating func appendUInt64(_ value: UInt64) { appendLittleEndian(value, size: 8) }

    /// Appends an unsigned LEB128 varint.
    @inlinable public mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        storage.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed varint in zigzag form, small for small magnitudes.
    @inlinable public mutating func appendSignedVarint(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends a varint length and then the bytes.
    @inlinable public mutating func appendCounted(_ more: some Collection<UInt8>) {
        appendVarint(UInt64(more.count))
        storage.append(contentsOf: more)
    }

    /// Appends a varint length and then the text's UTF-8.
    public mutating func appendCounted(_ text: String) { appendCounted(text.utf8) }

    /// Overwrites four bytes at an offset, little-endian: for lengths known only afterwards.
    public mutating func setUInt32(_ value: UInt32, at offset: Int) {
        for index in 0..<4 {
            storage[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
        }
    }

    private mutating func appendLittleEndian(_ value: UInt64, size: Int) {
        for index in 0..<size {
            storage.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }
}
