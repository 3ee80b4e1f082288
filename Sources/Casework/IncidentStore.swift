public import Events
public import Storage
import Synchronization

/// An incident that was opened or has new findings.
public struct IncidentChange: Hashable, Sendable {
    /// The incident as it is now.
    public let incident: Incident
    /// Whether it was opened just now.
    public let isNew: Bool
}

/// Keeps incidents in the catalogue, and students' codes.
///
/// An incident row is always derived from all findings attached to it, and attaching and deriving are
/// one transaction, so that a crash or a repeat changes nothing: the same findings give the same incidents.
public final class IncidentStore: Sendable {
    private let catalogue: Catalogue
    /// Whoever groups or gives a code holds it: ids and codes are given out one at a time.
    private let turn = Mutex(())

    /// The status of an incident that no person has decided on.
    public static let openStatus = "open"

    /// Casework over a catalogue; make one for a process.
    public init(catalogue: Catalogue) { self.catalogue = catalogue }

    /// Puts findings that have just been stored into incidents; those that stand in one already stay there.
    ///
    /// - Returns: the incidents that were opened or grew, in the order of their ids.
    public func group(_ rows: [FindingRow], at now: Instant) throws(CaseworkError)
        -> [IncidentChange]
    {
        try turn.withLock { _ throws(CaseworkError) in
            var changes: [IncidentChange] = []
            let byStudent = Dictionary(grouping: rows.filter { $0.incident == nil }, by: \.student)
            for (student, rows) in byStudent.sorted(by: { $0.key < $1.key }) {
                changes += try group(rows, of: student, at: now)
            }
            return changes.sorted { $0.incident.id < $1.incident.id }
        }
    }

    /// Puts findings that a crash left without incident where they belong.
    public func groupLeftovers(at now: Instant) throws(CaseworkError) -> [IncidentChange] {
        let rows = try catalogued { () throws(StorageError) in
            try catalogue.findingsWithoutIncident()
        }
        return try group(rows, at: now)
    }

    /// An incident as its findings make it; nil when there is none of that id.
    public func incident(_ id: IncidentID) throws(CaseworkError) -> Incident? {
        Incident(id, of: try members(of: id))
    }

    /// The code that stands for a student in lists and reports: `S-0001`, given out in the order in
    /// which students first appear there (S48).
    public func code(of student: StudentID) throws(CaseworkError) -> String {
        try turn.withLock { _ throws(CaseworkError) in
            try catalogued { () throws(StorageError) in
                let key = "student-code." + student.rawValue
                if let code = try catalogue.setting(key) { return code }
                let digits = String(try catalogue.next("counter.student-code"))
                let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
                let code = "S-" + zeros + digits
                try catalogue.set(key, code)
                return code
            }
        }
    }

    // MARK: One student

    private func group(_ rows: [FindingRow], of student: StudentID, at now: Instant)
        throws(CaseworkError) -> [IncidentChange]
    {
        var fresh: [CaseFinding] = []
        for row in rows { fresh.append(try CaseFinding(row)) }
        var story = try story(of: student, around: fresh)
        let known = Set(story.members.values.flatMap { $0.map(\.id) })
        var builder = IncidentBuilder(after: story.incidents)
        var attached: [IncidentID: [Int64]] = [:]
        for finding in fresh.sorted(by: CaseFinding.precedes) where !known.contains(finding.id) {
            let id: IncidentID
            switch builder.placement(of: finding) {
            case .recordOnly: continue
            case .joins(let there): id = there
            case .opens: id = try nextID(at: finding.time)
            }
            builder.note(finding, in: id)
            story.members[id, default: []].append(finding)
            attached[id, default: []].append(finding.id)
        }
        return try store(attached, of: story, at: now)
    }

    /// The incidents a student's new findings might join, with what stands in them.
    private struct Story {
        var rows: [IncidentID: IncidentRow] = [:]
        var members: [IncidentID: [CaseFinding]] = [:]

        var incidents: [Incident] { members.compactMap { Incident($0.key, of: $0.value) } }
    }

    private func story(of student: StudentID, around findings: [CaseFinding])
        throws(CaseworkError) -> Story
    {
        var story = Story()
        let times = findings.map(\.time)
        guard let first = times.min(), let last = times.max() else { return story }
        let gap = IncidentBuilder.gapMilliseconds
        let near = try catalogued { () throws(StorageError) in
            try catalogue.incidents(
                student: student, from: first.advanced(byMilliseconds: -gap),
                to: last.advanced(byMilliseconds: gap + 1))
        }
        for row in near where row.status == IncidentStore.openStatus {
            guard let id = IncidentID(row.id) else { continue }
            story.rows[id] = row
            story.members[id] = try members(of: id)
        }
        return story
    }

    private func members(of id: IncidentID) throws(CaseworkError) -> [CaseFinding] {
        let rows = try catalogued { () throws(StorageError) in
            try catalogue.findings(incident: id.description)
        }
        var findings: [CaseFinding] = []
        for row in rows { findings.append(try CaseFinding(row)) }
        return findings
    }

    private func nextID(at time: Instant) throws(CaseworkError) -> IncidentID {
        let year = SchoolDay(containing: time).date.year
        let number = try catalogued { () throws(StorageError) in
            try catalogue.next("counter.incident.\(year)")
        }
        guard let id = IncidentID(year: year, number: number) else {
            throw .tooManyIncidents(year: year)
        }
        return id
    }

    private func store(_ attached: [IncidentID: [Int64]], of story: Story, at now: Instant)
        throws(CaseworkError) -> [IncidentChange]
    {
        var changes: [IncidentChange] = []
        for (id, findings) in attached.sorted(by: { $0.key < $1.key }) {
            guard let incident = Incident(id, of: story.members[id] ?? []) else { continue }
            let old = story.rows[id]
            let row = IncidentRow(incident, status: old?.status, created: old?.created ?? now)
            try catalogued { () throws(StorageError) in
                try catalogue.store(row, attaching: findings)
            }
            changes.append(IncidentChange(incident: incident, isNew: old == nil))
        }
        return changes
    }
}

extension IncidentRow {
    /// The row of an incident.
    init(_ incident: Incident, status: String?, created: Instant) {
        self.init(
            id: incident.id.description, student: incident.student,
            theme: incident.theme.rawValue, severity: incident.severity.rawValue,
            firstTime: incident.first, lastTime: incident.last,
            findingCount: incident.findingCount, status: status ?? IncidentStore.openStatus,
            procedure: incident.referral.procedure.rawValue, summary: incident.summary,
            created: created)
    }
}
