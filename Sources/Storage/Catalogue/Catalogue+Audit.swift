public import Events
import GRDB

/// One act of a person or of the system on a student's data: who looked, why, at what.
public struct AuditRow: Sendable, Equatable {
    /// The row's number; nil before it is stored.
    public var id: Int64?
    /// When.
    public var at: Instant
    /// Who, as the token's holder.
    public var actor: String
    /// In which role.
    public var role: String
    /// What: `ingest finding view search export seal hand-over open night`.
    public var action: String
    /// About whom.
    public var subject: String?
    /// On what: an incident or bundle id.
    public var object: String?
    /// Why, in the actor's words.
    public var purpose: String
    /// The leaf of the log that proves it.
    public var leaf: UInt64
    /// SHA-256 of the salted record in hex.
    public var hash: String

    /// An act from its parts.
    public init(
        id: Int64? = nil, at: Instant, actor: String, role: String, action: String,
        subject: String?, object: String?, purpose: String, leaf: UInt64, hash: String
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.role = role
        self.action = action
        self.subject = subject
        self.object = object
        self.purpose = purpose
        self.leaf = leaf
        self.hash = hash
    }
}

extension Catalogue {
    /// Stores an act. ``Store/record(_:)`` does it together with the leaf of the log.
    public func insert(audit row: AuditRow) throws(StorageError) {
        try write {
            try $0.execute(
                sql:
                    "INSERT INTO audit (at, actor, role, action, subject, object, purpose, leaf, hash)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    row.at.milliseconds, row.actor, row.role, row.action, row.subject, row.object,
                    row.purpose, Int64(row.leaf), row.hash,
                ])
        }
    }

    /// Acts by time and subject, oldest first; what is nil does not matter.
    public func audit(from: Instant?, to: Instant?, subject: StudentID?) throws(StorageError)
        -> [AuditRow]
    {
        try read { database in
            try Row.fetchAll(
                database,
                sql:
                    "SELECT * FROM audit WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR at < ?2)"
                    + " AND (?3 IS NULL OR subject = ?3) ORDER BY id",
                arguments: [from?.milliseconds, to?.milliseconds, subject?.rawValue]
            ).map { row in
                let leaf: Int64 = row["leaf"]
                return AuditRow(
                    id: row["id"], at: Instant(milliseconds: row["at"]), actor: row["actor"],
                    role: row["role"], action: row["action"], subject: row["subject"],
                    object: row["object"], purpose: row["purpose"], leaf: UInt64(leaf),
                    hash: row["hash"])
            }
        }
    }
}
