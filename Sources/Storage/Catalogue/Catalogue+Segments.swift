import Events
import GRDB
import Proofs

/// A batch's row: where a sealed batch lies.
struct BatchRow: Sendable, Equatable {
    var leaf: UInt64
    var device: DeviceName
    var number: UInt64
    var statement: Hash
    var machine: MachineID
    var session: SessionID
    var received: Instant
    var firstTime: Instant
    var lastTime: Instant
    var events: Int
}

/// A block's row, with the segment it lies in.
struct BlockRow: Sendable {
    var id: Int64
    var segment: UInt64
    var student: String
    var key: KeyNumber
    var offset: Int
    var size: Int
}

/// Everything that sealing one journal file adds to the catalogue.
struct SealedRows: Sendable {
    var segment: UInt64
    var directory: SegmentFile.Directory
    var batches: [UInt64: BatchRow]
    var size: Int
    var ranges: [EventStream: SequenceRanges]
    var receipts: [(device: DeviceName, key: IdempotencyKey, receipt: [UInt8], at: Instant)]
}

extension Catalogue {
    /// Adds a segment's rows; nothing happens when they are there already.
    func add(_ sealed: SealedRows) throws(StorageError) {
        try write { database in
            let number = Int64(sealed.segment)
            guard
                try Int.fetchOne(
                    database, sql: "SELECT 1 FROM segment WHERE number = ?", arguments: [number])
                    == nil
            else { return }
            try Catalogue.insert(sealed, database)
            try Catalogue.replace(sealed.ranges, database)
            for entry in sealed.receipts {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO idempotency (device, key, body_hash, receipt, at) "
                        + "VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        entry.device.rawValue, entry.key.key, blob(entry.key.bodyHash),
                        blob(entry.receipt), entry.at.milliseconds,
                    ])
            }
            try CatalogueSchema.set(database, "sealed.through", String(number))
        }
    }

    /// The rows of a segment, its blocks and their batches.
    static func insert(_ sealed: SealedRows, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO segment (number, first_leaf, leaf_count, events, size) "
                + "VALUES (?, ?, ?, ?, ?)",
            arguments: [
                Int64(sealed.segment), Int64(sealed.directory.firstLeaf),
                Int64(sealed.directory.leafCount),
                sealed.directory.blocks.reduce(0) { $0 + $1.events }, sealed.size,
            ])
        for block in sealed.directory.blocks { try insert(block, sealed, database) }
    }

    private static func insert(
        _ block: SegmentFile.BlockEntry, _ sealed: SealedRows, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO block (segment, student, key, offset, size, events, first_time, "
                + "last_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                Int64(sealed.segment), block.student.rawValue, Int64(block.key), block.offset,
                block.size, block.events, block.firstTime.milliseconds, block.lastTime.milliseconds,
            ])
        let id = database.lastInsertedRowID
        let statement = try database.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO batch (leaf, block, device, number, statement, machine, session, "
                + "received, first_time, last_time, events) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        for leaf in block.leaves {
            guard let batch = sealed.batches[leaf] else { continue }
            try statement.execute(arguments: [
                Int64(leaf), id, batch.device.rawValue, Int64(bitPattern: batch.number),
                blob(batch.statement.bytes), batch.machine.rawValue, batch.session.rawValue,
                batch.received.milliseconds, batch.firstTime.milliseconds,
                batch.lastTime.milliseconds, batch.events,
            ])
        }
    }

    private static func replace(_ streams: [EventStream: SequenceRanges], _ database: Database)
        throws
    {
        for (stream, ranges) in streams {
            try database.execute(
                sql: "DELETE FROM stream_range WHERE device = ? AND machine = ?",
                arguments: [stream.device.rawValue, stream.machine.rawValue])
            for range in ranges.ranges {
                try database.execute(
                    sql: "INSERT INTO stream_range (device, machine, first, last) "
                        + "VALUES (?, ?, ?, ?)",
                    arguments: [
                        stream.device.rawValue, stream.machine.rawValue,
                        Int64(bitPattern: range.lowerBound), Int64(bitPattern: range.upperBound),
                    ])
            }
        }
    }

    /// The number of the last journal file that is a segment now; 0 for none.
    func sealedThrough() throws(StorageError) -> UInt64 {
        try setting("sealed.through").flatMap(UInt64.init) ?? 0
    }

    /// The numbers of all segments.
    func segmentNumbers() throws(StorageError) -> [UInt64] {
        try read {
            try Int64.fetchAll($0, sql: "SELECT number FROM segment ORDER BY number")
                .map { UInt64($0) }
        }
    }

    /// All numbers of events that are sealed, by stream.
    func streamRanges() throws(StorageError) -> [EventStream: SequenceRanges] {
        try read { database in
            var streams: [EventStream: SequenceRanges] = [:]
            let rows = try Row.fetchAll(
                database, sql: "SELECT device, machine, first, last FROM stream_range")
            for row in rows {
                guard let device = DeviceName(row["device"]),
                    let machine = MachineID(row["machine"])
                else { continue }
                let first: Int64 = row["first"]
                let last: Int64 = row["last"]
                streams[EventStream(device: device, machine: machine), default: .init()]
                    .insert(UInt64(bitPattern: first)...UInt64(bitPattern: last))
            }
            return streams
        }
    }

    /// The last sealed batch of every device: its number and the hash of its statement.
    func lastBatches() throws(StorageError) -> [(DeviceName, UInt64, Hash)] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT device, MAX(number) AS number, statement FROM batch GROUP BY device"
            ).compactMap { row in
                guard let device = DeviceName(row["device"]),
                    let hash = row.bytes("statement").flatMap({ Hash(bytes: $0) })
                else { return nil }
                let number: Int64 = row["number"]
                return (device, UInt64(bitPattern: number), hash)
            }
        }
    }

    /// A sealed batch by device and number: statement hash, leaf and time of receipt.
    func batch(device: DeviceName, number: UInt64) throws(StorageError) -> (
        statement: Hash, leaf: UInt64, received: Instant
    )? {
        try read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT statement, leaf, received FROM batch "
                        + "WHERE device = ? AND number = ?",
                    arguments: [device.rawValue, Int64(bitPattern: number)]),
                let hash = row.bytes("statement").flatMap({ Hash(bytes: $0) })
            else { return nil }
            let leaf: Int64 = row["leaf"]
            return (hash, UInt64(leaf), Instant(milliseconds: row["received"]))
        }
    }

    /// What the catalogue says of a segment: its blocks by where they lie, with their batches.
    func rows(ofSegment id: SegmentID) throws(StorageError) -> [Int: (
        block: SegmentFile.BlockEntry, batches: [BatchRow]
    )] {
        try read { database in
            var found: [Int: (block: SegmentFile.BlockEntry, batches: [BatchRow])] = [:]
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM block WHERE segment = ?", arguments: [Int64(id)])
            for row in rows {
                let batches = try Row.fetchAll(
                    database, sql: "SELECT * FROM batch WHERE block = ? ORDER BY leaf",
                    arguments: [row["id"] as Int64]
                ).compactMap(BatchRow.init)
                // A row that names no student is one that matches no block.
                guard let student = StudentID(row["student"]) else { continue }
                let block = SegmentFile.BlockEntry(
                    student: student, key: KeyNumber(truncatingIfNeeded: row["key"] as Int64),
                    offset: row["offset"], size: row["size"], events: row["events"],
                    firstTime: Instant(milliseconds: row["first_time"]),
                    lastTime: Instant(milliseconds: row["last_time"]),
                    leaves: batches.map(\.leaf))
                found[block.offset] = (block, batches)
            }
            return found
        }
    }

    /// Sealed blocks that can hold events of a query.
    func blocks(_ query: EventQuery) throws(StorageError) -> [BlockRow] {
        let byMachine =
            query.machine == nil
            ? "" : "AND id IN (SELECT block FROM batch WHERE machine = ?4) "
        var arguments: StatementArguments = [
            query.student?.rawValue, query.from?.milliseconds, query.to?.milliseconds,
        ]
        if let machine = query.machine { arguments += [machine.rawValue] }
        let byStudent = query.student == nil ? "(?1 IS NULL)" : "student = ?1"
        let condition =
            "\(byStudent) AND (?2 IS NULL OR last_time >= ?2) AND (?3 IS NULL OR first_time < ?3) "
            + byMachine
        return try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, segment, student, key, offset, size FROM block WHERE \(condition)"
                    + "ORDER BY id", arguments: arguments
            ).map(Catalogue.block)
        }
    }

    /// The sealed block that holds a leaf.
    func block(leaf: UInt64) throws(StorageError) -> BlockRow? {
        try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT id, segment, student, key, offset, size FROM block "
                    + "WHERE id = (SELECT block FROM batch WHERE leaf = ?)",
                arguments: [Int64(leaf)]
            ).map(Catalogue.block)
        }
    }

    /// Leaves of sealed batches from a position on, in order.
    func batchLeaves(from leaf: UInt64, limit: Int) throws(StorageError) -> [UInt64] {
        try read { database in
            try Int64.fetchAll(
                database, sql: "SELECT leaf FROM batch WHERE leaf >= ? ORDER BY leaf LIMIT ?",
                arguments: [Int64(leaf), limit]
            ).map { UInt64($0) }
        }
    }

    /// Leaves of a device's sealed batches by number.
    func batchLeaves(device: DeviceName, numbers: ClosedRange<UInt64>) throws(StorageError)
        -> [UInt64]
    {
        try read { database in
            try Int64.fetchAll(
                database,
                sql: "SELECT leaf FROM batch WHERE device = ? AND number BETWEEN ? AND ? "
                    + "ORDER BY number",
                arguments: [
                    device.rawValue, Int64(bitPattern: numbers.lowerBound),
                    Int64(clamping: numbers.upperBound),
                ]
            ).map { UInt64($0) }
        }
    }

    /// Idempotency keys that are remembered, with their receipts.
    func receipts(since: Instant) throws(StorageError) -> [(
        device: DeviceName, key: IdempotencyKey, receipt: [UInt8], at: Instant
    )] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT device, key, body_hash, receipt, at FROM idempotency WHERE at >= ?",
                arguments: [since.milliseconds]
            ).compactMap { row in
                guard let device = DeviceName(row["device"]), let hash = row.bytes("body_hash"),
                    let receipt = row.bytes("receipt")
                else { return nil }
                return (
                    device, IdempotencyKey(key: row["key"], bodyHash: hash), receipt,
                    Instant(milliseconds: row["at"])
                )
            }
        }
    }

    /// Sums over sealed segments, and the last journal file that they hold, as of one moment.
    func sealedTotals() throws(StorageError) -> (
        events: Int, batches: Int, segments: Int, through: UInt64
    ) {
        try read { database in
            (
                try Int.fetchOne(database, sql: "SELECT COALESCE(SUM(events), 0) FROM segment")
                    ?? 0,
                try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM batch WHERE block <> 0") ?? 0,
                try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM segment") ?? 0,
                try Catalogue.sealedThrough(database)
            )
        }
    }

    private static func sealedThrough(_ database: Database) throws -> UInt64 {
        try String.fetchOne(
            database, sql: "SELECT value FROM setting WHERE key = 'sealed.through'"
        ).flatMap(UInt64.init) ?? 0
    }

    /// What sealed batches say about machines in a period, one entry per batch, in no order, and the
    /// last journal file that is sealed, as of one moment.
    func sealedSightings(from: Instant, to: Instant) throws(StorageError) -> (
        sightings: [BatchSighting], through: UInt64
    ) {
        try read { database in
            let sightings = try Row.fetchAll(
                database,
                sql: """
                    SELECT machine, device, session, student, batch.first_time AS first,
                        batch.last_time AS last, batch.events AS events, received
                    FROM batch JOIN block ON block.id = batch.block
                    WHERE batch.last_time >= ? AND batch.first_time < ?
                    """, arguments: [from.milliseconds, to.milliseconds]
            ).compactMap { row -> BatchSighting? in
                guard let machine = MachineID(row["machine"]),
                    let device = DeviceName(row["device"]),
                    let session = SessionID(row["session"]),
                    let student = StudentID(row["student"])
                else { return nil }
                return BatchSighting(
                    device: device,
                    context: SessionContext(machine: machine, student: student, session: session),
                    first: Instant(milliseconds: row["first"]),
                    last: Instant(milliseconds: row["last"]), events: row["events"],
                    received: Instant(milliseconds: row["received"]))
            }
            return (sightings, try Catalogue.sealedThrough(database))
        }
    }

    private static func block(_ row: Row) -> BlockRow {
        let segment: Int64 = row["segment"]
        return BlockRow(
            id: row["id"], segment: UInt64(segment), student: row["student"],
            key: KeyNumber(row["key"] as Int64), offset: row["offset"], size: row["size"])
    }
}

extension BatchRow {
    fileprivate init?(_ row: Row) {
        guard let device = DeviceName(row["device"]), let machine = MachineID(row["machine"]),
            let session = SessionID(row["session"]),
            let statement = row.bytes("statement").flatMap({ Hash(bytes: $0) })
        else { return nil }
        self.init(
            leaf: UInt64(bitPattern: row["leaf"]), device: device,
            number: UInt64(bitPattern: row["number"]), statement: statement, machine: machine,
            session: session, received: Instant(milliseconds: row["received"]),
            firstTime: Instant(milliseconds: row["first_time"]),
            lastTime: Instant(milliseconds: row["last_time"]), events: row["events"])
    }
}
