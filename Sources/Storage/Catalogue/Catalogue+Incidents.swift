public import Events
import GRDB

/// An incident as the catalogue keeps it.
public struct IncidentRow: Sendable, Equatable {
    /// `I-2026-000123`: no name, class or date of birth in it.
    public var id: String
    /// Whose account.
    public var student: StudentID
    /// Leading theme.
    public var theme: String
    /// Severity, 1 to 5.
    public var severity: Int
    /// Time of its first event.
    public var firstTime: Instant
    /// Time of its last event.
    public var lastTime: Instant
    /// How many findings it groups.
    public var findingCount: Int
    /// `open` until a person decides.
    public var status: String
    /// The school procedure it is referred to.
    public var procedure: String
    /// One sentence without content.
    public var summary: String
    /// When it was first made.
    public var created: Instant

    /// An incident from its parts.
    public init(
        id: String, student: StudentID, theme: String, severity: Int, firstTime: Instant,
        lastTime: Instant, findingCount: Int, status: String, procedure: String, summary: String,
        created: Instant
    ) {
        self.id = id
        self.student = student
        self.theme = theme
        self.severity = severity
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.findingCount = findingCount
        self.status = status
        self.procedure = procedure
        self.summary = summary
        self.created = created
    }
}

extension Catalogue {
    /// Stores an incident, replacing the one with the same id, and attaches findings to it, all at once.
    public func store(_ incident: IncidentRow, attaching findings: [Int64]) throws(StorageError) {
        try write { database in
            try Catalogue.upsert(incident, database)
            for id in findings {
                try database.execute(
                    sql: "UPDATE finding SET incident = ? WHERE id = ?",
                    arguments: [incident.id, id])
            }
        }
    }

    /// Stores an incident, replacing the one with the same id.
    public func upsert(incident: IncidentRow) throws(StorageError) {
        try write { try Catalogue.upsert(incident, $0) }
    }

    /// Attaches a finding to an incident.
    public func attach(finding id: Int64, to incident: String) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "UPDATE finding SET incident = ? WHERE id = ?", arguments: [incident, id])
        }
    }

    /// An incident by its id.
    public func incident(id: String) throws(StorageError) -> IncidentRow? {
        try incidents(where: "id = ?", [id]).first
    }

    /// Incidents by student and time, the most severe first; what is nil does not matter.
    public func incidents(student: StudentID? = nil, from: Instant? = nil, to: Instant? = nil)
        throws(StorageError) -> [IncidentRow]
    {
        try incidents(
            where: "(?1 IS NULL OR student = ?1) AND (?2 IS NULL OR last_time >= ?2) "
                + "AND (?3 IS NULL OR first_time < ?3)",
            [student?.rawValue, from?.milliseconds, to?.milliseconds])
    }

    private static func upsert(_ incident: IncidentRow, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO incident (id, student, theme, severity, first_time, last_time,
                    finding_count, status, procedure, summary, created)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET theme = excluded.theme,
                    severity = excluded.severity, first_time = excluded.first_time,
                    last_time = excluded.last_time, finding_count = excluded.finding_count,
                    status = excluded.status, procedure = excluded.procedure,
                    summary = excluded.summary
                """,
            arguments: [
                incident.id, incident.student.rawValue, incident.theme, incident.severity,
                incident.firstTime.milliseconds, incident.lastTime.milliseconds,
                incident.findingCount, incident.status, incident.procedure, incident.summary,
                incident.created.milliseconds,
            ])
    }

    private func incidents(where condition: String, _ arguments: StatementArguments)
        throws(StorageError) -> [IncidentRow]
    {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM incident WHERE \(condition) ORDER BY severity DESC, id",
                arguments: arguments
            ).compactMap { row in
                guard let student = StudentID(row["student"]) else { return nil }
                return IncidentRow(
                    id: row["id"], student: student, theme: row["theme"],
                    severity: row["severity"], firstTime: Instant(milliseconds: row["first_time"]),
                    lastTime: Instant(milliseconds: row["last_time"]),
                    findingCount: row["finding_count"], status: row["status"],
                    procedure: row["procedure"], summary: row["summary"],
                    created: Instant(milliseconds: row["created"]))
            }
        }
    }
}
