import Bytes
import Durable
import Events
import Proofs
import Wire

/// Journal files. Integers little-endian, `v` a LEB128 varint, `c` a varint length and bytes.
///
///     file    version 1  "DBJOURN1"  u64 file number                                       16 bytes
///             version 2  "DBJOURN2"  u64 file number   60 B wrapped key   u32 CRC-32C      80 bytes
///     record  u32 size of body   u32 CRC-32C of body   body
///     body    version 1 as it stands, version 2 sealed under the file's key (``DataCipher``);
///             u8 kind, then
///       1 signed batch   v received ms, v leaf, u8 1 = body is zstd, c upload (sg.upload/v1)
///       2 lines          v received ms, v first leaf, c device, idempotency, v batches,
///                        per batch: 32 B seed, c statement, v size of its event lines;
///                        c zstd of all event lines one after the other
///       3 leaf record    v at ms, v leaf, c kind, 16 B salt, c record (JSON)
///     idempotency: u8 0, or u8 1, c key, 32 B body hash, c receipt (JSON)
///
/// Valid when size and checksum hold and leaves rise by one from record to record. A crash leaves at
/// most one broken record, at the end of the last file; it was never acknowledged and is cut off.
/// Version 2 is written, both are read. Each file has a key of its own, which is overwritten before
/// the file is removed.
enum JournalFormat {
    static let magic1 = Array("DBJOURN1".utf8)
    static let magic2 = Array("DBJOURN2".utf8)
    static let headerSize1 = 16
    static let headerSize = 80
    static let recordHeaderSize = 8
    /// Where the wrapped key stands in a header.
    static let keyRange = 16..<76

    /// What opens and closes the records of one file.
    struct Seal: Sendable {
        /// Nil for version 1, whose records stand as they are.
        var cipher: DataCipher?
        var label: [UInt8]
        var headerSize: Int

        /// The body as it is written.
        func close(_ body: [UInt8], nonce: [UInt8]) -> [UInt8] {
            cipher?.seal(body, nonce: nonce, label: label) ?? body
        }

        /// The body as it was; nil when it is not one of this file.
        func open(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
            guard let cipher else { return Array(bytes) }
            return cipher.open(bytes, label: label)
        }
    }

    /// The header of a new file and what seals its records.
    static func newFile(number: UInt64, vault: Vault) -> (header: [UInt8], seal: Seal) {
        let key = vault.newKey()
        var writer = ByteWriter(reserving: headerSize)
        writer.append(contentsOf: magic2)
        writer.appendUInt64(number)
        let label = writer.bytes
        writer.append(contentsOf: vault.wrap(key, label: label))
        writer.appendUInt32(CRC32C.checksum(writer.bytes))
        let seal = Seal(cipher: DataCipher(key: key), label: label, headerSize: headerSize)
        return (writer.bytes, seal)
    }

    /// What opens the records of a file; nil when its header is torn or another's.
    static func seal(of bytes: [UInt8], number: UInt64, vault: Vault) -> Seal? {
        var writer = ByteWriter()
        writer.appendUInt64(number)
        let mark = writer.bytes
        guard bytes.count >= headerSize1, bytes[8..<16].elementsEqual(mark) else { return nil }
        if bytes.starts(with: magic1) {
            return Seal(cipher: nil, label: [], headerSize: headerSize1)
        }
        guard bytes.count >= headerSize, bytes.starts(with: magic2) else { return nil }
        var reader = ByteReader(bytes, from: keyRange.upperBound, to: headerSize)
        guard let checksum = try? reader.uint32(),  // it is there: the size was looked at
            checksum == CRC32C.checksum(bytes[..<keyRange.upperBound]),
            let key = vault.unwrap(Array(bytes[keyRange]), label: Array(bytes[..<16]))
        else { return nil }
        return Seal(
            cipher: DataCipher(key: key), label: Array(bytes[..<16]), headerSize: headerSize)
    }

    /// Overwrites the key of a file that is about to be removed, so that what stays of it on the disk
    /// says nothing, not even with the master key.
    static func destroyKey(_ path: String, _ fileSystem: any FileSystem) throws(DurableError) {
        let file = try fileSystem.open(path, creating: false)
        defer { file.close() }
        guard file.size >= headerSize else { return }
        try file.overwrite([UInt8](repeating: 0, count: keyRange.count), at: keyRange.lowerBound)
        try file.synchronize()
    }

    /// Appends a record's header and body to a buffer.
    static func appendRecord(_ body: [UInt8], to writer: inout ByteWriter) {
        writer.appendUInt32(UInt32(body.count))
        writer.appendUInt32(CRC32C.checksum(body))
        writer.append(contentsOf: body)
    }

    /// The range of the body of the record at an offset; nil when size or checksum do not hold.
    static func body(_ bytes: [UInt8], _ start: Int) -> Range<Int>? {
        var reader = ByteReader(bytes, from: start, to: bytes.count)
        // Too short for a header: torn.
        guard let size = try? reader.uint32(), let checksum = try? reader.uint32() else {
            return nil
        }
        let lower = start + recordHeaderSize
        let upper = lower + Int(size)
        // Eight zero bytes are what a torn write leaves of a header, and their checksum holds.
        guard size > 0, size <= StorageLimits.recordSizeMaximum, upper <= bytes.count,
            CRC32C.checksum(bytes[lower..<upper]) == checksum
        else { return nil }
        return lower..<upper
    }
}

