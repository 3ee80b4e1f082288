import Durable
public import Events
import Foundation
import Proofs
import Wire

extension Store {
    /// Erases what a student typed and did in some months: destroys the keys, then the rows.
    ///
    /// The log keeps its hashes, which are salted with salts that are gone, so every other proof still
    /// holds and nothing can be tested against them. The leaf that records the erasure is durable
    /// before anything is destroyed; a crash after that is made good when the store is opened.
    /// - Parameters:
    ///   - months: months of receipt; nil for all.
    ///   - by: who asks for it.
    ///   - approvedBy: the second person, who must be another.
    public func erase(
        student: StudentID, months: Set<CivilMonth>?, reason: String, by: String,
        approvedBy: String, at now: Instant
    ) async throws(StorageError) -> ErasureReceipt {
        guard try !catalogue.heldStudents().contains(student.rawValue) else {
            throw .refused("a legal hold lasts for this student, lift it first")
        }
        guard by != approvedBy else {
            throw .refused("erasure needs two people: who approves must be another than who asks")
        }
        // What is in the journal is under the journal's key: it becomes a segment first.
        _ = try seal()
        let keys = vault.keys(of: student).filter { key in
            key.isLive && (months?.contains(key.month) ?? true)
        }
        guard !keys.isEmpty else {
            throw .refused("nothing of this student is kept for these months")
        }
        let numbers = keys.map(\.number)
        let found = try catalogue.batches(under: numbers)
        let record = ForgettingRecord(
            what: "erase", reason: reason, by: by, approvedBy: approvedBy, keys: numbers,
            leaves: found.leaves, events: found.events)
        let leaf = try await append(
            LeafRecord(kind: .erase, json: encodeJSON(record), at: now))
        let receipt = ErasureReceipt(
            leaf: leaf.leaf, reference: leaf.reference.hex, at: now.rfc3339,
            months: Set(keys.map(\.month)).sorted().map(\.description), batches: record.batches,
            events: record.events,
            remains: [
                "salted hashes in the log, which tell nothing without their salts",
                "the record of who looked at the student's data, kept six years",
                "bundles that were issued before, with whoever received them",
                "copies of the key store in its short-lived backup, until they expire",
            ])
        let text = String(decoding: encodeJSON(receipt), as: UTF8.self)
        try catalogue.begin(erasure: leaf.leaf, receipt: text)
        try sealing.syncResult { () throws(StorageError) in
            try finish(record, leaf: leaf.leaf, student: student)
        }
        return receipt
    }

    /// Receipts of all erasures, oldest first, as JSON.
    public func erasureReceipts() throws(StorageError) -> [String] {
        try catalogue.erasures().map(\.receipt)
    }

    /// Destroys what a record says is to be forgotten. Doing it twice does it once.
    private func finish(_ record: ForgettingRecord, leaf: UInt64, student: StudentID?)
        throws(StorageError)
    {
        try vault.destroy(record.keys)
        if let student { live.forget(student) }
        let months = vault.months(of: record.keys).map(\.span)
        try catalogue.erase(keys: record.keys, student: student, months: months, leaf: leaf)
    }

    /// Carries out what a crash came between: erasures that were begun, and what leaves of the journal
    /// say is destroyed and is not.
    func finishErasures(_ recorded: [(leaf: UInt64, record: ForgettingRecord)])
        throws(StorageError)
    {
        var unfinished = recorded
        for erasure in try catalogue.erasures() where !erasure.isDone {
            guard let stored = try record(leaf: erasure.leaf),
                let record = ForgettingRecord(stored)
            else { continue }
            unfinished.append((erasure.leaf, record))
        }
        guard !unfinished.isEmpty else { return }
        let destroyed = vault.destroyed
        let used = try catalogue.keysInUse()
        for (leaf, record) in unfinished
        where !destroyed.isSuperset(of: record.keys) || !used.isDisjoint(with: record.keys) {
            let students = record.what == "erase" ? try catalogue.students(under: record.keys) : []
            try finish(record, leaf: leaf, student: students.first)
        }
    }

    /// Destroys every key that some leaf says is destroyed: after a restore, when the keys may be older
    /// than the data. What was erased stays erased.
    func forgetAgain() throws(StorageError) {
        var recorded: [(leaf: UInt64, record: ForgettingRecord)] = []
        try eachRecord { stored in
            if let record = ForgettingRecord(stored) { recorded.append((stored.leaf, record)) }
        }
        try finishErasures(recorded)
    }

    /// The act that a leaf records; nil when the leaf is a batch.
    func record(leaf: UInt64) throws(StorageError) -> StoredLeafRecord? {
        var found: StoredLeafRecord?
        try eachRecord { if $0.leaf == leaf { found = $0 } }
        return found
    }

