import Bytes
import Durable
import Events
import Proofs
import Wire

/// One thing that is wrong in a data directory.
public struct StoreFault: Sendable, Equatable, Codable {
    /// The file, relative to the data directory.
    public var file: String
    /// The byte at which it shows, where there is one.
    public var offset: Int?
    /// What is wrong.
    public var what: String
}

/// What `verify-store` found.
public struct StoreVerdict: Sendable, Equatable, Codable {
    /// Everything that is wrong; empty when the store is whole.
    public var faults: [StoreFault] = []
    /// Leaves of the log that were checked against what they stand for.
    public var leaves: UInt64 = 0
    /// Events whose commitments were recomputed.
    public var events = 0
    /// Checkpoints whose signatures and roots were checked.
    public var checkpoints = 0

    /// Whether nothing is wrong.
    public var isWhole: Bool { faults.isEmpty }
}

extension Store {
    /// Checks everything the store holds against the log, and the log against what was signed.
    ///
    /// Reads every byte of journal, segments, tiles and checkpoints; recomputes every commitment.
    /// Costs about as much as taking the events in did. Files that should not be there are named too.
    /// - Parameter progress: is told the name of each file as it comes up.
    public func verify(progress: (String) -> Void = { _ in }) throws(StorageError)
        -> StoreVerdict
    {
        try sealing.syncResult { () throws(StorageError) in
            try ledger.flushTiles()
            var check = StoreCheck(
                layout: layout, fileSystem: environment.fileSystem, log: ledger.proofLogNow,
                identity: identity, keys: keys, catalogue: catalogue, vault: vault)
            check.checkpoints(ledger.allCheckpoints)
            try check.tiles(progress)
            try check.journal(progress)
            try check.segments(progress)
            check.vaultRecords()
            check.coverage()
            return check.verdict
        }
    }
}

/// The checks of `verify-store`, one method a kind of file.
private struct StoreCheck {
    let layout: StoreLayout
    let fileSystem: any FileSystem
    let log: ProofLog
    let identity: StoreIdentity
    let keys: StoreKeys
    let catalogue: Catalogue
    let vault: Vault
    var verdict = StoreVerdict()
    private var seenLeaves: [Bool]
    private var forgottenLeaves: [ClosedRange<UInt64>] = []
    private var forgottenKeys: Set<KeyNumber> = []

    init(
        layout: StoreLayout, fileSystem: any FileSystem, log: ProofLog, identity: StoreIdentity,
        keys: StoreKeys, catalogue: Catalogue, vault: Vault
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.log = log
        self.identity = identity
        self.keys = keys
        self.catalogue = catalogue
        self.vault = vault
        seenLeaves = [Bool](repeating: false, count: Int(log.size))
    }

    private mutating func fault(_ path: String, _ offset: Int?, _ what: String) {
        verdict.faults.append(StoreFault(file: name(path), offset: offset, what: what))
    }

    private func name(_ path: String) -> String {
        let prefix = layout.directory + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }

    private mutating func fault(_ error: StorageError, in path: String) {
        if case .corrupt(let file, let offset, let why) = error {
            fault(file.contains("/") ? file : path, offset, why)
        } else {
            fault(path, nil, error.message)
        }
    }

    // MARK: What was signed

    mutating func checkpoints(_ notes: [String]) {
        var latest: [UInt8] = []
        for (index, note) in notes.enumerated() {
            latest = Array(note.utf8)
            verdict.checkpoints += 1
            check(latest, layout.checkpoints, "checkpoint \(index + 1)")
        }
        guard !notes.isEmpty else { return }
        do {
            let trusted = try fileSystem.read(layout.latestCheckpoint)
            if trusted != latest {
                fault(layout.latestCheckpoint, 0, "is not the newest checkpoint")
            }
        } catch {
            fault(layout.latestCheckpoint, nil, error.message)
        }
    }

    private mutating func check(_ note: [UInt8], _ path: String, _ name: String) {
        // A note that does not parse is said to be none, whatever is wrong with it.
        guard let signed = try? SignedCheckpoint(parsing: note) else {
            return fault(path, nil, "\(name) is not a checkpoint")
        }
        let (origin, size) = (signed.checkpoint.origin, signed.checkpoint.size)
        guard identity.knows(origin: origin),
            let signers = keys.checkpointKeys(origin: origin),
            signed.note.verdict(of: signers.log) == .valid(unixSeconds: nil),
            signed.unixSeconds(clock: signers.clock) != nil
        else { return fault(path, nil, "\(name) is not signed by this collector") }
        if let sizes = identity.sizes(ofLog: origin), !sizes.contains(size) {
            return fault(path, nil, "\(name) signs \(size) leaves, not its log's")
        }
        guard size <= log.size else {
            return fault(path, nil, "\(name) signs \(size) leaves, the log has \(log.size)")
        }
        if log.root(size: size) != signed.checkpoint.root {
            fault(path, nil, "\(name) signs another log of \(size) leaves")
        }
    }

    // MARK: The log

