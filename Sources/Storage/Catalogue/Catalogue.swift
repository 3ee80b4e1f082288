import Durable
public import Events
import GRDB

/// The rows that find things again: devices, operators, batches, findings, incidents, accesses, nights.
///
/// SQLite through GRDB in WAL mode with `synchronous=FULL` (NORMAL lost acknowledged rows in a
/// simulated power cut). It holds no evidence of its own: batches and leaves are in journal,
/// segments and log. It can be opened beside a running collector, for enrolling devices.
public final class Catalogue: Sendable {
    let pool: DatabasePool
    let tokens = TokenMemory()

    /// Opens the catalogue of a data directory and brings its tables up to date.
    public static func open(at directory: String) throws(StorageError) -> Catalogue {
        let layout = StoreLayout(directory: directory)
        return try Catalogue(path: layout.catalogue)
    }

    init(path: String) throws(StorageError) {
        // SQLite would make it readable for everybody; its journals take over the rights it has.
        try files { () throws(DurableError) in
            try RealFileSystem().open(path, creating: true).close()
        }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase {
                // What is deleted is overwritten with zeros: rows about a child do not linger.
                try $0.execute(sql: "PRAGMA secure_delete = ON")
                // The write-ahead log is cut back to a megabyte once it is in the database.
                try $0.execute(sql: "PRAGMA journal_size_limit = 1048576")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            // Not above: GRDB sets NORMAL when it turns WAL on, after the connection is prepared.
            let level = try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(database, sql: "PRAGMA synchronous")
            }
            guard level == 2 else {
                throw StorageError.catalogue("its commits are not synced")
            }
            try CatalogueSchema.migrator.migrate(pool)
        } catch let error as StorageError {
            throw error
        } catch {
            throw .catalogue("\(error)")
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(StorageError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw .catalogue("\(error)")
        }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(StorageError) -> Value {
        do {
            return try pool.write(body)
        } catch {
            throw .catalogue("\(error)")
        }
    }

    /// Brings the write-ahead log into the database and closes it; later calls fail.
    public func close() throws(StorageError) {
        do {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try pool.close()
        } catch {
            throw .catalogue("\(error)")
        }
    }

    /// Brings the write-ahead log into the database and makes it empty, where no reader needs it now.
    func emptyLog() throws(StorageError) {
        do {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // The next night does it.
            return
        } catch {
            throw .catalogue("\(error)")
        }
    }

    // MARK: Small settings

    /// A value kept under a name; nil when there is none.
    public func setting(_ key: String) throws(StorageError) -> String? {
        try read {
            try String.fetchOne(
                $0, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
        }
    }

    /// Keeps a value under a name.
    public func set(_ key: String, _ value: String) throws(StorageError) {
        try write { try CatalogueSchema.set($0, key, value) }
    }

    /// Adds one to a counter kept under a name and returns the new value, from 1.
    public func next(_ counter: String) throws(StorageError) -> Int {
        try write { database in
            let old = try String.fetchOne(
                database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [counter])
            let new = (old.flatMap(Int.init) ?? 0) + 1
            try CatalogueSchema.set(database, counter, String(new))
            return new
        }
    }

    // MARK: Cursors and nights

    /// Where a reader of the journal goes on; nil when it never started.
    public func cursor(_ name: String) throws(StorageError) -> JournalPosition? {
        try setting("cursor." + name).flatMap(UInt64.init).map(JournalPosition.init)
    }

    /// Keeps where a reader of the journal goes on.
    public func setCursor(_ name: String, _ position: JournalPosition) throws(StorageError) {
        try set("cursor." + name, String(position.leaf))
    }

    /// The steps of a night that are done, with what they found (JSON).
    public func completedSteps(night: SchoolDay) throws(StorageError) -> [String: String] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT step, result FROM night_step WHERE night = ?",
                arguments: [night.description])
            return Swift.Dictionary(
                uniqueKeysWithValues: rows.map { ($0["step"] as String, $0["result"] as String) })
        }
    }

    /// Keeps that a step of a night is done. A step that is done already stays as it was.
    public func complete(step: String, night: SchoolDay, result: String) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "INSERT OR IGNORE INTO night_step (night, step, result) VALUES (?, ?, ?)",
                arguments: [night.description, step, result])
        }
    }
}
