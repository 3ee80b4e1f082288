import Bytes
import Durable
import Events
import Proofs

/// Segment files, version 1: one sealed journal file, its batches in blocks by student.
///
///     "DBSEGM01"
///     blocks        u32 CRC-32C of the frame, zstd frame (``SegmentBlock``)
///     leaf records  u32 CRC-32C of the frame, zstd frame of journal bodies of kind 3, each counted
///     footer        zstd frame: first leaf, leaf count, directory of blocks, place of the leaf records
///     u32 size of footer   u32 CRC-32C of footer   "DBSEGEND"
///
/// Written to a temporary file, synced and renamed, so a segment is whole or absent. It is never
/// changed after that, so readers need no lock.
enum SegmentFile {
    static let magic = Array("DBSEGM01".utf8)
    static let endMagic = Array("DBSEGEND".utf8)
    static let trailerSize = 16

    /// One block's line in the directory.
    struct BlockEntry: Sendable {
        var student: StudentID
        var offset: Int
        var size: Int
        var events: Int
        var firstTime: Instant
        var lastTime: Instant
        var leaves: [UInt64]
    }

    struct Directory: Sendable {
        var firstLeaf: UInt64
        var leafCount: UInt64
        var blocks: [BlockEntry]
        var records: (offset: Int, size: Int)
    }

    static func write(_ directory: inout Directory, blocks: [[UInt8]], records: [StoredLeafRecord])
        -> [UInt8]
    {
        var writer = ByteWriter(reserving: blocks.reduce(4_096) { $0 + $1.count + 64 })
        writer.append(contentsOf: magic)
        for (index, frame) in blocks.enumerated() {
            directory.blocks[index].offset = writer.count
            directory.blocks[index].size = frame.count
            writer.appendUInt32(CRC32C.checksum(frame))
            writer.append(contentsOf: frame)
        }
        var recordBytes = ByteWriter()
        for record in records { recordBytes.appendCounted(JournalRecord.leaf(record).encoded()) }
        let frame = Zstd.compress(recordBytes.bytes, level: StorageLimits.segmentLevel)
        directory.records = (writer.count, frame.count)
        writer.appendUInt32(CRC32C.checksum(frame))
        writer.append(contentsOf: frame)
        let footer = Zstd.compress(encode(directory), level: StorageLimits.segmentLevel)
        writer.append(contentsOf: footer)
        writer.appendUInt32(UInt32(footer.count))
        writer.appendUInt32(CRC32C.checksum(footer))
        writer.append(contentsOf: endMagic)
        return writer.bytes
    }

    private static func encode(_ directory: Directory) -> [UInt8] {
        var writer = ByteWriter()
        writer.appendVarint(directory.firstLeaf)
        writer.appendVarint(directory.leafCount)
        writer.appendVarint(UInt64(directory.records.offset))
        writer.appendVarint(UInt64(directory.records.size))
        writer.appendVarint(UInt64(directory.blocks.count))
        for block in directory.blocks {
            writer.appendCounted(block.student.rawValue)
            writer.appendVarint(UInt64(block.offset))
            writer.appendVarint(UInt64(block.size))
            writer.appendVarint(UInt64(block.events))
            writer.appendSignedVarint(block.firstTime.milliseconds)
            writer.appendSignedVarint(block.lastTime.milliseconds)
            writer.appendVarint(UInt64(block.leaves.count))
            var last = directory.firstLeaf
            for leaf in block.leaves {
                writer.appendVarint(leaf - last)
                last = leaf
            }
        }
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) throws(BytesError) -> Directory {
        var reader = ByteReader(bytes)
        let firstLeaf = try reader.varint()
        let leafCount = try reader.varint()
        let records = (try reader.count(atMost: .max), try reader.count(atMost: .max))
        var blocks: [BlockEntry] = []
        for _ in 0..<(try reader.count(atMost: reader.remaining)) {
            guard let student = StudentID(try reader.countedText()) else { throw .corruptFrame }
            let offset = try reader.count(atMost: .max)
            let size = try reader.count(atMost: .max)
            let events = try reader.count(atMost: .max)
            let firstTime = Instant(milliseconds: try reader.signedVarint())
            let lastTime = Instant(milliseconds: try reader.signedVarint())
            var leaves: [UInt64] = []
            var last = firstLeaf
            for _ in 0..<(try reader.count(atMost: reader.remaining)) {
                last = last &+ (try reader.varint())
                leaves.append(last)
            }
            blocks.append(
                BlockEntry(
                    student: student, offset: offset, size: size, events: events,
                    firstTime: firstTime, lastTime: lastTime, leaves: leaves))
        }
        guard reader.isAtEnd else { throw .corruptFrame }
        return Directory(
            firstLeaf: firstLeaf, leafCount: leafCount, blocks: blocks, records: records)
    }

