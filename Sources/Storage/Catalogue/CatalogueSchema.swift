import GRDB

/// The tables of the catalogue. A migration that was released is never changed; a new one follows it.
enum CatalogueSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 the whole path") { database in
            try database.execute(sql: version1)
        }
        // A code that was used stays, so that the agent whose answer was lost gets it again.
        migrator.registerMigration("2 used enrolment codes") { database in
            try database.execute(
                sql: "ALTER TABLE enrolment_code ADD COLUMN device TEXT REFERENCES device")
        }
        migrator.registerMigration("3 keys") { database in
            try database.execute(
                sql: "ALTER TABLE block ADD COLUMN key INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("4 forgetting") { database in
            try database.execute(sql: version4)
        }
        return migrator
    }

    /// A segment in `discarded_segment` is to be removed: it was merged into another, or never finished.
    private static let version4 = """
        CREATE TABLE discarded_segment (id INTEGER PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE hold (
            id INTEGER PRIMARY KEY, student TEXT NOT NULL, reason TEXT NOT NULL,
            placed INTEGER NOT NULL, placed_by TEXT NOT NULL, approved_by TEXT NOT NULL,
            lifted INTEGER, lifted_by TEXT, lift_approved_by TEXT);
        CREATE TABLE erasure (
            leaf INTEGER PRIMARY KEY, receipt TEXT NOT NULL, is_done INTEGER NOT NULL);
        """

    static func set(_ database: Database, _ key: String, _ value: String) throws {
        try database.execute(
            sql: "INSERT INTO setting (key, value) VALUES (?, ?) "
                + "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }

    private static let version1 = """
        CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE device (
            name TEXT PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, public_key BLOB,
            enrolled INTEGER NOT NULL, revoked INTEGER, set_aside INTEGER) WITHOUT ROWID;
        CREATE TABLE device_token (
            hash BLOB PRIMARY KEY, device TEXT NOT NULL REFERENCES device) WITHOUT ROWID;
        CREATE TABLE enrolment_code (
            hash BLOB PRIMARY KEY, label TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE operator (hash BLOB PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE segment (
            number INTEGER PRIMARY KEY, first_leaf INTEGER NOT NULL, leaf_count INTEGER NOT NULL,
            events INTEGER NOT NULL, size INTEGER NOT NULL);
        CREATE TABLE block (
            id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, student TEXT NOT NULL,
            offset INTEGER NOT NULL, size INTEGER NOT NULL, events INTEGER NOT NULL,
            first_time INTEGER NOT NULL, last_time INTEGER NOT NULL);
        CREATE INDEX block_by_student ON block (student, last_time);
        CREATE INDEX block_by_time ON block (last_time);
        CREATE TABLE batch (
            leaf INTEGER PRIMARY KEY, block INTEGER NOT NULL, device TEXT NOT NULL,
            number INTEGER NOT NULL, statement BLOB NOT NULL, machine TEXT NOT NULL,
            session TEXT NOT NULL, received INTEGER NOT NULL, first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL, events INTEGER NOT NULL);
        CREATE UNIQUE INDEX batch_by_number ON batch (device, number);
        CREATE INDEX batch_by_time ON batch (last_time);
        CREATE TABLE stream_range (
            device TEXT NOT NULL, machine TEXT NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, PRIMARY KEY (device, machine, first)) WITHOUT ROWID;
        CREATE TABLE idempotency (
            device TEXT NOT NULL, key TEXT NOT NULL, body_hash BLOB NOT NULL,
            receipt BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, key)) WITHOUT ROWID;

        CREATE TABLE incident (
            id TEXT PRIMARY KEY, student TEXT NOT NULL, theme TEXT NOT NULL,
            severity INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
            finding_count INTEGER NOT NULL, status TEXT NOT NULL, procedure TEXT NOT NULL,
            summary TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX incident_by_student ON incident (student, last_time);
        CREATE TABLE finding (
            id INTEGER PRIMARY KEY, student TEXT NOT NULL, machine TEXT NOT NULL,
            session TEXT NOT NULL, device TEXT NOT NULL, leaf INTEGER NOT NULL,
            time INTEGER NOT NULL, rule_id TEXT NOT NULL, rule_title TEXT NOT NULL,
            rule_version TEXT NOT NULL, rule_hash TEXT NOT NULL, pack_version TEXT NOT NULL,
            theme TEXT NOT NULL, severity INTEGER NOT NULL, reasons TEXT NOT NULL,
            spans TEXT NOT NULL, reading TEXT NOT NULL, first_sequence INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL, finding_leaf INTEGER, incident TEXT REFERENCES incident,
            UNIQUE (device, machine, first_sequence, last_sequence, rule_id, reading));
        CREATE INDEX finding_by_student ON finding (student, time);
        CREATE INDEX finding_by_time ON finding (time);
        CREATE INDEX finding_by_incident ON finding (incident);

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT, object TEXT, purpose TEXT NOT NULL,
            leaf INTEGER NOT NULL, hash TEXT NOT NULL);
        CREATE INDEX audit_by_subject ON audit (subject, at);
        CREATE INDEX audit_by_time ON audit (at);
        CREATE TABLE night_step (
            night TEXT NOT NULL, step TEXT NOT NULL, result TEXT NOT NULL,
            PRIMARY KEY (night, step)) WITHOUT ROWID;
        """
}
