import Access
import Casework
import Events
import Foundation
import Proofs
import Storage

/// The steps of a night, in their order. The raw values are stored: they never change.
public enum NightStep: String, CaseIterable, Sendable {
    /// The act is recorded and the open journal is sealed.
    case closeDay = "close-day"
    /// Which machines were silent, what is missing.
    case coverage
    /// Findings that a crash left behind are grouped, incidents are ranked, themes are counted.
    case casework
    /// The day's segments become one.
    case merge
    /// What is older than the retention rules allow is removed.
    case retention
    /// The store is read back.
    case checkStore = "check-store"
    /// The log is signed as it stands.
    case checkpoint
    /// The report is written.
    case report
    /// It is said that there is a report, not what is in it.
    case notify
}

/// What closing the day found.
struct DayClosed: Codable {
    /// When the night began, RFC 3339.
    var started: String
    /// Segments that were made.
    var segments: Int
    /// Events in them.
    var events: Int
}

/// What a day means for the people who deal with it.
struct DayOfCasework: Codable {
    var incidents: [MorningReport.Entry]
    var earlier: [MorningReport.Entry]
    var olderCount: Int
    var themes: [MorningReport.ThemeCount]
    var risks: [MorningReport.RiskCount]
}

/// The newest checkpoint and the key that signs bundles.
struct DayAnchored: Codable {
    var checkpoint: String
    var issuerFingerprint: String
}

/// What whoever is on duty is told: that there is a report (P21).
struct NightNotice: Codable {
    var text: String
}

extension DayOfCasework {
    /// The day out of the catalogue.
    static func make(of day: SchoolDay, from store: Store, casework: IncidentStore)
        throws(NightFault) -> DayOfCasework
    {
        let findings = try NightFault.store { () throws(StorageError) in
            try store.catalogue.findings(student: nil, from: day.start, to: day.end)
        }
        let rows = try NightFault.store { () throws(StorageError) in
            try store.catalogue.incidents(from: nil, to: day.end)
        }
        let today = Dictionary(grouping: findings.compactMap(\.incident)) { $0 }
            .mapValues(\.count)
        var result = DayOfCasework(
            incidents: [], earlier: [], olderCount: 0, themes: themes(of: findings),
            risks: risks(of: findings))
        let oldest = SchoolDay(day.date.advanced(byDays: -ReportsLimits.openIncidentDays)).start
        for row in rows {
            // Events of an offline machine that came in on this day stand in this day's report.
            let cameLate = row.created >= day.start && row.created < day.end
            if let count = today[row.id] {
                result.incidents.append(try entry(row, findingsToday: count, casework))
            } else if cameLate {
                result.incidents.append(try entry(row, findingsToday: 0, casework))
            } else if row.status != IncidentStore.openStatus {
                continue
            } else if row.lastTime >= oldest {
                result.earlier.append(try entry(row, findingsToday: 0, casework))
            } else {
                result.olderCount += 1
            }
        }
        result.incidents.sort(by: precedes)
        result.earlier.sort(by: precedes)
        return result
    }

    private static func precedes(_ left: MorningReport.Entry, _ right: MorningReport.Entry)
        -> Bool
    {
        (-left.severity, -left.findingsToday, left.id)
            < (-right.severity, -right.findingsToday, right.id)
    }

    private static func entry(
        _ row: IncidentRow, findingsToday: Int, _ casework: IncidentStore
    ) throws(NightFault) -> MorningReport.Entry {
        let code = try NightFault.casework { () throws(CaseworkError) in
            try casework.code(of: row.student)
        }
        let incident = try NightFault.casework { () throws(CaseworkError) in
            try IncidentID(row.id).flatMap { id throws(CaseworkError) in
                try casework.incident(id)
            }
        }
        let referral =
            incident?.referral
            ?? Referral(
                themes: Theme(rawValue: row.theme).map { [$0] } ?? [],
                severity: Severity(rawValue: row.severity) ?? .watch)
        return MorningReport.Entry(
            id: row.id, student: code, theme: row.theme, severity: row.severity,
            deadline: referral.deadline, procedure: row.procedure,
            contact: referral.contact.title, summary: row.summary,
            reasons: incident?.reasons ?? [], findings: row.findingCount,
            findingsToday: findingsToday, first: row.firstTime.rfc3339,
            last: row.lastTime.rfc3339)
    }

    private static func themes(of findings: [FindingRow]) -> [MorningReport.ThemeCount] {
        let byTheme = Dictionary(grouping: findings, by: \.theme)
        return byTheme.map { name, rows in
            let theme = Theme(rawValue: name)
            return MorningReport.ThemeCount(
                theme: name, name: theme?.plainName ?? name, risk: theme?.risk.rawValue ?? "",
                findings: rows.count, students: Set(rows.map(\.student)).count)
        }
        .sorted { (-$0.findings, $0.theme) < (-$1.findings, $1.theme) }
    }

    /// All four Cs, also those without a finding: a zero is an answer (P40).
    private static func risks(of findings: [FindingRow]) -> [MorningReport.RiskCount] {
        let risks: [Theme.Risk] = [.content, .contact, .conduct, .commerce]
        return risks.map { risk in
            MorningReport.RiskCount(
                risk: risk.rawValue,
                findings: findings.count { Theme(rawValue: $0.theme)?.risk == risk })
        }
    }
}

extension NightNotice {
    /// Notes that the report with its checkpoint is there to be read, and says so.
    static func make(of day: SchoolDay, report: MorningReport, in store: Store)
        throws(StorageError) -> NightNotice
    {
        // nil: a checkpoint of ours that cannot be read is no anchor, and the store's check says why.
        if let signed = try? SignedCheckpoint(parsing: Array(report.checkpoint.utf8)) {
            let anchor = ReportAnchor(size: signed.checkpoint.size, time: report.made)
            try store.catalogue.set(ReportAnchor.settingName, anchor.line)
        }
        return NightNotice(text: "The morning report of \(day) is ready.")
    }
}

extension DayAnchored {
    /// Signs the log as it stands.
    static func make(from store: Store) throws(StorageError) -> DayAnchored {
        DayAnchored(
            checkpoint: try store.checkpoint(),
            issuerFingerprint: fingerprint(of: store.keys.issuer.publicKey))
    }

    /// The fingerprint as `ssh-keygen -l` prints it: base64 without padding of the SHA-256 of the key
    /// in SSH's form (RFC 4253 section 6.6, RFC 8709 section 4).
    static func fingerprint(of publicKey: [UInt8]) -> String {
        func string(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }
        let blob = string(Array("ssh-ed25519".utf8)) + string(publicKey)
        return "SHA256:" + Hash.sha256(blob).base64.prefix { $0 != "=" }
    }
}

/// What stopped a step, before it is known which one.
enum NightFault: Error {
    case storage(StorageError)
    case cases(CaseworkError)

    var message: String {
        switch self {
        case .storage(let error): error.message
        case .cases(let error): error.message
        }
    }

    static func store<Value>(_ body: () throws(StorageError) -> Value) throws(NightFault)
        -> Value
    {
        do {
            return try body()
        } catch {
            throw .storage(error)
        }
    }

    static func casework<Value>(_ body: () throws(CaseworkError) -> Value) throws(NightFault)
        -> Value
    {
        do {
            return try body()
        } catch {
            throw .cases(error)
        }
    }
}
