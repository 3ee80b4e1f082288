import Bytes
import Dispatch
import Durable
import Events
import Proofs
import Synchronization
import Wire

/// The only writer of the journal and the log.
///
/// Requests wait in a bounded line. One serial queue takes all that wait, gives them their leaves,
/// writes them with one append and makes them durable with one `fdatasync`; only then is anybody
/// answered. @unchecked: everything below `line` is touched on `queue` only.
final class Ledger: @unchecked Sendable {
    struct SignedBatch: Sendable {
        var device: DeviceName
        var number: UInt64
        var previous: Hash
        var statement: Hash
        var context: SessionContext
        var received: Instant
        var upload: [UInt8]
        var isCompressed: Bool
        /// What the upload says.
        var decoded: BatchUpload
        /// Its statement taken apart.
        var file: StatementFile
        var firstTime: Instant
        var lastTime: Instant
        var sequences: ClosedRange<UInt64>
        var events: Int
    }

    struct Lines: Sendable {
        struct Batch: Sendable {
            var context: SessionContext
            var seed: [UInt8]
            var root: Hash
            var linesSize: Int
            var first: (sequence: UInt64, wall: Int64)
            var last: (sequence: UInt64, wall: Int64)
            var times: ClosedRange<Int64>
            var sequences: ClosedRange<UInt64>
            var columns: EventColumns
        }
        var device: DeviceName
        var received: Instant
        var idempotency: (key: IdempotencyKey, receipt: [UInt8])?
        var batches: [Batch]
        var compressedLines: [UInt8]
    }

    struct Leaf: Sendable {
        var kind: LeafKind
        var record: [UInt8]
        var at: Instant
    }

    enum Request: Sendable {
        case signed(SignedBatch)
        case lines(Lines)
        case leaf(Leaf)
    }

    /// What a request became: its first leaf, and when it was first received.
    struct Entry: Sendable {
        var leaf: UInt64
        var received: Instant
        var isDuplicate = false
        /// The hash that the leaf carries.
        var reference: Hash?
    }

    typealias Answer = Result<Entry, StorageError>

    /// The last accepted batch of a device.
    private struct Chain {
        var next: UInt64
        var previous: Hash
    }

    private struct Waiting {
        var request: Request
        var continuation: CheckedContinuation<Answer, Never>
    }

    private struct Line {
        var waiting: [Waiting] = []
        var isScheduled = false
        var isStopped = false
    }

    private let line = Mutex(Line())
    private let queue = DispatchQueue(label: "daybook.ledger")
    private let layout: StoreLayout
    private let environment: StoreEnvironment
    private let options: StoreOptions
    private let keys: StoreKeys
    private let origin: String
    private let catalogue: Catalogue
    private let live: LiveIndex
    private let vault: Vault

    // On `queue` only.
    private var proofLog: ProofLog
    private var checkpoints: CheckpointFile
    private var chains: [DeviceName: Chain]
    private var file: any DurableFile
    private var seal: JournalFormat.Seal
    private var fileNumber: UInt64
    private var fileEvents = 0
    private var closedFiles: [UInt64]
    /// What files hold, gathered while they are written, so that sealing need not read them. A file that
    /// was there before, or that found no room here, is not among them.
    private var drafts: [UInt64: SegmentBuilder] = [:]
    /// Set once a sync failed: nobody knows what is on disk until the store is opened anew.
    private var hasFailed = false

    init(
        layout: StoreLayout, environment: StoreEnvironment, options: StoreOptions,
        keys: StoreKeys, origin: String, catalogue: Catalogue, live: LiveIndex,
        vault: Vault, recovered: RecoveredJournal
    ) throws(StorageError) {
        self.layout = layout
        self.environment = environment
        self.options = options
        self.keys = keys
        self.origin = origin
        self.catalogue = catalogue
        self.live = live
        self.vault = vault
        proofLog = recovered.proofLog
        checkpoints = try CheckpointFile(layout.checkpoints, environment.fileSystem)
        chains = [:]
        for (device, last) in recovered.lastBatches {
            chains[device] = Chain(next: last.number + 1, previous: last.statement)
        }
        closedFiles = recovered.files
        fileNumber = (recovered.files.last ?? recovered.sealedThrough) + 1
        (file, seal) = try Ledger.newFile(fileNumber, layout, environment.fileSystem, vault)
        drafts[fileNumber] = SegmentBuilder()
    }

