import Durable
import Events
import Wire

/// What merging segments did.
public struct MergeReport: Sendable, Equatable, Codable {
    /// Segments that became one.
    public var merged = 0
    /// Events in it.
    public var events = 0
    /// Bytes of the segments before.
    public var sizeBefore = 0
    /// Bytes of the segment after.
    public var sizeAfter = 0

    /// Nothing was done.
    public init() {}
}

extension Store {
    /// Makes one segment of all that were sealed since the last merge: each student's day in a few
    /// large blocks, compressed harder than there was time for by day.
    ///
    /// Memory holds one student's events at a time. A crash at any moment leaves the old segments or
    /// the new one with its rows; files that are left over are removed when the store is opened.
    /// - Parameter progress: is told how many of how many students are done.
    public func mergeSegments(progress: (Int, Int) -> Void = { _, _ in }) throws(StorageError)
        -> MergeReport
    {
        try sealing.syncResult { () throws(StorageError) in
            let fresh = try catalogue.segmentNumbers().filter {
                StoreLayout.parts(of: $0).generation == 0
            }
            guard !fresh.isEmpty else { return MergeReport() }
            return try rewrite(fresh, progress: progress).report
        }
    }

    /// What a rewrite left out.
    struct LeftOut {
        var leaves: [UInt64] = []
        var events = 0
        var students: Set<StudentID> = []
    }

    /// Writes segments anew as one, without the batches that are not to be kept, and removes the old.
    ///
    /// Runs on the sealing queue. Blocks whose key is destroyed are left out silently: their erasure
    /// is on record.
    /// - Parameters:
    ///   - isKept: whether a batch stays.
    ///   - key: the key that a subject's batches are sealed under from now on.
    func rewrite(
        _ inputs: [SegmentID], isKept: (StoredBatch) -> Bool = { _ in true },
        key: ((Subject, KeyNumber) throws(StorageError) -> KeyNumber)? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(StorageError) -> (report: MergeReport, leftOut: LeftOut) {
        let fileSystem = environment.fileSystem
        var plan = RewritePlan()
        for id in inputs {
            let path = layout.segmentFile(id)
            let directory = try SegmentFile.directory(path, fileSystem)
            plan.add(
                id, directory,
                records: try SegmentFile.records(path, directory, vault: vault, fileSystem))
            plan.size += try files { () throws(DurableError) in try fileSystem.size(path) }
        }
        let last = inputs.map { StoreLayout.parts(of: $0) }
        let id = StoreLayout.segment(
            number: last.map(\.number).max() ?? 0,
            generation: (last.map(\.generation).max() ?? 0) + 1)
        try catalogue.discard(id)
        var writer = try SegmentWriter(
            id, layout, firstLeaf: plan.firstLeaf, leafCount: plan.leafCount,
            level: StorageLimits.mergedLevel, vault: vault, fileSystem)
        var rows: [UInt64: BatchRow] = [:]
        var leftOut = LeftOut()
        let students = plan.blocks.keys.sorted()
        for (index, student) in students.enumerated() {
            let bySubject = try batches(
                plan.blocks[student] ?? [], isKept: isKept, leftOut: &leftOut)
            for ((month, old), batches) in bySubject {
                let subject = Subject(student: student, month: month)
                let number =
                    try old == 0
                    ? vault.keys(for: [subject])[subject] ?? 0 : key?(subject, old) ?? old
                for block in try SegmentBuilder.blocks(of: batches) {
                    try writer.append(block, of: student, key: number)
                }
                for batch in batches {
                    guard let times = batch.upload.columns.timeRange else { continue }
                    rows[batch.leaf] = BatchRow(batch, times)
                }
            }
            progress(index + 1, students.count)
        }
        let (directory, size) = try writer.finish(
            records: plan.records.sorted { $0.leaf < $1.leaf })
        try catalogue.replace(
            inputs,
            with: SealedRows(
                segment: id, directory: directory, batches: rows, size: size, ranges: [:],
                receipts: []))
        try removeDiscarded()
        var report = MergeReport()
        report.merged = inputs.count
        report.events = directory.blocks.reduce(0) { $0 + $1.events }
        report.sizeBefore = plan.size
        report.sizeAfter = size
        return (report, leftOut)
    }

    /// One student's batches in leaf order, by month and the key they were sealed under.
    private func batches(
        _ blocks: [(id: SegmentID, block: SegmentFile.BlockEntry)],
        isKept: (StoredBatch) -> Bool, leftOut: inout LeftOut
    ) throws(StorageError) -> [((month: CivilMonth, key: KeyNumber), [StoredBatch])] {
        let destroyed = vault.destroyed
        var found: [KeyNumber: [StoredBatch]] = [:]
        for (id, block) in blocks where !destroyed.contains(block.key) {
            let batches = try SegmentFile.block(
                layout.segmentFile(id), offset: block.offset, size: block.size, key: block.key,
                vault: vault, environment.fileSystem)
            for batch in batches {
                if isKept(batch) {
                    found[block.key, default: []].append(batch)
                } else {
                    leftOut.leaves.append(batch.leaf)
                    leftOut.events += batch.upload.columns.count
                    leftOut.students.insert(block.student)
                }
            }
        }
        var sorted: [((month: CivilMonth, key: KeyNumber), [StoredBatch])] = []
        for (key, batches) in found.sorted(by: { $0.key < $1.key }) {
            let byMonth = Dictionary(grouping: batches) { CivilMonth(containing: $0.received) }
            for (month, batches) in byMonth.sorted(by: { $0.key < $1.key }) {
                sorted.append(((month, key), batches.sorted { $0.leaf < $1.leaf }))
            }
        }
        return sorted
    }

    /// Removes the files of segments that were merged or never finished.
    func removeDiscarded() throws(StorageError) {
        let discarded = try catalogue.discardedSegments()
        guard !discarded.isEmpty else { return }
        for id in discarded {
            for path in [layout.segmentFile(id), layout.segmentFile(id) + ".new"]
            where environment.fileSystem.exists(path) {
                try files { () throws(DurableError) in try environment.fileSystem.remove(path) }
            }
        }
        // A file that came back after a power cut would be nobody's: it goes for good before its row.
        try files { () throws(DurableError) in
            try environment.fileSystem.synchronizeDirectory(layout.segments)
        }
        for id in discarded { try catalogue.forgetDiscarded(id) }
    }
}

/// What segments hold that are to become one.
private struct RewritePlan {
    var blocks: [StudentID: [(id: SegmentID, block: SegmentFile.BlockEntry)]] = [:]
    var records: [StoredLeafRecord] = []
    var firstLeaf: UInt64 = .max
    var leafCount: UInt64 = 0
    var size = 0

    mutating func add(
        _ id: SegmentID, _ directory: SegmentFile.Directory, records: [StoredLeafRecord]
    ) {
        for block in directory.blocks { blocks[block.student, default: []].append((id, block)) }
        self.records += records
        firstLeaf = min(firstLeaf, directory.firstLeaf)
        leafCount += directory.leafCount
    }
}
