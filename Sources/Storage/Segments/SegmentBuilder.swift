import Bytes
import Durable
import Events
import Proofs
import Synchronization
import Wire

/// What sealing did.
public struct SealReport: Sendable, Equatable {
    /// Journal files that became segments.
    public var segments = 0
    /// Events in them.
    public var events = 0
    /// Bytes of the segments.
    public var size = 0
}

extension Store {
    /// Turns every closed journal file, and the open one if asked, into a segment.
    ///
    /// A crash at any moment leaves either the journal file or the segment with its rows; both at
    /// once are told apart by the catalogue's `sealed.through`.
    public func seal(includingOpenFile: Bool = true) throws(StorageError) -> SealReport {
        try sealing.syncResult { () throws(StorageError) in
            let numbers =
                includingOpenFile ? try ledger.closeJournalFile() : filesToSeal
            var report = SealReport()
            for number in numbers {
                let sealed = try seal(number)
                report.segments += 1
                report.events += sealed.events
                report.size += sealed.size
            }
            return report
        }
    }

    /// Whether a journal file is closed and waits to be sealed.
    public var hasFilesToSeal: Bool { !filesToSeal.isEmpty }

    /// The closed files, but for those that detection is still reading: a batch of the journal is read in a
    /// fraction of the time that a segment's block takes. Too many of them are sealed all the same.
    private var filesToSeal: [UInt64] {
        let closed = ledger.filesToSeal
        guard let reading = live.filesBeingRead,
            closed.count <= StorageLimits.closedFilesMaximum
        else { return closed }
        return closed.filter { $0 < reading.lowerBound }
    }

    private func seal(_ number: UInt64) throws(StorageError) -> (events: Int, size: Int) {
        let path = layout.journalFile(number)
        let builder = try gathered(number)
        // The leaves must be in tiles before the journal file, their other home, goes.
        try ledger.flushTiles()
        let (directory, size) = try builder.write(
            number, layout, vault, environment.fileSystem)
        let streams = reservations.stored
        try catalogue.add(
            SealedRows(
                segment: number, directory: directory, batches: builder.rows,
                size: size, ranges: streams.filter { builder.streams.contains($0.key) },
                receipts: builder.receipts))
        live.remove(file: number)
        ledger.forget(file: number)
        receipts.expire(at: environment.now())
        journalSeals.withLock { $0[number] = nil }
        try files { () throws(DurableError) in
            try JournalFormat.destroyKey(path, environment.fileSystem)
            try environment.fileSystem.remove(path)
        }
        return (builder.events, size)
    }

    /// What a journal file holds, by student: as it was gathered while the file was written, else read.
    private func gathered(_ number: UInt64) throws(StorageError) -> SegmentBuilder {
        if let draft = ledger.draft(of: number) { return draft }
        var builder = SegmentBuilder()
        try builder.read(
            layout.journalFile(number), number: number, vault: vault, environment.fileSystem)
        return builder
    }
}

/// Gathers one journal file by student: while it is written, or from the file itself.
///
/// Either way the batches come in the order of their leaves, so the segment is the same.
struct SegmentBuilder: Sendable {
    typealias Receipt = (device: DeviceName, key: IdempotencyKey, receipt: [UInt8], at: Instant)

    private(set) var rows: [UInt64: BatchRow] = [:]
    private(set) var streams: Set<EventStream> = []
    private(set) var receipts: [Receipt] = []
    private(set) var events = 0
    private var records: [StoredLeafRecord] = []
    private var blocksBySubject: [Subject: [SegmentBlock.Draft]] = [:]
    private var firstLeaf: UInt64?
    private var leafCount: UInt64 = 0

    /// About how many bytes of memory it takes.
    private(set) var sizeInMemory = 0
    /// What a batch takes beside its columns: its row, its stream, its place in the directory.
    private static let batchSizeInMemory = 512

    mutating func read(
        _ path: String, number: UInt64, vault: Vault, _ fileSystem: any FileSystem
    ) throws(StorageError) {
        guard var reader = try JournalReader(path, number: number, vault: vault, fileSystem) else {
            throw .corrupt(file: path, offset: 0, why: "not journal file \(number)")
        }
        while !reader.isAtEnd {
            guard let (record, _) = try reader.next() else {
                throw .corrupt(file: path, offset: reader.offset, why: "record is damaged")
            }
            firstLeaf = firstLeaf ?? record.firstLeaf
            leafCount += record.leafCount
            try take(record)
        }
    }