    private static func newFile(
        _ number: UInt64, _ layout: StoreLayout, _ fileSystem: any FileSystem, _ vault: Vault
    ) throws(StorageError) -> (any DurableFile, JournalFormat.Seal) {
        let (header, seal) = JournalFormat.newFile(number: number, vault: vault)
        let file = try files { () throws(DurableError) in
            let file = try fileSystem.open(layout.journalFile(number), creating: true)
            try file.truncate(to: 0)
            try file.append(header)
            try file.synchronize()
            return file
        }
        return (file, seal)
    }

    // MARK: Requests

    /// Stores a request; returns when it is durable or refused.
    func store(_ request: Request) async throws(StorageError) -> Entry {
        let answer: Answer = await withCheckedContinuation { continuation in
            enqueue(Waiting(request: request, continuation: continuation))
        }
        return try answer.get()
    }

    /// How many requests wait.
    var waitingCount: Int { line.withLock { $0.waiting.count } }

    private func enqueue(_ waiting: Waiting) {
        let verdict: StorageError? = line.withLock { line in
            guard !line.isStopped else { return .stopped }
            guard line.waiting.count < options.waitingMaximum else {
                return .full(retryAfterSeconds: 2)
            }
            line.waiting.append(waiting)
            if !line.isScheduled {
                line.isScheduled = true
                queue.async { self.drain() }
            }
            return nil
        }
        if let verdict { waiting.continuation.resume(returning: .failure(verdict)) }
    }

    /// Everything one append holds: its bytes, and what follows from it once it is durable.
    private struct Group {
        var writer = ByteWriter()
        var nextLeaf: UInt64
        var chains: [DeviceName: Chain] = [:]
        var statements: [DeviceName: [UInt64: Entry]] = [:]
        var statementHashes: [DeviceName: [UInt64: Hash]] = [:]
        var leaves: [[UInt8]] = []
        var batches: [LiveBatch] = []
        var decoded: [StoredBatch] = []
        var records: [StoredLeafRecord] = []
        var receipts: [SegmentBuilder.Receipt] = []
        var answers: [Answer] = []
        var events = 0
    }

    private func drain() {
        let waiting = line.withLock { line in
            line.isScheduled = false
            defer { line.waiting = [] }
            return line.waiting
        }
        guard !waiting.isEmpty else { return }
        var group = Group(nextLeaf: proofLog.size)
        for item in waiting { group.answers.append(take(item.request, into: &group)) }
        var isWritten = group.writer.count > 0
        if isWritten, let error = hasFailed ? .stopped : write(group) {
            isWritten = false
            group.answers = group.answers.map { _ in .failure(error) }
        }
        for (item, answer) in zip(waiting, group.answers) {
            item.continuation.resume(returning: answer)
        }
        // Nobody waits for this any more.
        if isWritten { gather(group) }
        rotateIfFull()
    }

    private func take(_ request: Request, into group: inout Group) -> Answer {
        do {
            switch request {
            case .signed(let batch): return .success(try take(batch, into: &group))
            case .lines(let lines): return .success(take(lines, into: &group))
            case .leaf(let leaf): return .success(take(leaf, into: &group))
            }
        } catch {
            return .failure(error)
        }
    }

    private func take(_ batch: SignedBatch, into group: inout Group) throws(StorageError) -> Entry {
        let chain = group.chains[batch.device] ?? chains[batch.device]
        let next = chain?.next ?? 0
        if batch.number < next, let known = try known(batch, group) { return known }
        if batch.number == next, let chain, chain.previous != batch.previous {
            throw .brokenChain(number: batch.number)
        }
        if next == 0, batch.number == 0, batch.previous != .zero {
            throw .brokenChain(number: 0)
        }
        if batch.number > next {
            // evidence.md 2.4: a skipped number is accepted, but a leaf names the missing range.
            noteGap(batch.device, missing: next...batch.number - 1, at: batch.received, &group)
        } else if batch.number < next {
            noteGapClosed(batch.device, batch.number, at: batch.received, &group)
        }
        let entry = Entry(leaf: group.nextLeaf, received: batch.received)
        let body = JournalRecord.signed(
            .init(
                received: batch.received, leaf: entry.leaf, isCompressed: batch.isCompressed,
                upload: batch.upload)
        ).encoded()
        let place = appendRecord(body, to: &group)
        append(
            leaf: LeafData(
                kind: .batch, reference: batch.statement, time: batch.received.rfc3339),
            to: &group)
        group.batches.append(
            LiveBatch(
                leaf: entry.leaf, file: fileNumber, offset: place.lowerBound, size: place.count,
                ordinal: 0,
                device: batch.device, number: batch.number, statement: batch.statement,
                context: batch.context, received: batch.received, firstTime: batch.firstTime,
                lastTime: batch.lastTime, sequences: batch.sequences, events: batch.events))
        group.decoded.append(
            StoredBatch(
                leaf: entry.leaf, received: batch.received, device: batch.device,
                number: batch.number, context: batch.context, isCollectorOrigin: false,
                upload: batch.decoded, file: batch.file))
        group.events += batch.events
        group.statementHashes[batch.device, default: [:]][batch.number] = batch.statement
        group.statements[batch.device, default: [:]][batch.number] = entry
        if batch.number >= next {
            group.chains[batch.device] = Chain(next: batch.number + 1, previous: batch.statement)
        }
        return entry
    }