/// Reads a journal file from front to back.
struct JournalReader {
    let bytes: [UInt8]
    let path: String
    let seal: JournalFormat.Seal
    /// Where the next record begins.
    private(set) var offset: Int

    /// Nil when the header is torn or another file's.
    init?(_ path: String, number: UInt64, vault: Vault, _ fileSystem: any FileSystem)
        throws(StorageError)
    {
        let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
        guard let seal = JournalFormat.seal(of: bytes, number: number, vault: vault) else {
            return nil
        }
        self.bytes = bytes
        self.path = path
        self.seal = seal
        offset = seal.headerSize
    }

    var isAtEnd: Bool { offset >= bytes.count }

    /// The next record and where its body lies; nil when it is torn. Throws when it is whole and yet
    /// not a record.
    mutating func next() throws(StorageError) -> (record: JournalRecord, body: Range<Int>)? {
        guard let body = JournalFormat.body(bytes, offset) else { return nil }
        guard let plain = seal.open(bytes[body]),
            let record = try? JournalRecord(decoding: plain)  // the throw says it
        else { throw .corrupt(file: path, offset: offset, why: "record does not decode") }
        offset = body.upperBound
        return (record, body)
    }
}

/// A record of the journal, decoded.
enum JournalRecord {
    case signed(SignedRecord)
    case lines(LinesRecord)
    case leaf(StoredLeafRecord)

    struct SignedRecord {
        var received: Instant
        var leaf: UInt64
        var isCompressed: Bool
        var upload: [UInt8]
    }

    struct LinesRecord {
        struct Batch {
            var seed: [UInt8]
            var statement: [UInt8]
            var linesSize: Int
        }
        var received: Instant
        var firstLeaf: UInt64
        var device: DeviceName
        var idempotency: (key: IdempotencyKey, receipt: [UInt8])?
        var batches: [Batch]
        var compressedLines: [UInt8]
    }

    /// How many leaves the record is.
    var leafCount: UInt64 {
        if case .lines(let lines) = self { UInt64(lines.batches.count) } else { 1 }
    }

    var firstLeaf: UInt64 {
        switch self {
        case .signed(let record): record.leaf
        case .lines(let record): record.firstLeaf
        case .leaf(let record): record.leaf
        }
    }

    func encoded() -> [UInt8] {
        switch self {
        case .signed(let record):
            var writer = ByteWriter(reserving: record.upload.count + 32)
            writer.append(1)
            writer.appendSignedVarint(record.received.milliseconds)
            writer.appendVarint(record.leaf)
            writer.append(record.isCompressed ? 1 : 0)
            writer.appendCounted(record.upload)
            return writer.bytes
        case .lines(let record):
            var writer = ByteWriter(reserving: record.compressedLines.count + 1_024)
            writer.append(2)
            writer.appendSignedVarint(record.received.milliseconds)
            writer.appendVarint(record.firstLeaf)
            writer.appendCounted(record.device.rawValue)
            if let idempotency = record.idempotency {
                writer.append(1)
                writer.appendCounted(idempotency.key.key)
                writer.append(contentsOf: idempotency.key.bodyHash)
                writer.appendCounted(idempotency.receipt)
            } else {
                writer.append(0)
            }
            writer.appendVarint(UInt64(record.batches.count))
            for batch in record.batches {
                writer.append(contentsOf: batch.seed)
                writer.appendCounted(batch.statement)
                writer.appendVarint(UInt64(batch.linesSize))
            }
            writer.appendCounted(record.compressedLines)
            return writer.bytes
        case .leaf(let record):
            var writer = ByteWriter(reserving: record.record.count + 64)
            writer.append(3)
            writer.appendSignedVarint(record.at.milliseconds)
            writer.appendVarint(record.leaf)
            writer.appendCounted(record.kind.rawValue)
            writer.append(contentsOf: record.salt)
            writer.appendCounted(record.record)
            return writer.bytes
        }
    }

    init(decoding bytes: [UInt8]) throws(BytesError) {
        var reader = ByteReader(bytes)
        switch try reader.byte() {
        case 1:
            let received = Instant(milliseconds: try reader.signedVarint())
            let leaf = try reader.varint()
            let isCompressed = try reader.byte() == 1
            self = .signed(
                SignedRecord(
                    received: received, leaf: leaf, isCompressed: isCompressed,
                    upload: Array(try reader.counted())))
        case 2: self = .lines(try JournalRecord.lines(&reader))
        case 3:
            let at = Instant(milliseconds: try reader.signedVarint())
            let leaf = try reader.varint()
            guard let kind = LeafKind(rawValue: try reader.countedText()) else {
                throw .corruptFrame
            }
            self = .leaf(
                StoredLeafRecord(
                    leaf: leaf, kind: kind, at: at,
                    salt: Array(try reader.take(Commitment.saltSize)),
                    record: Array(try reader.counted())))
        default: throw .corruptFrame
        }
        guard reader.isAtEnd else { throw .corruptFrame }
    }