    /// Adds what one append to the journal held, once it is durable.
    mutating func add(
        _ batches: [StoredBatch], _ records: [StoredLeafRecord], _ receipts: [Receipt],
        leaves: Range<UInt64>
    ) throws(StorageError) {
        firstLeaf = firstLeaf ?? leaves.lowerBound
        leafCount += UInt64(leaves.count)
        self.records += records
        self.receipts += receipts
        sizeInMemory += (records.count + receipts.count) * SegmentBuilder.batchSizeInMemory
        for batch in batches { try add(batch) }
    }

    private mutating func take(_ record: JournalRecord) throws(StorageError) {
        if case .leaf(let leaf) = record { records.append(leaf) }
        if case .lines(let lines) = record, let idempotency = lines.idempotency {
            receipts.append(
                (lines.device, idempotency.key, idempotency.receipt, lines.received))
        }
        for batch in try record.batches() { try add(batch) }
    }

    private mutating func add(_ batch: StoredBatch) throws(StorageError) {
        guard let times = batch.upload.columns.timeRange else { return }
        events += batch.upload.columns.count
        streams.insert(EventStream(device: batch.device, machine: batch.context.machine))
        rows[batch.leaf] = BatchRow(batch, times)
        sizeInMemory += SegmentBuilder.batchSizeInMemory
        sizeInMemory += try SegmentBuilder.add(
            batch, to: &blocksBySubject[Subject(of: batch), default: []])
    }

    /// Adds a batch to the last block of a student; gives by how much that grew.
    private static func add(
        _ batch: StoredBatch, to blocks: inout [SegmentBlock.Draft]
    ) throws(StorageError) -> Int {
        let hasRoom = blocks.last?.hasRoom(for: batch.upload.columns.count) ?? false
        if !hasRoom { blocks.append(SegmentBlock.Draft()) }
        let last = blocks.count - 1
        let before = blocks[last].sizeInMemory
        try blocks[last].append(batch)
        return blocks[last].sizeInMemory - before
    }

    func write(
        _ id: SegmentID, _ layout: StoreLayout, _ vault: Vault, _ fileSystem: any FileSystem
    ) throws(StorageError) -> (directory: SegmentFile.Directory, size: Int) {
        // Durable before anything is sealed under them.
        let keys = try vault.keys(for: Set(blocksBySubject.keys))
        var writer = try SegmentWriter(
            id, layout, firstLeaf: firstLeaf ?? 0, leafCount: leafCount,
            level: StorageLimits.segmentLevel, vault: vault, fileSystem)
        for (subject, blocks) in blocksBySubject.sorted(by: {
            ($0.key.student, $0.key.month) < ($1.key.student, $1.key.month)
        }) {
            guard let key = keys[subject] else { continue }
            for block in blocks { try writer.append(block, of: subject.student, key: key) }
        }
        return try writer.finish(records: records)
    }

    /// One student's batches cut into blocks of at most so many events.
    static func blocks(of batches: [StoredBatch]) throws(StorageError) -> [SegmentBlock.Draft] {
        var blocks: [SegmentBlock.Draft] = []
        for batch in batches { _ = try add(batch, to: &blocks) }
        return blocks
    }
}

extension BatchRow {
    init(_ batch: StoredBatch, _ times: ClosedRange<Int64>) {
        self.init(
            leaf: batch.leaf, device: batch.device, number: batch.number,
            statement: BatchStatement.hash(ofFile: batch.upload.statement),
            machine: batch.context.machine, session: batch.context.session,
            received: batch.received, firstTime: Instant(milliseconds: times.lowerBound),
            lastTime: Instant(milliseconds: times.upperBound),
            events: batch.upload.columns.count)
    }
}

extension Subject {
    /// Whose a batch is, by the month in which it was received.
    init(of batch: StoredBatch) {
        self.init(
            student: batch.context.student, month: CivilMonth(containing: batch.received))
    }
}
