import Bytes
import Durable
public import Events
import Glibc
import Synchronization
import Wire

extension Store {
    /// The events of a query, ordered by machine, device and sequence number.
    public func events(matching query: EventQuery) throws(StorageError) -> [StoredEvent] {
        var found: [StoredEvent] = []
        var decoder = ContentDecoder()
        for batch in try batches(matching: query) {
            try append(batch, query, &decoder, to: &found)
        }
        // Batches of a device mostly follow one another: sorting only where they do not is a linear look.
        func precedes(_ left: StoredEvent, _ right: StoredEvent) -> Bool {
            if left.device == right.device, left.context.machine == right.context.machine {
                return left.event.sequence < right.event.sequence
            }
            return (left.context.machine, left.device) < (right.context.machine, right.device)
        }
        let isSorted = zip(found, found.dropFirst()).allSatisfy { !precedes($1, $0) }
        if !isSorted { found.sort(by: precedes) }
        if found.count > query.limit { found.removeLast(found.count - query.limit) }
        return found
    }

    /// The batches that hold events of a query, in leaf order.
    public func batches(matching query: EventQuery) throws(StorageError) -> [StoredBatch] {
        try whateverIsMerged { () throws(StorageError) in try batchesNow(matching: query) }
    }

    private func batchesNow(matching query: EventQuery) throws(StorageError) -> [StoredBatch] {
        var found: [StoredBatch] = []
        // Live first: a file that is sealed in between is then found in both places, never in none.
        let entries = live.batches { $0.matches(query) }
        found += try read(entries)
        let known = Set(found.map(\.leaf))
        for block in try catalogue.blocks(query) {
            for batch in try read(block)
            where batch.matches(query) && !known.contains(batch.leaf) {
                found.append(batch)
            }
        }
        return found.sorted { $0.leaf < $1.leaf }
    }

    /// One batch by its leaf; nil when the leaf is none.
    public func batch(leaf: UInt64) throws(StorageError) -> StoredBatch? {
        try whateverIsMerged { () throws(StorageError) in try batchNow(leaf: leaf) }
    }

    private func batchNow(leaf: UInt64) throws(StorageError) -> StoredBatch? {
        if let entry = live.batch(leaf: leaf), let batch = try read([entry]).first { return batch }
        guard let block = try catalogue.block(leaf: leaf) else { return nil }
        return try read(block).first { $0.leaf == leaf }
    }

    /// The batches of a device by number, in that order.
    public func batches(of device: DeviceName, numbers: ClosedRange<UInt64>)
        throws(StorageError) -> [StoredBatch]
    {
        try whateverIsMerged { () throws(StorageError) in try batchesNow(of: device, numbers) }
    }

    private func batchesNow(of device: DeviceName, _ numbers: ClosedRange<UInt64>)
        throws(StorageError) -> [StoredBatch]
    {
        let entries = live.batches { $0.device == device && numbers.contains($0.number) }
        var found = try read(entries)
        let known = Set(found.map(\.leaf))
        let leaves = try catalogue.batchLeaves(device: device, numbers: numbers)
        var read: Set<UInt64> = []
        for leaf in leaves where !known.contains(leaf) && !read.contains(leaf) {
            guard let block = try catalogue.block(leaf: leaf) else { continue }
            for batch in try self.read(block)
            where batch.device == device && numbers.contains(batch.number)
                && !known.contains(batch.leaf) && !read.contains(batch.leaf)
            {
                found.append(batch)
                read.insert(batch.leaf)
            }
        }
        return found.sorted { $0.number < $1.number }
    }

    // MARK: In the order of admission

    /// Accepted batches from a position on, in the order in which they were accepted.
    public func entries(from position: JournalPosition, limit: Int) throws(StorageError)
        -> [JournalEntry]
    {
        let entries = live.batches(from: position.leaf, limit: limit)
        let firstLive = entries.first?.leaf ?? live.end
        var found: [JournalEntry] = []
        if position.leaf < firstLive {
            let leaves = try catalogue.batchLeaves(from: position.leaf, limit: limit)
            found += try sealed(leaves.filter { $0 < firstLive }).map(JournalEntry.init)
        }
        if found.count < limit {
            found += try readInOrder(
                entries.prefix(limit - found.count), from: position
            ).map(JournalEntry.init)
        }
        return found
    }

    /// Sealed batches; a block that holds several is read once.
    private func sealed(_ leaves: [UInt64]) throws(StorageError) -> [StoredBatch] {
        let wanted = Set(leaves)
        var found: [UInt64: StoredBatch] = [:]
        for leaf in leaves where found[leaf] == nil {
            guard let block = try catalogue.block(leaf: leaf) else { continue }
            for batch in try read(block) where wanted.contains(batch.leaf) {
                found[batch.leaf] = batch
            }
        }
        return leaves.compactMap { found[$0] }
    }

    /// What is still in memory from there, the rest from the journal.
    private func readInOrder(_ entries: ArraySlice<LiveBatch>, from position: JournalPosition)
        throws(StorageError) -> [StoredBatch]
    {
        let recent = live.recent(entries, forgettingBefore: position.leaf)
        var found: [StoredBatch] = []
        var missing: [LiveBatch] = []
        for entry in entries {
            guard let batch = recent[entry.leaf] else {
                missing.append(entry)
                continue
            }
            if !missing.isEmpty {
                found += try read(missing)
                missing.removeAll()
            }
            found.append(batch)
        }
        return missing.isEmpty ? found : found + (try read(missing))
    }

