import Bytes
import Durable
import Events
import Proofs
import Wire

/// What the journal files gave back when the store was opened.
struct RecoveredJournal {
    var proofLog: ProofLog
    /// The last accepted batch of every device.
    var lastBatches: [DeviceName: (number: UInt64, statement: Hash)] = [:]
    /// Journal files that hold something, oldest first.
    var files: [UInt64] = []
    var sealedThrough: UInt64
    var batches: [LiveBatch] = []
    var ranges: [EventStream: SequenceRanges] = [:]
    var receipts: [(device: DeviceName, key: IdempotencyKey, receipt: [UInt8], at: Instant)] = []
    /// Keys that a leaf says are destroyed; a crash may have come between.
    var forgotten: [(leaf: UInt64, record: ForgettingRecord)] = []
    /// Bytes of records that were cut off at the end of the last file: never acknowledged.
    var tornSize = 0
}

/// Reads the journal after a clean stop or a crash.
struct JournalRecovery {
    private let layout: StoreLayout
    private let fileSystem: any FileSystem
    private let vault: Vault
    private var recovered: RecoveredJournal

    static func run(
        _ layout: StoreLayout, _ fileSystem: any FileSystem, _ catalogue: Catalogue, _ vault: Vault
    ) throws(StorageError) -> RecoveredJournal {
        var log = ProofLog(layout, fileSystem)
        let checkpoints = try CheckpointFile(layout.checkpoints, fileSystem)
        try log.load(checkpointSize: checkpoints.sizes.last ?? 0)
        var recovery = JournalRecovery(
            layout: layout, fileSystem: fileSystem, vault: vault,
            recovered: RecoveredJournal(
                proofLog: log, sealedThrough: try catalogue.sealedThrough()))
        recovery.recovered.ranges = try catalogue.streamRanges()
        for (device, number, hash) in try catalogue.lastBatches() {
            recovery.recovered.lastBatches[device] = (number, hash)
        }
        try recovery.readFiles()
        return recovery.recovered
    }

    private mutating func readFiles() throws(StorageError) {
        let names = try files { () throws(DurableError) in try fileSystem.list(layout.journal) }
        let numbers = names.compactMap(StoreLayout.number(ofFile:)).sorted()
        for number in numbers {
            let path = layout.journalFile(number)
            if number <= recovered.sealedThrough {
                // A crash came between the segment's rows and the removal of the journal file.
                try files { () throws(DurableError) in try fileSystem.remove(path) }
                continue
            }
            let isEmpty = try read(number, path, isLast: number == numbers.last)
            if isEmpty {
                try files { () throws(DurableError) in try fileSystem.remove(path) }
            } else {
                recovered.files.append(number)
            }
        }
    }

    /// Reads one file; true when it holds no record.
    private mutating func read(_ number: UInt64, _ path: String, isLast: Bool)
        throws(StorageError) -> Bool
    {
        guard var reader = try JournalReader(path, number: number, vault: vault, fileSystem) else {
            // The header is synced before anything is acknowledged, so a torn one holds nothing.
            let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
            let isTorn = bytes.count < JournalFormat.headerSize || bytes.allSatisfy { $0 == 0 }
            guard isLast, isTorn else {
                throw .corrupt(file: path, offset: 0, why: "not journal file \(number)")
            }
            return true
        }
        while !reader.isAtEnd {
            let start = reader.offset
            guard let (record, body) = try reader.next() else {
                guard isLast else {
                    throw .corrupt(file: path, offset: start, why: "record is damaged")
                }
                recovered.tornSize = reader.bytes.count - start
                break
            }
            try take(record, body, at: start, number, path)
        }
        try settle(path, size: reader.offset)
        return reader.offset == reader.seal.headerSize
    }

    /// Cuts off what is torn and makes the rest durable: what a process wrote that was killed before
    /// its sync is acknowledged from now on, as a duplicate, and must not go with the power.
    private func settle(_ path: String, size: Int) throws(StorageError) {
        try files { () throws(DurableError) in
            let file = try fileSystem.open(path, creating: false)
            defer { file.close() }
            if size < file.size { try file.truncate(to: size) }
            try file.synchronize()
        }
    }

    private mutating func take(
        _ record: JournalRecord, _ body: Range<Int>, at start: Int, _ number: UInt64,
        _ path: String
    ) throws(StorageError) {
        let leaf = record.firstLeaf
        let isLogged = leaf < recovered.proofLog.size
        guard isLogged || leaf == recovered.proofLog.size else {
            throw .corrupt(file: path, offset: start, why: "leaf \(leaf) does not follow")
        }
        if case .leaf(let stored) = record {
            if let forgotten = ForgettingRecord(stored) {
                recovered.forgotten.append((leaf, forgotten))
            }
            return try add(stored.leafData, at: leaf, path, start)
        }
        for (ordinal, batch) in try record.batches().enumerated() {
            try add(batch.leafData, at: batch.leaf, path, start)
            try add(batch, number, body, ordinal)
        }
        if case .lines(let lines) = record, let idempotency = lines.idempotency {
            recovered.receipts.append(
                (lines.device, idempotency.key, idempotency.receipt, lines.received))
        }
    }

    /// Adds a leaf, or compares it with the one that the tiles hold.
    private mutating func add(_ data: LeafData, at leaf: UInt64, _ path: String, _ offset: Int)
        throws(StorageError)
    {
        if leaf == recovered.proofLog.size {
            recovered.proofLog.append(data.bytes)
        } else if recovered.proofLog.leafHash(leaf) != data.leafHash {
            throw .corrupt(
                file: path, offset: offset, why: "leaf \(leaf) is not the one in the log")
        }
    }

    private mutating func add(
        _ batch: StoredBatch, _ file: UInt64, _ body: Range<Int>, _ ordinal: Int
    ) throws(StorageError) {
        let columns = batch.upload.columns
        let statement = BatchStatement.hash(ofFile: batch.upload.statement)
        guard let times = columns.timeRange, let sequences = columns.sequenceRange else { return }
        recovered.batches.append(
            LiveBatch(
                leaf: batch.leaf, file: file, offset: body.lowerBound, size: body.count,
                ordinal: ordinal, device: batch.device, number: batch.number,
                statement: statement, context: batch.context, received: batch.received,
                firstTime: Instant(milliseconds: times.lowerBound),
                lastTime: Instant(milliseconds: times.upperBound), sequences: sequences,
                events: columns.count))
        if batch.number >= recovered.lastBatches[batch.device]?.number ?? 0 {
            recovered.lastBatches[batch.device] = (batch.number, statement)
        }
        let stream = EventStream(device: batch.device, machine: batch.context.machine)
        for range in columns.sequenceRuns {
            recovered.ranges[stream, default: .init()].insert(range)
        }
    }
}
