public import Events
import GRDB

/// A finding as the catalogue keeps it. It holds no typed text: that is rebuilt from the events.
public struct FindingRow: Sendable, Equatable {
    /// The row's number; nil before it is stored.
    public var id: Int64?
    /// Whose account.
    public var student: StudentID
    /// At which computer.
    public var machine: MachineID
    /// In which login session.
    public var session: SessionID
    /// Which device sent the events.
    public var device: DeviceName
    /// Leaf of the batch that holds the first event.
    public var leaf: UInt64
    /// Time of the last event it rests on.
    public var time: Instant
    /// Rule id.
    public var ruleID: String
    /// Rule title in plain English.
    public var ruleTitle: String
    /// Version of the rule.
    public var ruleVersion: String
    /// SHA-256 of the rule's text in hex.
    public var ruleHash: String
    /// Version of the pack in force.
    public var packVersion: String
    /// Theme, as in `events.md`.
    public var theme: String
    /// Severity, 1 to 5.
    public var severity: Int
    /// Reasons, a JSON list of sentences without content.
    public var reasonsJSON: String
    /// Spans, a JSON list.
    public var spansJSON: String
    /// Which reading matched.
    public var reading: String
    /// First event it rests on.
    public var firstSequence: UInt64
    /// Last event it rests on.
    public var lastSequence: UInt64
    /// Its own leaf of the log, once appended.
    public var findingLeaf: UInt64?
    /// The incident it belongs to.
    public var incident: String?

    /// A finding from its parts.
    public init(
        id: Int64? = nil, student: StudentID, machine: MachineID, session: SessionID,
        device: DeviceName, leaf: UInt64, time: Instant, ruleID: String, ruleTitle: String,
        ruleVersion: String, ruleHash: String, packVersion: String, theme: String, severity: Int,
        reasonsJSON: String, spansJSON: String, reading: String, firstSequence: UInt64,
        lastSequence: UInt64, findingLeaf: UInt64? = nil, incident: String? = nil
    ) {
        self.id = id
        self.student = student
        self.machine = machine
        self.session = session
        self.device = device
        self.leaf = leaf
        self.time = time
        self.ruleID = ruleID
        self.ruleTitle = ruleTitle
        self.ruleVersion = ruleVersion
        self.ruleHash = ruleHash
        self.packVersion = packVersion
        self.theme = theme
        self.severity = severity
        self.reasonsJSON = reasonsJSON
        self.spansJSON = spansJSON
        self.reading = reading
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.findingLeaf = findingLeaf
        self.incident = incident
    }
}

extension Catalogue {
    /// Stores findings and the detection line's position in one transaction.
    ///
    /// A finding that is there already (the line was repeated after a crash) is left as it is.
    /// `settings` are small values of the line that must change together with its position.
    /// - Returns: the findings that were new, with their row numbers.
    public func commitDetection(
        findings: [FindingRow], cursor: JournalPosition, settings: [String: String] = [:]
    ) throws(StorageError) -> [FindingRow] {
        try write { database in
            var new: [FindingRow] = []
            for finding in findings {
                if let id = try Catalogue.insert(finding, database) {
                    var stored = finding
                    stored.id = id
                    new.append(stored)
                }
            }
            try CatalogueSchema.set(database, "cursor.detection", String(cursor.leaf))
            for (key, value) in settings { try CatalogueSchema.set(database, key, value) }
            return new
        }
    }

    /// Keeps the leaf of the log that a finding is.
    public func setLeaf(_ leaf: UInt64, ofFinding id: Int64) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "UPDATE finding SET finding_leaf = ? WHERE id = ?",
                arguments: [Int64(leaf), id])
        }
    }

    /// Findings that have no leaf of the log yet, oldest row first: a crash came between.
    public func findingsWithoutLeaf() throws(StorageError) -> [FindingRow] {
        try findings(where: "finding_leaf IS NULL", [])
    }

    /// Findings that belong to no incident yet, oldest row first.
    public func findingsWithoutIncident() throws(StorageError) -> [FindingRow] {
        try findings(where: "incident IS NULL", [])
    }

    /// Findings of an incident, by time.
    public func findings(incident: String) throws(StorageError) -> [FindingRow] {
        try findings(where: "incident = ?", [incident])
    }

    /// Findings by student and time; what is nil does not matter.
    public func findings(student: StudentID?, from: Instant?, to: Instant?) throws(StorageError)
        -> [FindingRow]
    {
        try findings(
            where: "(?1 IS NULL OR student = ?1) AND (?2 IS NULL OR time >= ?2) "
                + "AND (?3 IS NULL OR time < ?3)",
            [student?.rawValue, from?.milliseconds, to?.milliseconds])
    }

    private static func insert(_ finding: FindingRow, _ database: Database) throws -> Int64? {
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO finding (student, machine, session, device, leaf, time,
                    rule_id, rule_title, rule_version, rule_hash, pack_version, theme, severity,
                    reasons, spans, reading, first_sequence, last_sequence, finding_leaf, incident)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                finding.student.rawValue, finding.machine.rawValue, finding.session.rawValue,
                finding.device.rawValue, Int64(finding.leaf), finding.time.milliseconds,
                finding.ruleID, finding.ruleTitle, finding.ruleVersion, finding.ruleHash,
                finding.packVersion, finding.theme, finding.severity, finding.reasonsJSON,
                finding.spansJSON, finding.reading, Int64(bitPattern: finding.firstSequence),
                Int64(bitPattern: finding.lastSequence), finding.findingLeaf.map { Int64($0) },
                finding.incident,
            ])
        return database.changesCount > 0 ? database.lastInsertedRowID : nil
    }

    private func findings(where condition: String, _ arguments: StatementArguments)
        throws(StorageError) -> [FindingRow]
    {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM finding WHERE \(condition) ORDER BY time, first_sequence, id",
                arguments: arguments
            ).compactMap(Catalogue.finding)
        }
    }

    private static func finding(_ row: Row) -> FindingRow? {
        guard let student = StudentID(row["student"]), let machine = MachineID(row["machine"]),
            let session = SessionID(row["session"]), let device = DeviceName(row["device"])
        else { return nil }
        let leaf: Int64 = row["leaf"]
        let first: Int64 = row["first_sequence"]
        let last: Int64 = row["last_sequence"]
        let findingLeaf: Int64? = row["finding_leaf"]
        return FindingRow(
            id: row["id"], student: student, machine: machine, session: session, device: device,
            leaf: UInt64(leaf), time: Instant(milliseconds: row["time"]), ruleID: row["rule_id"],
            ruleTitle: row["rule_title"], ruleVersion: row["rule_version"],
            ruleHash: row["rule_hash"], packVersion: row["pack_version"], theme: row["theme"],
            severity: row["severity"], reasonsJSON: row["reasons"], spansJSON: row["spans"],
            reading: row["reading"], firstSequence: UInt64(bitPattern: first),
            lastSequence: UInt64(bitPattern: last), findingLeaf: findingLeaf.map { UInt64($0) },
            incident: row["incident"])
    }
}
