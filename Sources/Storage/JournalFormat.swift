import Bytes
import Events
import Proofs
import Wire

/// Journal files, version 1. Integers little-endian, `v` a LEB128 varint, `c` a varint length and bytes.
///
///     file    "DBJOURN1"  u64 file number           16 bytes
///     record  u32 size of body   u32 CRC-32C of body   body
///     body    u8 kind, then
///       1 signed batch   v received ms, v leaf, u8 1 = body is zstd, c upload (sg.upload/v1)
///       2 lines          v received ms, v first leaf, c device, idempotency, v batches,
///                        per batch: 32 B seed, c statement, v size of its event lines;
///                        c zstd of all event lines one after the other
///       3 leaf record    v at ms, v leaf, c kind, 16 B salt, c record (JSON)
///     idempotency: u8 0, or u8 1, c key, 32 B body hash, c receipt (JSON)
///
/// Valid when size and checksum hold and leaves rise by one from record to record. A crash leaves at
/// most one broken record, at the end of the last file; it was never acknowledged and is cut off.
enum JournalFormat {
    static let magic = Array("DBJOURN1".utf8)
    static let fileHeaderSize = 16
    static let recordHeaderSize = 8

    static func fileHeader(number: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: fileHeaderSize)
        writer.append(contentsOf: magic)
        writer.appendUInt64(number)
        return writer.bytes
    }

    /// Appends a record's header and body to a buffer.
    static func appendRecord(_ body: [UInt8], to writer: inout ByteWriter) {
        writer.appendUInt32(UInt32(body.count))
        writer.appendUInt32(CRC32C.checksum(body))
        writer.append(contentsOf: body)
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
        let statement = try StatementFile(upload.statement).statement
        guard let device = DeviceName(statement.device) else { throw .badStatement("device") }
        self.init(
            leaf: leaf, received: received, device: device, number: statement.number,
            context: try SessionContext(statement), isCollectorOrigin: statement.isCollectorOrigin,
            upload: upload)
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
struct StatementFile {
    let note: SignedNote
    let statement: BatchStatement

    init(_ bytes: [UInt8]) throws(StorageError) {
        do {
            note = try SignedNote(parsing: bytes)
            statement = try BatchStatement(parsing: note.text)
        } catch {
            throw .badStatement("\(error)")
        }
    }
}