    mutating func tiles(_ progress: (String) -> Void) throws(StorageError) {
        var expected: Set<String> = []
        for tile in Tile.tiles(size: log.size) {
            expected.insert(tile.path)
            compare(tile.path, Tile.encode(log.hashes(of: tile)), progress)
        }
        for index in 0..<(log.size + 255) / 256 {
            let width = Int(min(256, log.size - index * 256))
            let path = Tile.entriesPath(index: index, width: width)
            expected.insert(path)
            compareEntries(path, from: index * 256, count: width, progress)
        }
        let root = layout.log + "/tile"
        guard fileSystem.exists(root) else { return }
        for path in try files({ () throws(DurableError) in try fileSystem.paths(below: root) })
        where !expected.contains("tile/" + path) {
            fault(root + "/" + path, nil, "does not belong to the log")
        }
    }

    private mutating func compare(
        _ tilePath: String, _ expected: [UInt8], _ progress: (String) -> Void
    ) {
        let path = layout.logFile(tilePath)
        progress(tilePath)
        do {
            let found = try fileSystem.read(path)
            guard found != expected else { return }
            let offset = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }
            fault(path, offset?.offset ?? min(found.count, expected.count), "is not the log's tile")
        } catch {
            fault(path, nil, error.message)
        }
    }

    private mutating func compareEntries(
        _ tilePath: String, from first: UInt64, count: Int, _ progress: (String) -> Void
    ) {
        let path = layout.logFile(tilePath)
        progress(tilePath)
        do {
            let entries = try Tile.decode(entries: try fileSystem.read(path))
            guard entries.count == count else {
                return fault(path, nil, "holds \(entries.count) leaves, not \(count)")
            }
            for (index, entry) in entries.enumerated()
            where MerkleTree.leafHash(of: entry) != log.leafHash(first + UInt64(index)) {
                fault(path, nil, "leaf \(first + UInt64(index)) is not the log's")
            }
        } catch {
            fault(path, nil, "is not an entries tile")
        }
    }

    // MARK: What the leaves stand for

    mutating func journal(_ progress: (String) -> Void) throws(StorageError) {
        for name in try files({ () throws(DurableError) in try fileSystem.list(layout.journal) }) {
            let path = layout.journal + "/" + name
            guard let number = StoreLayout.number(ofFile: name),
                layout.journalFile(number) == path
            else {
                fault(path, nil, "is no journal file")
                continue
            }
            progress("journal/" + name)
            do {
                try journalFile(path, number)
            } catch {
                fault(error, in: path)
            }
        }
    }

    private mutating func journalFile(_ path: String, _ number: UInt64) throws(StorageError) {
        guard var reader = try JournalReader(path, number: number, vault: vault, fileSystem) else {
            throw .corrupt(file: path, offset: 0, why: "not journal file \(number)")
        }
        while !reader.isAtEnd {
            let start = reader.offset
            guard let (record, _) = try reader.next() else {
                throw .corrupt(file: path, offset: start, why: "record is damaged")
            }
            if case .leaf(let leaf) = record { see(leaf, path, start) }
            for batch in try record.batches() { see(batch, path, start) }
        }
    }

    mutating func segments(_ progress: (String) -> Void) throws(StorageError) {
        let through = try catalogue.sealedThrough()
        let known = Set(try catalogue.segmentNumbers())
        let names = try files { () throws(DurableError) in try fileSystem.list(layout.segments) }
        for name in names {
            let path = layout.segments + "/" + name
            guard let id = StoreLayout.number(ofFile: name), known.contains(id),
                layout.segmentFile(id) == path
            else {
                // A crash while sealing leaves the journal file, and this one is made anew.
                if isUnfinished(name, through) { continue }
                fault(path, nil, "is no segment")
                continue
            }
            progress("segments/" + name)
            do {
                try segment(path)
            } catch {
                fault(error, in: path)
            }
        }
        for number in try catalogue.segmentNumbers()
        where !fileSystem.exists(layout.segmentFile(number)) {
            fault(layout.segmentFile(number), nil, "is missing")
        }
    }

    private func isUnfinished(_ name: String, _ through: UInt64) -> Bool {
        guard let id = StoreLayout.number(ofFile: name) else { return false }
        return name.hasSuffix(".segment.new") || StoreLayout.parts(of: id).number > through
    }

    private mutating func segment(_ path: String) throws(StorageError) {
        let directory = try SegmentFile.directory(path, fileSystem)
        let destroyed = vault.destroyed
        var catalogued = try StoreLayout.number(ofPath: path).map { id throws(StorageError) in
            try catalogue.rows(ofSegment: id)
        }
        for block in directory.blocks {
            let row = catalogued?.removeValue(forKey: block.offset)
            do throws(StorageError) {
                if destroyed.contains(block.key) {
                    // Its content is erased; that nobody touched what is left can still be told.
                    try SegmentFile.check(path, block, fileSystem)
                    continue
                }
                let batches = try SegmentFile.block(
                    path, offset: block.offset, size: block.size, key: block.key, vault: vault,
                    fileSystem)
                guard batches.map(\.leaf) == block.leaves,
                    batches.allSatisfy({ $0.context.student == block.student })
                else {
                    throw StorageError.corrupt(
                        file: path, offset: block.offset,
                        why: "block is not what the directory says")
                }
                for batch in batches { see(batch, path, block.offset) }
                compare(row, with: block, batches, path)
            } catch {
                fault(error, in: path)
            }
        }
        for offset in (catalogued ?? [:]).keys.sorted() {
            fault(
                layout.catalogue, nil,
                "names a block at byte \(offset) of \(name(path)): none is there")
        }
        for record in try SegmentFile.records(path, directory, vault: vault, fileSystem) {
            see(record, path, directory.records.offset)
        }
    }

    /// The catalogue holds no evidence, but a row that is missing or wrong would hide some.
    private mutating func compare(
        _ row: (block: SegmentFile.BlockEntry, batches: [BatchRow])?,
        with block: SegmentFile.BlockEntry, _ batches: [StoredBatch], _ path: String
    ) {
        let expected = batches.compactMap { batch in
            batch.upload.columns.timeRange.map { BatchRow(batch, $0) }
        }
        guard row?.block != block || row?.batches != expected else { return }
        fault(
            layout.catalogue, nil,
            "its rows of the block at byte \(block.offset) of \(name(path)) are not what is there")
    }

    private mutating func see(_ batch: StoredBatch, _ path: String, _ offset: Int) {
        guard mark(batch.leaf, path, offset) else { return }
        guard log.leafHash(batch.leaf) == batch.leafData.leafHash else {
            return fault(path, offset, "batch is not leaf \(batch.leaf) of the log")
        }
        let columns = batch.upload.columns
        // The statement is the log's, so what remains is whether the events are the statement's.
        guard let statement = try? StatementFile(batch.upload.statement).statement,
            statement.root == columns.root(seed: batch.upload.seed, 0..<columns.count)
        else { return fault(path, offset, "events of leaf \(batch.leaf) are not the signed ones") }
        verdict.events += columns.count
    }

    private mutating func see(_ record: StoredLeafRecord, _ path: String, _ offset: Int) {
        guard mark(record.leaf, path, offset) else { return }
        guard log.leafHash(record.leaf) == record.leafData.leafHash else {
            return fault(path, offset, "record is not leaf \(record.leaf) of the log")
        }
        guard let forgotten = ForgettingRecord(record) else { return }
        forgottenKeys.formUnion(forgotten.keys)
        for range in forgotten.leaves where range.count == 2 && range[0] <= range[1] {
            forgottenLeaves.append(range[0]...range[1])
        }
    }

    /// A key that is gone must be gone on purpose: a leaf of the log says so (the trust table).
    mutating func vaultRecords() {
        for offset in vault.faults() {
            fault(layout.subjectKeys, offset, "a data key cannot be read")
        }
        for number in vault.destroyed.subtracting(forgottenKeys).sorted() {
            fault(
                layout.subjectKeys, SubjectKeyRecord.offset(of: number),
                "key \(number) was destroyed and no leaf says why: a loss, not an erasure")
        }
        for number in forgottenKeys.subtracting(vault.destroyed).sorted() {
            fault(
                layout.subjectKeys, SubjectKeyRecord.offset(of: number),
                "key \(number) is there again although a leaf says that it was destroyed")
        }
    }

    private mutating func mark(_ leaf: UInt64, _ path: String, _ offset: Int) -> Bool {
        guard leaf < log.size else {
            fault(path, offset, "leaf \(leaf) is not in the log")
            return false
        }
        guard !seenLeaves[Int(leaf)] else {
            fault(path, offset, "leaf \(leaf) stands twice")
            return false
        }
        seenLeaves[Int(leaf)] = true
        verdict.leaves += 1
        return true
    }

    /// Every leaf must stand for something that is there.
    ///
    /// Or else a leaf must say that it was forgotten, with these numbers.
    mutating func coverage() {
        for range in forgottenLeaves where range.upperBound < log.size {
            for leaf in range { seenLeaves[Int(leaf)] = true }
        }
        var first: Int?
        for leaf in 0...seenLeaves.count {
            let isMissing = leaf < seenLeaves.count && !seenLeaves[leaf]
            if isMissing, first == nil { first = leaf }
            if !isMissing, let start = first {
                fault(
                    "log", nil,
                    start == leaf - 1
                        ? "what leaf \(start) stands for is missing"
                        : "what leaves \(start) to \(leaf - 1) stand for is missing")
                first = nil
            }
        }
    }
}

extension FileSystem {
    /// The files below a directory, as paths relative to it.
    func paths(below path: String) throws(DurableError) -> [String] {
        var found: [String] = []
        for name in try list(path) {
            let inner = path + "/" + name
            if isDirectory(inner) {
                found += try paths(below: inner).map { name + "/" + $0 }
            } else {
                found.append(name)
            }
        }
        return found
    }
}
