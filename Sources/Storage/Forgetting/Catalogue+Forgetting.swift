public import Events
import GRDB
import Wire

/// A legal hold: nothing of the student is pruned or erased while it lasts (evidence.md section 5).
public struct HoldRow: Sendable, Equatable, Codable {
    /// Its number; nil before it is kept.
    public var id: Int64?
    /// Whose data are held.
    public var student: String
    /// Why, in the words of who placed it.
    public var reason: String
    /// When it was placed, ms since 1970.
    public var placed: Int64
    /// Who placed it and who approved: two people, coordinator and head.
    public var placedBy: String
    /// Who approved it.
    public var approvedBy: String
    /// When it was lifted, ms since 1970; nil while it lasts.
    public var lifted: Int64?

    /// A hold that begins now and lasts until two people lift it.
    public init(
        student: StudentID, reason: String, placed: Instant, placedBy: String, approvedBy: String
    ) {
        self.student = student.rawValue
        self.reason = reason
        self.placed = placed.milliseconds
        self.placedBy = placedBy
        self.approvedBy = approvedBy
    }
}

/// Events that are kept because of one finding: those near it in time, and those it rests on, which can
/// lie long before it where a conversation ran on.
struct KeptEvents: Sendable {
    var times: ClosedRange<Int64>
    var machine: String
    var device: String
    var sequences: ClosedRange<UInt64>

    func contains(_ batch: StoredBatch) -> Bool {
        let columns = batch.upload.columns
        if let own = columns.timeRange, own.overlaps(times) { return true }
        guard batch.device.rawValue == device, batch.context.machine.rawValue == machine,
            let own = columns.sequenceRange
        else { return false }
        return own.overlaps(sequences)
    }
}

extension HoldRow {
    fileprivate init(_ row: Row) {
        id = row["id"]
        student = row["student"]
        reason = row["reason"]
        placed = row["placed"]
        placedBy = row["placed_by"]
        approvedBy = row["approved_by"]
        lifted = row["lifted"]
    }
}

