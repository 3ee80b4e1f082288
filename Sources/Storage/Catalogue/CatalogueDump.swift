import Bytes
import Durable
import GRDB

/// The catalogue's rows as a stream: what a backup holds instead of the database file.
///
/// A copy of the file would have to be made somewhere first, in plain text on disk or whole in memory,
/// and would carry the free pages of deleted rows. Rows are read out of one snapshot, in parts of
/// about a MiB, and nothing but the part in hand is held. The tables are made anew by the program's
/// own migrations when they are read back, so a dump holds no SQL.
///
///     part     "sg.rows/v1" LF, then records to the end
///     0x01     migrations: varint count, then counted UTF-8 names; first record of the first part
///     0x02     table: counted name, varint count of columns, counted names; rows that follow are its
///     0x03     row: a value a column
///     value    0x00 null | 0x01 zigzag varint | 0x02 8 bytes of a double, little-endian
///              | 0x03 counted UTF-8 | 0x04 counted bytes
///
/// Every part begins with its table's record, so that it can be read alone.
struct CatalogueDump {
    static let header = Array("sg.rows/v1\n".utf8)
    private static let partSize = 1 << 20

    fileprivate enum Tag {
        static let migrations: UInt8 = 1
        static let table: UInt8 = 2
        static let row: UInt8 = 3
    }

    private let snapshot: DatabaseSnapshot

    /// What the catalogue holds now; changes after this are not seen. The snapshot lasts as long as the value.
    init(_ catalogue: Catalogue) throws(StorageError) {
        do {
            snapshot = try catalogue.pool.makeSnapshot()
        } catch {
            throw .catalogue("\(error)")
        }
    }

    /// Hands over the parts in order.
    func read(_ receive: ([UInt8]) throws -> Void) throws {
        try snapshot.read { database in
            var part = ByteWriter()
            part.append(contentsOf: CatalogueDump.header)
            part.append(Tag.migrations)
            let migrations = try CatalogueSchema.migrator.appliedIdentifiers(database).sorted()
            part.appendVarint(UInt64(migrations.count))
            for name in migrations { part.appendCounted(name) }
            for table in try CatalogueDump.tables(database) {
                try CatalogueDump.read(table, database, &part, receive)
            }
            try receive(part.bytes)
        }
    }

    private static func read(
        _ table: String, _ database: Database, _ part: inout ByteWriter,
        _ receive: ([UInt8]) throws -> Void
    ) throws {
        let columns = try database.columns(in: table).map(\.name)
        let names = columns.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
        let rows = try Row.fetchCursor(
            database, sql: "SELECT \(names) FROM \(table.quotedDatabaseIdentifier)")
        var isAnnounced = false
        while let row = try rows.next() {
            if part.count >= partSize {
                try receive(part.bytes)
                part.removeAll()
                part.append(contentsOf: header)
                isAnnounced = false
            }
            if !isAnnounced {
                part.append(Tag.table)
                part.appendCounted(table)
                part.appendVarint(UInt64(columns.count))
                for column in columns { part.appendCounted(column) }
                isAnnounced = true
            }
            part.append(Tag.row)
            for value in row.databaseValues { append(value, to: &part) }
        }
    }

    private static func append(_ value: DatabaseValue, to part: inout ByteWriter) {
        switch value.storage {
        case .null: part.append(0)
        case .int64(let number):
            part.append(1)
            part.appendSignedVarint(number)
        case .double(let number):
            part.append(2)
            part.appendUInt64(number.bitPattern)
        case .string(let text):
            part.append(3)
            part.appendCounted(text)
        case .blob(let bytes):
            part.append(4)
            part.appendCounted([UInt8](bytes))
        }
    }