    private static func lines(_ reader: inout ByteReader) throws(BytesError) -> LinesRecord {
        let received = Instant(milliseconds: try reader.signedVarint())
        let firstLeaf = try reader.varint()
        guard let device = DeviceName(try reader.countedText()) else { throw .corruptFrame }
        var idempotency: (key: IdempotencyKey, receipt: [UInt8])?
        if try reader.byte() == 1 {
            let key = try reader.countedText()
            let hash = Array(try reader.take(Hash.size))
            idempotency = (
                IdempotencyKey(key: key, bodyHash: hash), Array(try reader.counted())
            )
        }
        var batches: [LinesRecord.Batch] = []
        for _ in 0..<(try reader.count(atMost: EventLimits.batchEventsMaximum)) {
            batches.append(
                LinesRecord.Batch(
                    seed: Array(try reader.take(BatchUpload.seedSize)),
                    statement: Array(try reader.counted()),
                    linesSize: try reader.count(atMost: StorageLimits.recordSizeMaximum)))
        }
        return LinesRecord(
            received: received, firstLeaf: firstLeaf, device: device, idempotency: idempotency,
            batches: batches, compressedLines: Array(try reader.counted()))
    }
}

/// A leaf that is not a batch: an act of the system, recorded with a salt so that its hash tells nothing.
struct StoredLeafRecord: Sendable {
    var leaf: UInt64
    var kind: LeafKind
    var at: Instant
    var salt: [UInt8]
    var record: [UInt8]

    var leafData: LeafData {
        LeafData(
            kind: kind, reference: LeafData.reference(salt: salt, record: record),
            time: at.rfc3339)
    }
}

extension JournalRecord {
    /// The batches of the record, decoded, in leaf order; none for a leaf record.
    func batches() throws(StorageError) -> [StoredBatch] {
        do {
            switch self {
            case .signed(let record):
                let body =
                    record.isCompressed
                    ? try Zstd.decompress(
                        record.upload, sizeMaximum: EventLimits.expandedSizeMaximum)
                    : record.upload
                let upload = try BatchUpload.parse(body, isTrusted: true)
                return [
                    try StoredBatch(leaf: record.leaf, received: record.received, upload: upload)
                ]
            case .lines(let record): return try JournalRecord.batches(of: record)
            case .leaf: return []
            }
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: "journal record", offset: 0, why: "does not decode")
        }
    }

    private static func batches(of record: LinesRecord) throws -> [StoredBatch] {
        let lines = try Zstd.decompress(
            record.compressedLines, sizeMaximum: StorageLimits.recordSizeMaximum)
        var batches: [StoredBatch] = []
        var start = 0
        for (index, batch) in record.batches.enumerated() {
            let end = start + batch.linesSize
            guard end <= lines.count else { throw BytesError.truncated(offset: end) }
            let columns = try BatchUpload.parseTrustedLines(lines, start..<end)
            batches.append(
                try StoredBatch(
                    leaf: record.firstLeaf + UInt64(index), received: record.received,
                    upload: BatchUpload(
                        seed: batch.seed, statement: batch.statement, columns: columns)))
            start = end
        }
        return batches
    }
}

extension StoredBatch {
    /// A batch whose device, number and context come from its statement.
    init(leaf: UInt64, received: Instant, upload: BatchUpload) throws(StorageError) {
        let file = try StatementFile(upload.statement)
        let statement = file.statement
        guard let device = DeviceName(statement.device) else { throw .badStatement("device") }
        self.init(
            leaf: leaf, received: received, device: device, number: statement.number,
            context: try SessionContext(statement), isCollectorOrigin: statement.isCollectorOrigin,
            upload: upload, file: file)
    }

    /// The leaf data of the batch.
    var leafData: LeafData {
        LeafData(
            kind: .batch, reference: BatchStatement.hash(ofFile: upload.statement),
            time: received.rfc3339)
    }
}

extension SessionContext {
    /// Who was where, as a statement says it.
    init(_ statement: BatchStatement) throws(StorageError) {
        guard let machine = MachineID(statement.host), let student = StudentID(statement.user),
            let session = SessionID(statement.session)
        else { throw .badStatement("host, user and session must not be empty") }
        self.init(machine: machine, student: student, session: session)
    }
}

/// A batch statement file taken apart once.
struct StatementFile: Sendable {
    let note: SignedNote
    let statement: BatchStatement
    /// Whether the note's text was made from the statement just now, and so needs no comparing with it.
    let isMade: Bool

    init(_ bytes: [UInt8]) throws(StorageError) {
        isMade = false
        do {
            note = try SignedNote(parsing: bytes)
            statement = try BatchStatement(parsing: note.text)
        } catch {
            throw .badStatement("\(error)")
        }
    }

    /// A statement of the collector's own, signed.
    init(_ statement: BatchStatement, signedBy signer: NoteSigner) {
        let text = Array(statement.text().utf8)
        note = SignedNote(text: text, signatures: [signer.signature(of: text)])
        self.statement = statement
        isMade = true
    }
}