    /// Returns once a leaf at the position or after it is in the log, or the store is closed.
    public func waitForEntries(from position: JournalPosition) async {
        await live.wait(for: position.leaf)
    }

    /// The position after everything that is accepted now.
    public var end: JournalPosition { JournalPosition(leaf: live.end) }

    /// Reads again when a segment's file went because it was merged into another meanwhile.
    private func whateverIsMerged<Value>(_ read: () throws(StorageError) -> Value)
        throws(StorageError) -> Value
    {
        for _ in 0..<3 {
            do {
                return try read()
            } catch .file(.failed(_, let path, ENOENT)) where path.hasSuffix(".segment") {
                continue
            }
        }
        return try read()
    }

    // MARK: Decoding

    private func append(
        _ batch: StoredBatch, _ query: EventQuery, _ decoder: inout ContentDecoder,
        to found: inout [StoredEvent]
    ) throws(StorageError) {
        let columns = batch.upload.columns
        for index in 0..<columns.count {
            let time = Instant(milliseconds: columns.wallMilliseconds[index])
            guard query.kinds.isEmpty || query.kinds.contains(columns.kinds[index]),
                query.from.map({ time >= $0 }) ?? true, query.to.map({ time < $0 }) ?? true
            else { continue }
            let event: Event
            do {
                event = try decoder.event(index, of: columns)
            } catch {
                throw .wire(error)
            }
            found.append(
                StoredEvent(
                    leaf: batch.leaf, index: index, device: batch.device, context: batch.context,
                    received: batch.received, event: event,
                    content: Array(columns.content(index)),
                    monoMilliseconds: columns.monoMilliseconds[index]))
        }
    }

    /// Reads journal records, each once however many of its batches are wanted.
    private func read(_ entries: [LiveBatch]) throws(StorageError) -> [StoredBatch] {
        var found: [StoredBatch] = []
        found.reserveCapacity(entries.count)
        var last: (file: UInt64, offset: Int, batches: [StoredBatch])?
        for entry in entries {
            if last?.file != entry.file || last?.offset != entry.offset {
                guard let batches = try record(of: entry) else {
                    // Sealed since: the segment has it.
                    if let block = try catalogue.block(leaf: entry.leaf) {
                        found += try read(block).filter { $0.leaf == entry.leaf }
                    }
                    continue
                }
                last = (entry.file, entry.offset, batches)
            }
            if let batches = last?.batches, entry.ordinal < batches.count {
                found.append(batches[entry.ordinal])
            }
        }
        return found
    }

    private func record(of entry: LiveBatch) throws(StorageError) -> [StoredBatch]? {
        let path = layout.journalFile(entry.file)
        guard environment.fileSystem.exists(path) else { return nil }
        let bytes: [UInt8]
        do {
            let start = entry.offset - JournalFormat.recordHeaderSize
            bytes = try environment.fileSystem.read(
                path, offset: start, count: entry.size + JournalFormat.recordHeaderSize)
        } catch {
            if !environment.fileSystem.exists(path) { return nil }
            throw .file(error)
        }
        guard let body = JournalFormat.body(bytes, 0) else {
            throw .corrupt(file: path, offset: entry.offset, why: "record is damaged")
        }
        guard let seal = try seal(ofFile: entry.file) else { return nil }
        do {
            guard let plain = seal.open(bytes[body]) else { throw BytesError.corruptFrame }
            return try JournalRecord(decoding: plain).batches()
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: path, offset: entry.offset, why: "record does not decode")
        }
    }

    /// What opens a journal file's records; nil when the file is sealed since.
    private func seal(ofFile number: UInt64) throws(StorageError) -> JournalFormat.Seal? {
        if let known = journalSeals.withLock({ $0[number] }) { return known }
        let path = layout.journalFile(number)
        let header: [UInt8]
        do {
            header = try environment.fileSystem.read(
                path, offset: 0, count: JournalFormat.headerSize)
        } catch {
            if !environment.fileSystem.exists(path) { return nil }
            throw .file(error)
        }
        let seal = JournalFormat.seal(of: header, number: number, vault: vault)
        journalSeals.withLock { $0[number] = seal }
        // Its key is overwritten just before a sealed file goes.
        return seal
    }

    private func read(_ block: BlockRow) throws(StorageError) -> [StoredBatch] {
        try SegmentFile.block(
            layout.segmentFile(block.segment), offset: block.offset, size: block.size,
            key: block.key, vault: vault, environment.fileSystem)
    }
}

extension JournalEntry {
    init(_ batch: StoredBatch) {
        self.init(batch: batch, next: JournalPosition(leaf: batch.leaf + 1))
    }
}

extension LiveBatch {
    func matches(_ query: EventQuery) -> Bool {
        (query.student.map { $0 == context.student } ?? true)
            && (query.machine.map { $0 == context.machine } ?? true)
            && (query.from.map { lastTime >= $0 } ?? true)
            && (query.to.map { firstTime < $0 } ?? true)
    }
}

extension StoredBatch {
    func matches(_ query: EventQuery) -> Bool {
        guard let times = upload.columns.timeRange else { return false }
        return (query.student.map { $0 == context.student } ?? true)
            && (query.machine.map { $0 == context.machine } ?? true)
            && (query.from.map { times.upperBound >= $0.milliseconds } ?? true)
            && (query.to.map { times.lowerBound < $0.milliseconds } ?? true)
    }
}