extension Catalogue {
    /// Places a hold; returns its number.
    public func place(_ hold: HoldRow) throws(StorageError) -> Int64 {
        try write { database in
            try database.execute(
                sql: "INSERT INTO hold (student, reason, placed, placed_by, approved_by) "
                    + "VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    hold.student, hold.reason, hold.placed, hold.placedBy, hold.approvedBy,
                ])
            return database.lastInsertedRowID
        }
    }

    /// Lifts a hold; false when there is none with this number that lasts.
    public func lift(hold id: Int64, at: Instant, by: String, approvedBy: String)
        throws(StorageError) -> Bool
    {
        try write { database in
            try database.execute(
                sql: "UPDATE hold SET lifted = ?, lifted_by = ?, lift_approved_by = ? "
                    + "WHERE id = ? AND lifted IS NULL",
                arguments: [at.milliseconds, by, approvedBy, id])
            return database.changesCount == 1
        }
    }

    /// The holds, those that last first.
    public func holds() throws(StorageError) -> [HoldRow] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM hold ORDER BY lifted IS NOT NULL, id"
            ).map { row in
                HoldRow(row)
            }
        }
    }

    /// Students with a hold that lasts.
    func heldStudents() throws(StorageError) -> Set<String> {
        Set(try holds().filter { $0.lifted == nil }.map(\.student))
    }

    // MARK: Segments that were merged

    /// Says that a segment's file is to be removed, before it is written or once it was merged.
    func discard(_ id: SegmentID) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "INSERT OR IGNORE INTO discarded_segment VALUES (?)", arguments: [Int64(id)])
        }
    }

    func discardedSegments() throws(StorageError) -> [SegmentID] {
        try read {
            try Int64.fetchAll($0, sql: "SELECT id FROM discarded_segment ORDER BY id")
                .map { SegmentID($0) }
        }
    }

    func forgetDiscarded(_ id: SegmentID) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "DELETE FROM discarded_segment WHERE id = ?", arguments: [Int64(id)])
        }
    }

    /// Removes blocks; the rows of their batches become bare: number, statement and leaf stay, so that a
    /// device's chain goes on and a repeated batch is known, and who and when goes.
    private static func removeBlocks(_ condition: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE batch SET block = 0, machine = '', session = '', first_time = received,
                    last_time = received, events = 0
                WHERE block IN (SELECT id FROM block WHERE \(condition));
                DELETE FROM block WHERE \(condition);
                """)
    }

    /// A merged segment takes the place of those it was made of, in one transaction.
    func replace(_ inputs: [SegmentID], with merged: SealedRows) throws(StorageError) {
        try write { database in
            let list = inputs.map { String($0) }.joined(separator: ",")
            try Catalogue.removeBlocks("segment IN (\(list))", database)
            try database.execute(sql: "DELETE FROM segment WHERE number IN (\(list))")
            try Catalogue.insert(merged, database)
            for id in inputs {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO discarded_segment VALUES (?)",
                    arguments: [Int64(id)])
            }
            try database.execute(
                sql: "DELETE FROM discarded_segment WHERE id = ?",
                arguments: [Int64(merged.segment)])
        }
    }

    /// Segments with batches that were received before an instant.
    func segments(receivedBefore cutoff: Instant) throws(StorageError) -> [SegmentID] {
        try read { database in
            try Int64.fetchAll(
                database,
                sql: "SELECT DISTINCT segment FROM block JOIN batch ON batch.block = block.id "
                    + "WHERE received < ? ORDER BY segment",
                arguments: [cutoff.milliseconds]
            ).map { SegmentID($0) }
        }
    }

    /// What is kept because of findings, by student.
    func keptEvents(dismissedBefore: Instant, context: Int64) throws(StorageError) -> [String:
        [KeptEvents]]
    {
        try read { database in
            var kept: [String: [KeptEvents]] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT finding.student AS student, machine, device, time, first_sequence,
                        last_sequence
                    FROM finding LEFT JOIN incident ON incident.id = finding.incident
                    WHERE incident.status IS NOT 'dismissed' OR time >= ?
                    """, arguments: [dismissedBefore.milliseconds])
            while let row = try rows.next() {
                let time: Int64 = row["time"]
                let first = UInt64(bitPattern: row["first_sequence"])
                let last = UInt64(bitPattern: row["last_sequence"])
                kept[row["student"], default: []].append(
                    KeptEvents(
                        times: time - context...time + context, machine: row["machine"],
                        device: row["device"], sequences: min(first, last)...max(first, last)))
            }
            return kept
        }
    }

    /// The students of blocks under keys.
    func students(under keys: [KeyNumber]) throws(StorageError) -> [StudentID] {
        let list = keys.map { String($0) }.joined(separator: ",")
        return try read { database in
            try String.fetchAll(
                database, sql: "SELECT DISTINCT student FROM block WHERE key IN (\(list))"
            ).compactMap { StudentID($0) }
        }
    }

    /// The keys that some block is still sealed under.
    func keysInUse() throws(StorageError) -> Set<KeyNumber> {
        try read { database in
            Set(
                try Int64.fetchAll(database, sql: "SELECT DISTINCT key FROM block")
                    .map { KeyNumber($0) })
        }
    }

    // MARK: Erasure

    /// Leaves, batches and events of blocks under keys.
    func batches(under keys: [KeyNumber]) throws(StorageError) -> (
        leaves: [UInt64], events: Int, segments: Set<SegmentID>
    ) {
        let list = keys.map { String($0) }.joined(separator: ",")
        return try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT leaf, batch.events AS events, segment FROM batch "
                    + "JOIN block ON block.id = batch.block WHERE block.key IN (\(list)) "
                    + "ORDER BY leaf")
            return (
                rows.map { UInt64($0["leaf"] as Int64) },
                rows.reduce(0) { $0 + ($1["events"] as Int) },
                Set(rows.map { SegmentID($0["segment"] as Int64) })
            )
        }
    }

    /// Keeps that an erasure was decided; it is carried out after this, also when a crash comes between.
    func begin(erasure leaf: UInt64, receipt: String) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "INSERT OR IGNORE INTO erasure (leaf, receipt, is_done) VALUES (?, ?, 0)",
                arguments: [Int64(leaf), receipt])
        }
    }

    /// Removes the rows about what was erased: blocks, times and places, findings and their incidents.
    func erase(
        keys: [KeyNumber], student: StudentID?, months: [ClosedRange<Instant>], leaf: UInt64
    ) throws(StorageError) {
        let list = keys.map { String($0) }.joined(separator: ",")
        try write { database in
            try Catalogue.removeBlocks("key IN (\(list))", database)
            for month in student == nil ? [] : months {
                try database.execute(
                    sql: "DELETE FROM finding WHERE student = ? AND time BETWEEN ? AND ?",
                    arguments: [
                        student?.rawValue, month.lowerBound.milliseconds,
                        month.upperBound.milliseconds,
                    ])
            }
            if let student {
                try database.execute(
                    sql: "DELETE FROM incident WHERE student = ? AND NOT EXISTS "
                        + "(SELECT 1 FROM finding WHERE finding.incident = incident.id)",
                    arguments: [student.rawValue])
            }
            try database.execute(
                sql: "UPDATE erasure SET is_done = 1 WHERE leaf = ?", arguments: [Int64(leaf)])
        }
        // What was deleted must not stay in the write-ahead log either.
        do {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch {
            throw .catalogue("\(error)")
        }
    }

    /// Erasures with their receipts, oldest first.
    func erasures() throws(StorageError) -> [(leaf: UInt64, receipt: String, isDone: Bool)] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT leaf, receipt, is_done FROM erasure ORDER BY leaf"
            ).map { row in (UInt64(row["leaf"] as Int64), row["receipt"], row["is_done"]) }
        }
    }
}