    /// The entry of a batch whose number came before: the old one for the same statement, a conflict
    /// for another; nil for a number that was skipped then and comes now.
    private func known(_ batch: SignedBatch, _ group: Group) throws(StorageError) -> Entry? {
        let statement: Hash
        var entry: Entry
        if let hash = group.statementHashes[batch.device]?[batch.number],
            let stored = group.statements[batch.device]?[batch.number]
        {
            (statement, entry) = (hash, stored)
        } else if let stored = live.batches(where: {
            $0.number == batch.number && $0.device == batch.device
        }).first {
            statement = stored.statement
            entry = Entry(leaf: stored.leaf, received: stored.received)
        } else if let stored = try catalogue.batch(device: batch.device, number: batch.number) {
            statement = stored.statement
            entry = Entry(leaf: stored.leaf, received: stored.received)
        } else {
            return nil
        }
        guard statement == batch.statement else { throw .conflict(number: batch.number) }
        entry.isDuplicate = true
        return entry
    }

    private func take(_ lines: Lines, into group: inout Group) -> Entry {
        var chain =
            group.chains[lines.device] ?? chains[lines.device]
            ?? Chain(next: 0, previous: .zero)
        let firstLeaf = group.nextLeaf
        var record = JournalRecord.LinesRecord(
            received: lines.received, firstLeaf: firstLeaf, device: lines.device,
            idempotency: lines.idempotency, batches: [], compressedLines: lines.compressedLines)
        var live: [LiveBatch] = []
        for (ordinal, batch) in lines.batches.enumerated() {
            let statement = BatchStatement(
                origin: origin, device: lines.device.rawValue, isCollectorOrigin: true,
                session: batch.context.session.rawValue, host: batch.context.machine.rawValue,
                user: batch.context.student.rawValue, number: chain.next,
                firstSequence: batch.first.sequence, lastSequence: batch.last.sequence,
                firstWall: batch.first.wall, lastWall: batch.last.wall, root: batch.root,
                previous: chain.previous)
            let file = StatementFile(statement, signedBy: keys.unsignedAgent)
            let note = file.note.bytes
            let hash = BatchStatement.hash(ofFile: note)
            record.batches.append(
                .init(seed: batch.seed, statement: note, linesSize: batch.linesSize))
            live.append(
                LiveBatch(
                    leaf: group.nextLeaf, file: fileNumber, offset: 0, size: 0, ordinal: ordinal,
                    device: lines.device, number: chain.next, statement: hash,
                    context: batch.context, received: lines.received,
                    firstTime: Instant(milliseconds: batch.times.lowerBound),
                    lastTime: Instant(milliseconds: batch.times.upperBound),
                    sequences: batch.sequences, events: batch.columns.count))
            group.decoded.append(
                StoredBatch(
                    leaf: group.nextLeaf, received: lines.received, device: lines.device,
                    number: chain.next, context: batch.context, isCollectorOrigin: true,
                    upload: BatchUpload(
                        seed: batch.seed, statement: note, columns: batch.columns),
                    file: file))
            group.events += batch.columns.count
            append(
                leaf: LeafData(kind: .batch, reference: hash, time: lines.received.rfc3339),
                to: &group)
            chain = Chain(next: chain.next + 1, previous: hash)
        }
        let body = JournalRecord.lines(record).encoded()
        let place = appendRecord(body, to: &group)
        for index in live.indices {
            live[index].offset = place.lowerBound
            live[index].size = place.count
        }
        group.batches.append(contentsOf: live)
        if let (key, receipt) = lines.idempotency {
            group.receipts.append((lines.device, key, receipt, lines.received))
        }
        group.chains[lines.device] = chain
        return Entry(leaf: firstLeaf, received: lines.received)
    }

