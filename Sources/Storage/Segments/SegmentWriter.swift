import Bytes
import Durable
import Events
import Proofs
import Wire

/// Writes a segment block by block, so that memory holds one student's events and not all of them.
///
/// Nothing has the segment's name before ``finish(records:)`` has returned.
struct SegmentWriter: ~Copyable {
    private let path: String
    private let id: SegmentID
    private let vault: Vault
    private let fileSystem: any FileSystem
    private let file: any DurableFile
    private var compressor: Zstd.Compressor
    private var directory: SegmentFile.Directory
    private var waiting = ByteWriter()
    private var offset = SegmentFile.magic.count

    init(
        _ id: SegmentID, _ layout: StoreLayout, firstLeaf: UInt64, leafCount: UInt64,
        level: Int32, vault: Vault, _ fileSystem: any FileSystem
    ) throws(StorageError) {
        let target = layout.segmentFile(id)
        let opened = try files { () throws(DurableError) in
            let file = try fileSystem.open(target + ".new", creating: true)
            try file.truncate(to: 0)
            return file
        }
        file = opened
        path = target
        self.id = id
        self.vault = vault
        self.fileSystem = fileSystem
        compressor = Zstd.Compressor(level: level)
        directory = SegmentFile.Directory(
            firstLeaf: firstLeaf, leafCount: leafCount, blocks: [], records: (0, 0))
        waiting.append(contentsOf: SegmentFile.magic)
    }

    deinit { file.close() }

    /// Adds a block of one student's batches.
    mutating func append(_ block: SegmentBlock.Draft, of student: StudentID, key: KeyNumber)
        throws(StorageError)
    {
        guard let cipher = try vault.cipher(key) else { throw .erased }
        let frame = compressor.compress(block.encoded())
        var entry = SegmentFile.BlockEntry(
            student: student, key: key, offset: 0, size: 0, events: block.events,
            firstTime: Instant(milliseconds: block.times?.lowerBound ?? 0),
            lastTime: Instant(milliseconds: block.times?.upperBound ?? 0), leaves: block.leaves)
        (entry.offset, entry.size) = try put(frame, key, cipher)
        directory.blocks.append(entry)
    }

    /// Adds the records and the footer, makes the file durable and gives it its name.
    mutating func finish(records: [StoredLeafRecord]) throws(StorageError) -> (
        directory: SegmentFile.Directory, size: Int
    ) {
        var writer = ByteWriter()
        for record in records { writer.appendCounted(JournalRecord.leaf(record).encoded()) }
        directory.records = try put(compressor.compress(writer.bytes), 0, vault.records)
        let footer = compressor.compress(SegmentFile.encode(directory))
        var end = ByteWriter()
        end.append(contentsOf: footer)
        end.appendUInt32(UInt32(footer.count))
        end.appendUInt32(CRC32C.checksum(footer))
        end.append(contentsOf: SegmentFile.endMagic)
        try put(end.bytes)
        try flush()
        try files { () throws(DurableError) in
            try file.synchronize()
            try fileSystem.rename(path + ".new", to: path)
            try fileSystem.synchronizeDirectory(parentDirectory(of: path))
        }
        return (directory, offset)
    }

    private mutating func put(_ frame: [UInt8], _ key: KeyNumber, _ cipher: DataCipher)
        throws(StorageError) -> (offset: Int, size: Int)
    {
        let place = offset
        let sealed = cipher.seal(
            frame, nonce: vault.nonce(),
            label: SegmentFile.label(id, offset: place, key: key))
        var head = ByteWriter()
        head.appendUInt32(CRC32C.checksum(sealed))
        try put(head.bytes)
        try put(sealed)
        return (place, sealed.count)
    }

    private mutating func put(_ bytes: [UInt8]) throws(StorageError) {
        waiting.append(contentsOf: bytes)
        offset += bytes.count
        if waiting.count >= 1 << 20 { try flush() }
    }

    private mutating func flush() throws(StorageError) {
        let bytes = waiting.bytes
        try files { () throws(DurableError) in try file.append(bytes) }
        waiting.removeAll()
    }
}
