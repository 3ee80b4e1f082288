public import Events
import Foundation
public import Storage

/// A request to forget or to hold: one JSON object, from the command line or by the control port.
public struct KeepCommand: Codable, Sendable {
    /// What to do.
    public enum Verb: String, Codable, Sendable {
        /// Erase a student's months.
        case erase
        /// Place a legal hold.
        case hold
        /// Lift one.
        case lift
        /// List holds and receipts.
        case list
    }

    /// What to do.
    public var verb: Verb
    /// The account, for `erase` and `hold`.
    public var student: String?
    /// The months, `YYYY-MM`, for `erase`; none stands for all.
    public var months: [String]?
    /// Number of the hold, for `lift`.
    public var hold: Int64?
    /// Why; stands in the log's record.
    public var reason: String?
    /// Who asks for it.
    public var by: String?
    /// The second person.
    public var approvedBy: String?

    /// A request.
    public init(
        verb: Verb, student: String? = nil, months: [String]? = nil, hold: Int64? = nil,
        reason: String? = nil, by: String? = nil, approvedBy: String? = nil
    ) {
        self.verb = verb
        self.student = student
        self.months = months
        self.hold = hold
        self.reason = reason
        self.by = by
        self.approvedBy = approvedBy
    }

    /// Carries it out; the answer is one JSON object. Who asks is recorded before anything is done.
    public func run(on store: Store, at now: Instant) async throws -> String {
        if verb == .list { return try list(store) }
        guard let by, !by.isEmpty, let approvedBy, !approvedBy.isEmpty, let reason, !reason.isEmpty
        else {
            throw StorageError.refused(
                "say who asks (--by), who approves (--approved-by) and why (--reason)")
        }
        guard by != approvedBy else {
            throw StorageError.refused("it needs two people: who approves must be another")
        }
        _ = try await store.record(
            AuditRow(
                at: now, actor: by, role: "two people", action: "keep-\(verb.rawValue)",
                subject: student, object: hold.map { "hold \($0)" }, purpose: reason, leaf: 0,
                hash: ""))
        switch verb {
        case .erase:
            let receipt = try await store.erase(
                student: try subject(), months: try parsedMonths(), reason: reason, by: by,
                approvedBy: approvedBy, at: now)
            return try KeepCommand.json(receipt)
        case .hold:
            let number = try store.catalogue.place(
                HoldRow(
                    student: try subject(), reason: reason, placed: now, placedBy: by,
                    approvedBy: approvedBy))
            return "{\"hold\":\(number)}"
        case .lift:
            guard let hold,
                try store.catalogue.lift(hold: hold, at: now, by: by, approvedBy: approvedBy)
            else {
                throw StorageError.refused("no such hold lasts; see daybook-collector keep list")
            }
            return "{\"lifted\":\(hold)}"
        case .list: return try list(store)
        }
    }

    private func list(_ store: Store) throws -> String {
        let holds = try KeepCommand.json(try store.catalogue.holds())
        let receipts = try store.erasureReceipts().joined(separator: ",")
        return "{\"holds\":\(holds),\"erasures\":[\(receipts)]}"
    }

    private func subject() throws -> StudentID {
        guard let student = student.flatMap({ StudentID($0) }) else {
            throw StorageError.refused("say whose data: --student ACCOUNT")
        }
        return student
    }

    private func parsedMonths() throws -> Set<CivilMonth>? {
        guard let months, !months.isEmpty else { return nil }
        return Set(
            try months.map { text in
                guard let month = CivilMonth(text) else {
                    throw StorageError.refused("\(text) is no month, write YYYY-MM")
                }
                return month
            })
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