    private func take(_ leaf: Leaf, into group: inout Group) -> Entry {
        let record = StoredLeafRecord(
            leaf: group.nextLeaf, kind: leaf.kind, at: leaf.at,
            salt: environment.randomBytes(Commitment.saltSize), record: leaf.record)
        _ = appendRecord(JournalRecord.leaf(record).encoded(), to: &group)
        group.records.append(record)
        let data = record.leafData
        append(leaf: data, to: &group)
        return Entry(leaf: record.leaf, received: leaf.at, reference: data.reference)
    }

    private func noteGap(
        _ device: DeviceName, missing: ClosedRange<UInt64>, at: Instant, _ group: inout Group
    ) {
        let record =
            "{\"device\":\"\(device.rawValue)\",\"first\":\(missing.lowerBound),"
            + "\"last\":\(missing.upperBound),\"what\":\"missing batches\"}"
        _ = take(Leaf(kind: .gap, record: Array(record.utf8), at: at), into: &group)
    }

    private func noteGapClosed(
        _ device: DeviceName, _ number: UInt64, at: Instant, _ group: inout Group
    ) {
        let record =
            "{\"device\":\"\(device.rawValue)\",\"first\":\(number),"
            + "\"last\":\(number),\"what\":\"missing batch arrived\"}"
        _ = take(Leaf(kind: .gap, record: Array(record.utf8), at: at), into: &group)
    }

    /// Seals a record; returns where its body will lie in the file.
    private func appendRecord(_ body: [UInt8], to group: inout Group) -> Range<Int> {
        let offset = file.size + group.writer.count + JournalFormat.recordHeaderSize
        let sealed = seal.close(body, nonce: vault.nonce())
        JournalFormat.appendRecord(sealed, to: &group.writer)
        return offset..<offset + sealed.count
    }

    private func append(leaf data: LeafData, to group: inout Group) {
        group.leaves.append(data.bytes)
        group.nextLeaf += 1
    }

    /// Writes and syncs a group; on success everybody may see it. Returns what went wrong.
    private func write(_ group: Group) -> StorageError? {
        let before = file.size
        do {
            try file.append(group.writer.bytes)
        } catch {
            return undo(to: before, after: error)
        }
        do {
            try file.synchronize()
        } catch {
            // After a failed sync nobody knows what is on disk: nothing may be added any more.
            return stop(.file(error))
        }
        for leaf in group.leaves { proofLog.append(leaf) }
        for (device, chain) in group.chains { chains[device] = chain }
        fileEvents += group.events
        live.add(group.batches, decoded: group.decoded, end: proofLog.size)
        return nil
    }

    /// Adds a group that is durable to what its file holds.
    private func gather(_ group: Group) {
        do throws(StorageError) {
            try drafts[fileNumber]?.add(
                group.decoded, group.records, group.receipts,
                leaves: group.nextLeaf - UInt64(group.leaves.count)..<group.nextLeaf)
        } catch {
            // Sealing then reads the file, and says what is wrong with it.
            drafts[fileNumber] = nil
        }
        let size = drafts.values.reduce(0) { $0 + $1.sizeInMemory }
        if size > StorageLimits.draftsSizeMaximum { drafts[fileNumber] = nil }
    }

    private func undo(to size: Int, after error: DurableError) -> StorageError {
        do {
            try file.truncate(to: size)
        } catch {
            return stop(.file(error))
        }
        // ENOSPC and EDQUOT pass when somebody makes room; the agents keep what was refused.
        return error.code == 28 || error.code == 122 ? .full(retryAfterSeconds: 30) : .file(error)
    }

    private func stop(_ error: StorageError) -> StorageError {
        line.withLock { $0.isStopped = true }
        hasFailed = true
        return error
    }

    // MARK: Journal files

    private func rotateIfFull() {
        guard
            file.size >= options.journalFileSizeMaximum
                || fileEvents >= options.journalFileEventsMaximum
        else { return }
        do {
            try rotate()
        } catch {
            // The old file goes on being used; the next group tries again.
        }
    }

    private func rotate() throws(StorageError) {
        let next = try Ledger.newFile(fileNumber + 1, layout, environment.fileSystem, vault)
        file.close()
        (file, seal) = next
        closedFiles.append(fileNumber)
        fileNumber += 1
        fileEvents = 0
        drafts[fileNumber] = SegmentBuilder()
    }