    /// The tables of ours, in the order of their names.
    fileprivate static func tables(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
                ESCAPE '\\' AND name NOT LIKE 'grdb\\_%' ESCAPE '\\' ORDER BY name
                """)
    }
}

/// Reads the parts of a ``CatalogueDump`` into a new catalogue.
public final class CatalogueRebuild {
    private let path: String
    private var queue: DatabaseQueue?

    /// Where a data directory's catalogue will be; nothing is there yet.
    public init(directory: String) { path = StoreLayout(directory: directory).catalogue }

    /// Takes the next part; the first one makes the tables.
    public func add(part bytes: [UInt8]) throws(StorageError) {
        do {
            var reader = ByteReader(bytes)
            guard Array(try reader.take(CatalogueDump.header.count)) == CatalogueDump.header else {
                throw BytesError.corruptFrame
            }
            let queue = try open(&reader)
            try queue.write { database in
                try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
                try CatalogueRebuild.addRows(&reader, to: database)
            }
        } catch let error as StorageError {
            throw error
        } catch is BytesError {
            throw .catalogue("the backup's rows break their format")
        } catch {
            throw .catalogue("the backup's rows do not fit the tables: \(error)")
        }
    }

    /// Checks that all rows that are referred to are there, and closes the catalogue.
    public func finish() throws(StorageError) {
        guard let queue else { throw .catalogue("the backup has no rows") }
        do {
            try queue.read { try $0.checkForeignKeys() }
            try queue.close()
        } catch {
            throw .catalogue("the backup's rows do not fit together: \(error)")
        }
    }

    private func open(_ reader: inout ByteReader) throws -> DatabaseQueue {
        if let queue { return queue }
        guard try reader.byte() == CatalogueDump.Tag.migrations else {
            throw BytesError.corruptFrame
        }
        var names: [String] = []
        for _ in 0..<(try reader.count(atMost: 10_000)) { names.append(try reader.countedText()) }
        let known = CatalogueSchema.migrator.migrations
        guard let last = known.last(where: names.contains), Set(names).isSubset(of: known) else {
            throw StorageError.catalogue("the backup is of a newer program, take that one")
        }
        try RealFileSystem().open(path, creating: true).close()
        var configuration = Configuration()
        // Parts come table by table, so rows are checked against each other at the end.
        configuration.foreignKeysEnabled = false
        let made = try DatabaseQueue(path: path, configuration: configuration)
        try CatalogueSchema.migrator.migrate(made, upTo: last)
        queue = made
        return made
    }

    private static func addRows(_ reader: inout ByteReader, to database: Database) throws {
        let tables = Set(try CatalogueDump.tables(database))
        var insert: (statement: Statement, count: Int)?
        while !reader.isAtEnd {
            switch try reader.byte() {
            case CatalogueDump.Tag.table:
                let table = try reader.countedText()
                guard tables.contains(table) else { throw BytesError.corruptFrame }
                let known = Set(try database.columns(in: table).map(\.name))
                var columns: [String] = []
                for _ in 0..<(try reader.count(atMost: known.count)) {
                    columns.append(try reader.countedText())
                }
                guard known.isSuperset(of: columns) else { throw BytesError.corruptFrame }
                let names = columns.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
                let marks = columns.map { _ in "?" }.joined(separator: ", ")
                insert = (
                    try database.makeStatement(
                        sql: "INSERT OR REPLACE INTO \(table.quotedDatabaseIdentifier) "
                            + "(\(names)) VALUES (\(marks))"),
                    columns.count
                )
            case CatalogueDump.Tag.row:
                guard let (statement, count) = insert else { throw BytesError.corruptFrame }
                var values: [DatabaseValue] = []
                for _ in 0..<count { values.append(try value(&reader)) }
                try statement.execute(arguments: StatementArguments(values))
            default: throw BytesError.corruptFrame
            }
        }
    }

    private static func value(_ reader: inout ByteReader) throws(BytesError) -> DatabaseValue {
        switch try reader.byte() {
        case 0: .null
        case 1: (try reader.signedVarint()).databaseValue
        case 2: Double(bitPattern: try reader.uint64()).databaseValue
        case 3: (try reader.countedText()).databaseValue
        case 4: blob(Array(try reader.counted())).databaseValue
        default: throw .corruptFrame
        }
    }
}
