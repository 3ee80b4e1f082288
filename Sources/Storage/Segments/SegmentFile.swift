import Bytes
import Durable
import Events
import Proofs

/// Segment files: one sealed journal file, its batches in blocks by student.
///
///     "DBSEGM02"    ("DBSEGM01" is read too: its frames are not encrypted, its directory has no keys)
///     blocks        u32 CRC-32C of what follows, sealed zstd frame (``SegmentBlock``, ``DataCipher``)
///     leaf records  u32 CRC-32C, sealed zstd frame of journal bodies of kind 3, each counted
///     footer        zstd frame: first leaf, leaf count, directory of blocks, place of the leaf records
///     u32 size of footer   u32 CRC-32C of footer   "DBSEGEND"
///
/// A block is sealed under the key of its student and month, the leaf records under the records key;
/// where they stand in which file is authenticated with them. Written to a temporary file, synced and
/// renamed, so a segment is whole or absent. It is never changed after that, so readers need no lock.
enum SegmentFile {
    static let magic1 = Array("DBSEGM01".utf8)
    static let magic = Array("DBSEGM02".utf8)
    static let endMagic = Array("DBSEGEND".utf8)
    static let trailerSize = 16

    /// One block's line in the directory.
    struct BlockEntry: Sendable, Equatable {
        var student: StudentID
        /// The key it is sealed under; 0 in version 1, where it is not encrypted.
        var key: KeyNumber
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
        /// Whether its pieces are sealed: version 2.
        var isEncrypted = true
    }

    /// What is authenticated with a sealed piece: the file and the place it belongs to.
    static func label(_ id: SegmentID, offset: Int, key: KeyNumber) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(contentsOf: magic)
        writer.appendUInt64(id)
        writer.appendUInt64(UInt64(offset))
        writer.appendUInt32(key)
        return writer.bytes
    }

    static func encode(_ directory: Directory) -> [UInt8] {
        var writer = ByteWriter()
        writer.appendVarint(directory.firstLeaf)
        writer.appendVarint(directory.leafCount)
        writer.appendVarint(UInt64(directory.records.offset))
        writer.appendVarint(UInt64(directory.records.size))
        writer.appendVarint(UInt64(directory.blocks.count))
        for block in directory.blocks {
            writer.appendCounted(block.student.rawValue)
            writer.appendVarint(UInt64(block.key))
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

    private static func decode(_ bytes: [UInt8], hasKeys: Bool) throws(BytesError) -> Directory {
        var reader = ByteReader(bytes)
        let firstLeaf = try reader.varint()
        let leafCount = try reader.varint()
        let records = (try reader.count(atMost: .max), try reader.count(atMost: .max))
        var blocks: [BlockEntry] = []
        for _ in 0..<(try reader.count(atMost: reader.remaining)) {
            guard let student = StudentID(try reader.countedText()) else { throw .corruptFrame }
            let key = hasKeys ? try reader.count(atMost: Int(KeyNumber.max)) : 0
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
                    student: student, key: KeyNumber(key), offset: offset, size: size,
                    events: events,
                    firstTime: firstTime, lastTime: lastTime, leaves: leaves))
        }
        guard reader.isAtEnd else { throw .corruptFrame }
        return Directory(
            firstLeaf: firstLeaf, leafCount: leafCount, blocks: blocks, records: records,
            isEncrypted: hasKeys)
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
        let mark = try part(path, 0, magic.count, fileSystem)
        guard mark == magic || mark == magic1 else {
            throw .corrupt(file: path, offset: 0, why: "not a segment of version 1 or 2")
        }
        do {
            var reader = ByteReader(trailer)
            let footerSize = Int(try reader.uint32())
            let checksum = try reader.uint32()
            let offset = size - trailerSize - footerSize
            guard offset >= magic.count else { throw BytesError.corruptFrame }
            let footer = try part(path, offset, footerSize, fileSystem)
            guard CRC32C.checksum(footer) == checksum else { throw BytesError.corruptFrame }
            return try decode(
                try Zstd.decompress(footer, sizeMaximum: 64 << 20), hasKeys: mark == magic)
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: path, offset: size - trailerSize, why: "directory is damaged")
        }
    }

    /// The batches of a block. Throws `erased` when its key was destroyed.
    static func block(
        _ path: String, offset: Int, size: Int, key: KeyNumber, vault: Vault,
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> [StoredBatch] {
        var sealed = try checked(path, offset: offset, size: size, fileSystem)
        if key != 0 {
            guard let cipher = try vault.cipher(key) else { throw .erased }
            sealed = try open(sealed, cipher, path, offset: offset, key: key)
        }
        do {
            return try SegmentBlock.decode(try expand(sealed))
        } catch {
            throw .corrupt(file: path, offset: offset, why: "block does not decode")
        }
    }

    private static func open(
        _ sealed: [UInt8], _ cipher: DataCipher, _ path: String, offset: Int, key: KeyNumber
    ) throws(StorageError) -> [UInt8] {
        guard let number = StoreLayout.number(ofPath: path),
            let frame = cipher.open(sealed, label: label(number, offset: offset, key: key))
        else { throw .corrupt(file: path, offset: offset, why: "does not open under its key") }
        return frame
    }

    private static func expand(_ frame: [UInt8]) throws(BytesError) -> [UInt8] {
        try Zstd.decompress(frame, sizeMaximum: StorageLimits.blockExpandedSizeMaximum)
    }

    /// Whether a block's bytes are those that were written; needs no key, so it holds after an erasure.
    static func check(_ path: String, _ block: BlockEntry, _ fileSystem: any FileSystem)
        throws(StorageError)
    {
        _ = try checked(path, offset: block.offset, size: block.size, fileSystem)
    }

    static func records(
        _ path: String, _ directory: Directory, vault: Vault, _ fileSystem: any FileSystem
    ) throws(StorageError) -> [StoredLeafRecord] {
        let (offset, size) = directory.records
        var sealed = try checked(path, offset: offset, size: size, fileSystem)
        if directory.isEncrypted {
            sealed = try open(sealed, vault.records, path, offset: offset, key: 0)
        }
        var records: [StoredLeafRecord] = []
        do {
            var reader = ByteReader(try expand(sealed))
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

    /// The bytes of a piece as they were written.
    private static func checked(
        _ path: String, offset: Int, size: Int, _ fileSystem: any FileSystem
    ) throws(StorageError) -> [UInt8] {
        let bytes = try part(path, offset, size + 4, fileSystem)
        do {
            var reader = ByteReader(bytes)
            let checksum = try reader.uint32()
            let frame = Array(try reader.take(size))
            guard CRC32C.checksum(frame) == checksum else { throw BytesError.corruptFrame }
            return frame
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