    /// Closes the open journal file if it holds anything, and names the files that can be sealed.
    func closeJournalFile() throws(StorageError) -> [UInt64] {
        try onQueue { () throws(StorageError) in
            if file.size > seal.headerSize { try rotate() }
            return closedFiles
        }
    }

    /// The closed journal files, oldest first.
    var filesToSeal: [UInt64] { onQueue { closedFiles } }

    /// Forgets a journal file that is a segment now.
    func forget(file number: UInt64) {
        onQueue {
            closedFiles.removeAll { $0 == number }
            drafts[number] = nil
        }
    }

    /// What a closed journal file holds, if it was gathered while it was written.
    func draft(of number: UInt64) -> SegmentBuilder? { onQueue { drafts[number] } }

    // MARK: The log

    var treeSize: UInt64 { onQueue { proofLog.size } }

    /// Flushes the tiles, signs the tree as it stands, and keeps the checkpoint in both places.
    func checkpoint(at now: Instant) throws(StorageError) -> String {
        try onQueue { () throws(StorageError) in try sign(at: now) }
    }

    private func sign(at now: Instant) throws(StorageError) -> String {
        try files { () throws(DurableError) in try proofLog.flush() }
        let size = proofLog.size
        if checkpoints.sizes.last == size, let latest = checkpoints.notes.last {
            return latest
        }
        let note = Checkpoint(origin: origin, size: size, root: proofLog.root).signed(
            log: keys.log, clock: keys.clock,
            unixSeconds: UInt64(max(0, now.milliseconds / 1_000)))
        try files { () throws(DurableError) in
            // evidence.md 3.4: outside the store first, published after that.
            try environment.fileSystem.replace(layout.latestCheckpoint, with: Array(note.utf8))
            try checkpoints.append(note, size: size)
        }
        return note
    }

    /// The store at one moment between two appends.
    struct Moment {
        /// The checkpoint over exactly the leaves of the moment.
        var checkpoint: String
        var log: ProofLog
        /// Every checkpoint up to it.
        var notes: [String]
        /// The journal files, oldest first, with as much of each as is durable.
        var journal: [(number: UInt64, size: Int)]
    }

    /// Signs a checkpoint and says what belongs to it.
    ///
    /// - Parameter alongside: runs at the same moment, while no append can: whatever it sees refers to
    ///   no later leaf.
    func moment<Value>(
        at now: Instant, alongside: () throws(StorageError) -> Value
    ) throws(StorageError) -> (Moment, Value) {
        try onQueue { () throws(StorageError) in
            guard !hasFailed else { throw .stopped }
            let value = try alongside()
            let note = try sign(at: now)
            var journal: [(number: UInt64, size: Int)] = []
            for number in closedFiles {
                let path = layout.journalFile(number)
                let size = try files { () throws(DurableError) in
                    try environment.fileSystem.size(path)
                }
                journal.append((number, size))
            }
            journal.append((fileNumber, file.size))
            let moment = Moment(
                checkpoint: note, log: proofLog, notes: checkpoints.notes, journal: journal)
            return (moment, value)
        }
    }

    /// Appends one leaf before anybody else can; for the first leaf of a history.
    func appendFirst(_ leaf: Leaf) throws(StorageError) {
        try onQueue { () throws(StorageError) in
            var group = Group(nextLeaf: proofLog.size)
            _ = take(leaf, into: &group)
            if let error = write(group) { throw error }
            gather(group)
        }
    }

    func flushTiles() throws(StorageError) {
        try onQueue { () throws(StorageError) in
            try files { () throws(DurableError) in try proofLog.flush() }
        }
    }

    var allCheckpoints: [String] { onQueue { checkpoints.notes } }
    func firstCheckpoint(covering leaf: UInt64) -> String? {
        onQueue { checkpoints.first(covering: leaf) }
    }
    func leafData(_ index: UInt64) throws(StorageError) -> [UInt8] {
        try onQueue { () throws(StorageError) in try proofLog.leafData(index) }
    }

    /// A copy of the log as it stands, for proofs and checks.
    var proofLogNow: ProofLog { onQueue { proofLog } }

    /// Waits until all that was accepted is written, then stops taking requests.
    func close() {
        line.withLock { $0.isStopped = true }
        onQueue {
            drain()
            file.close()
        }
    }

    private func onQueue<Value, Failure: Error>(_ body: () throws(Failure) -> Value)
        throws(Failure) -> Value
    {
        try queue.syncResult(body)
    }
}
