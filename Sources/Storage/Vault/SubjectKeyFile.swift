import Bytes
import Events

/// One student and one calendar month: what a data key covers, and what an erasure erases.
struct Subject: Hashable, Sendable {
    var student: StudentID
    /// The month in which the collector received the events; workstation clocks can be wrong.
    var month: CivilMonth
}

/// Subject key files, version 1: every data key, wrapped by the master key. Integers little-endian.
///
///     header  "DBKEYS01", zeros to 128 bytes
///     record  u32 CRC-32C of what follows it   u32 number (1 for the first)   u16 year   u8 month
///             u32 generation   16 B tag of the student and month   u8 state (1 live, 0 destroyed)
///             60 B wrapped key (zeros once destroyed)   zeros to 128 bytes
///
/// A record never straddles a 512-byte sector, so destroying one is whole or has not happened. The
/// student's name is not in the file: the tag is a keyed hash. A record is never removed.
struct SubjectKeyRecord: Sendable, Equatable {
    static let magic = Array("DBKEYS01".utf8)
    static let size = 128
    static let tagSize = 16

    var number: UInt32
    var month: CivilMonth
    /// 1 for a subject's first key; a later one replaces an earlier one that is to be destroyed.
    var generation: UInt32
    var tag: [UInt8]
    /// The key under the master key; nil once destroyed.
    var wrapped: [UInt8]?

    static var header: [UInt8] {
        magic + [UInt8](repeating: 0, count: size - magic.count)
    }

    /// Where a record begins in the file.
    static func offset(of number: UInt32) -> Int { Int(number) * size }

    /// What is authenticated with the wrapped key, so that no record can take another's place.
    var label: [UInt8] {
        var writer = ByteWriter()
        writer.append(contentsOf: Array("daybook subject key/1".utf8))
        appendFacts(to: &writer)
        return writer.bytes
    }

    var encoded: [UInt8] {
        var writer = ByteWriter(reserving: SubjectKeyRecord.size)
        writer.appendUInt32(0)
        appendFacts(to: &writer)
        writer.append(wrapped == nil ? 0 : 1)
        writer.append(
            contentsOf: wrapped
                ?? [UInt8](repeating: 0, count: DataCipher.keySize + DataCipher.overhead))
        writer.append(
            contentsOf: [UInt8](repeating: 0, count: SubjectKeyRecord.size - writer.count))
        writer.setUInt32(CRC32C.checksum(Array(writer.bytes[4...])), at: 0)
        return writer.bytes
    }

    private func appendFacts(to writer: inout ByteWriter) {
        writer.appendUInt32(number)
        writer.appendUInt16(UInt16(month.year))
        writer.append(UInt8(month.month))
        writer.appendUInt32(generation)
        writer.append(contentsOf: tag)
    }

    init(
        number: UInt32, month: CivilMonth, generation: UInt32, tag: [UInt8], wrapped: [UInt8]? = nil
    ) {
        self.number = number
        self.month = month
        self.generation = generation
        self.tag = tag
        self.wrapped = wrapped
    }

    init(decoding bytes: [UInt8]) throws(BytesError) {
        var reader = ByteReader(bytes)
        guard try reader.uint32() == CRC32C.checksum(Array(bytes.dropFirst(4))) else {
            throw .corruptFrame
        }
        number = try reader.uint32()
        let year = Int(try reader.uint16())
        guard let month = CivilMonth(year: year, month: Int(try reader.byte())) else {
            throw .corruptFrame
        }
        self.month = month
        generation = try reader.uint32()
        tag = Array(try reader.take(SubjectKeyRecord.tagSize))
        let isLive = try reader.byte() == 1
        let key = Array(try reader.take(DataCipher.keySize + DataCipher.overhead))
        wrapped = isLive ? key : nil
        let rest = try reader.take(reader.remaining)
        guard rest.allSatisfy({ $0 == 0 }), isLive || key.allSatisfy({ $0 == 0 }) else {
            throw .corruptFrame
        }
    }
}