    // MARK: Reading

    static func directory(_ path: String, _ fileSystem: any FileSystem) throws(StorageError)
        -> Directory
    {
        let size = try files { () throws(DurableError) in try fileSystem.size(path) }
        guard size >= magic.count + trailerSize else {
            throw .corrupt(file: path, offset: 0, why: "too short for a segment")
        }
        let trailer = try part(path, size - trailerSize, trailerSize, fileSystem)
        guard trailer.suffix(8).elementsEqual(endMagic) else {
            throw .corrupt(file: path, offset: size - 8, why: "end mark is missing")
        }
        guard try part(path, 0, magic.count, fileSystem) == magic else {
            throw .corrupt(file: path, offset: 0, why: "not a segment of version 1")
        }
        do {
            var reader = ByteReader(trailer)
            let footerSize = Int(try reader.uint32())
            let checksum = try reader.uint32()
            let offset = size - trailerSize - footerSize
            guard offset >= magic.count else { throw BytesError.corruptFrame }
            let footer = try part(path, offset, footerSize, fileSystem)
            guard CRC32C.checksum(footer) == checksum else { throw BytesError.corruptFrame }
            return try decode(try Zstd.decompress(footer, sizeMaximum: 64 << 20))
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: path, offset: size - trailerSize, why: "directory is damaged")
        }
    }

    static func block(_ path: String, offset: Int, size: Int, _ fileSystem: any FileSystem)
        throws(StorageError) -> [StoredBatch]
    {
        let bytes = try frame(path, offset: offset, size: size, fileSystem)
        do {
            return try SegmentBlock.decode(bytes)
        } catch {
            throw .corrupt(file: path, offset: offset, why: "block does not decode")
        }
    }

    static func records(_ path: String, _ directory: Directory, _ fileSystem: any FileSystem)
        throws(StorageError) -> [StoredLeafRecord]
    {
        let (offset, size) = directory.records
        let bytes = try frame(path, offset: offset, size: size, fileSystem)
        var records: [StoredLeafRecord] = []
        do {
            var reader = ByteReader(bytes)
            while !reader.isAtEnd {
                let body = Array(try reader.counted())
                guard case .leaf(let record) = try JournalRecord(decoding: body) else {
                    throw BytesError.corruptFrame
                }
                records.append(record)
            }
        } catch {
            throw .corrupt(file: path, offset: offset, why: "leaf records do not decode")
        }
        return records
    }

    private static func frame(
        _ path: String, offset: Int, size: Int, _ fileSystem: any FileSystem
    ) throws(StorageError) -> [UInt8] {
        let bytes = try part(path, offset, size + 4, fileSystem)
        do {
            var reader = ByteReader(bytes)
            let checksum = try reader.uint32()
            let frame = Array(try reader.take(size))
            guard CRC32C.checksum(frame) == checksum else { throw BytesError.corruptFrame }
            return try Zstd.decompress(
                frame, sizeMaximum: StorageLimits.blockExpandedSizeMaximum)
        } catch {
            throw .corrupt(file: path, offset: offset, why: "checksum does not match")
        }
    }

    private static func part(
        _ path: String, _ offset: Int, _ count: Int, _ fileSystem: any FileSystem
    ) throws(StorageError) -> [UInt8] {
        let bytes = try files { () throws(DurableError) in
            try fileSystem.read(path, offset: offset, count: count)
        }
        guard bytes.count == count else {
            throw .corrupt(file: path, offset: offset, why: "file ends too early")
        }
        return bytes
    }
}