    /// Hands over every act that segments and journal hold.
    private func eachRecord(_ body: (StoredLeafRecord) -> Void) throws(StorageError) {
        let fileSystem = environment.fileSystem
        for number in try catalogue.segmentNumbers() {
            let path = layout.segmentFile(number)
            let directory = try SegmentFile.directory(path, fileSystem)
            try SegmentFile.records(path, directory, vault: vault, fileSystem).forEach(body)
        }
        for name in try files({ () throws(DurableError) in try fileSystem.list(layout.journal) }) {
            guard let number = StoreLayout.number(ofFile: name),
                var reader = try JournalReader(
                    layout.journalFile(number), number: number, vault: vault, fileSystem)
            else { continue }
            while !reader.isAtEnd, let (record, _) = try reader.next() {
                if case .leaf(let stored) = record { body(stored) }
            }
        }
    }

    // MARK: Retention

    /// Removes what is older than the rules allow, and proves by a leaf that it was removed on purpose.
    ///
    /// Kept are: batches near a finding and those it rests on (until it is dismissed and its time is up),
    /// and everything of a student with a hold. A key goes as soon as nothing is left under it; what is kept of a month
    /// that is over moves to a new key, so that the old one can go.
    public func prune(_ rules: RetentionRules, at now: Instant) async throws(StorageError)
        -> PruneReport
    {
        let cutoff = now.advanced(byMilliseconds: -Int64(rules.unflaggedDays) * 86_400_000)
        let held = try catalogue.heldStudents()
        let context = Int64(rules.contextMinutes) * 60_000
        let dismissed = now.advanced(byMilliseconds: -Int64(rules.dismissedDays) * 86_400_000)
        let kept = try catalogue.keptEvents(dismissedBefore: dismissed, context: context)
        var report = PruneReport()
        report.held = held.count
        func isKept(_ batch: StoredBatch) -> Bool {
            guard batch.received < cutoff, !held.contains(batch.context.student.rawValue) else {
                return true
            }
            return kept[batch.context.student.rawValue]?.contains { $0.contains(batch) } ?? false
        }
        for id in try catalogue.segments(receivedBefore: cutoff) {
            let pruned = try sealing.syncResult { () throws(StorageError) in
                try leftOut(of: id, isKept: isKept)
            }
            guard !pruned.leaves.isEmpty else { continue }
            let record = ForgettingRecord(
                what: "prune", reason: "the retention period is over", by: "", approvedBy: "",
                keys: [], leaves: pruned.leaves, events: pruned.events)
            _ = try await append(
                LeafRecord(kind: .prune, json: encodeJSON(record), at: now))
            let done = try sealing.syncResult { () throws(StorageError) in
                try rewrite([id], isKept: isKept, key: renewal(cutoff)).report
            }
            report.batches += pruned.leaves.count
            report.events += pruned.events
            report.freed += max(0, done.sizeBefore - done.sizeAfter)
        }
        report.keys = try await destroyUnusedKeys(cutoff, at: now)
        try catalogue.emptyLog()
        return report
    }

    /// What a rewrite would leave out.
    private func leftOut(of id: SegmentID, isKept: (StoredBatch) -> Bool) throws(StorageError)
        -> LeftOut
    {
        let path = layout.segmentFile(id)
        let destroyed = vault.destroyed
        var found = LeftOut()
        for block in try SegmentFile.directory(path, environment.fileSystem).blocks
        where !destroyed.contains(block.key) {
            let batches = try SegmentFile.block(
                path, offset: block.offset, size: block.size, key: block.key, vault: vault,
                environment.fileSystem)
            for batch in batches where !isKept(batch) {
                found.leaves.append(batch.leaf)
                found.events += batch.upload.columns.count
                found.students.insert(block.student)
            }
        }
        return found
    }

    /// Gives what is kept of a month that is over a new key, one for all rewrites of a night.
    private func renewal(_ cutoff: Instant) -> (Subject, KeyNumber) throws(StorageError) ->
        KeyNumber
    {
        let over = CivilMonth(containing: cutoff)
        return { [vault] (subject, old) throws(StorageError) in
            guard subject.month < over else { return old }
            return try vault.renewed(old, for: subject)
        }
    }

    /// Destroys keys of months that are over and under which no block is left; a leaf says so.
    private func destroyUnusedKeys(_ cutoff: Instant, at now: Instant) async throws(StorageError)
        -> Int
    {
        let over = CivilMonth(containing: cutoff)
        let used = try catalogue.keysInUse()
        let unused = vault.liveKeys(before: over).filter { !used.contains($0) }
        guard !unused.isEmpty else { return 0 }
        let record = ForgettingRecord(
            what: "prune", reason: "nothing is left under these keys", by: "", approvedBy: "",
            keys: unused, leaves: [], events: 0)
        _ = try await append(LeafRecord(kind: .prune, json: encodeJSON(record), at: now))
        try vault.destroy(unused)
        return unused.count
    }
}
