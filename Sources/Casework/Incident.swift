public import Events

/// Findings about one student that belong to one story: a prompt for a person, never a judgement (S57).
///
/// Everything but the id follows from the findings, so that an incident can be derived again at any
/// time and comes out the same.
public struct Incident: Hashable, Sendable {
    /// Its name.
    public let id: IncidentID
    /// The account it is about.
    public let student: StudentID
    /// The theme of its most urgent findings.
    public let theme: Theme
    /// All its themes, most urgent first.
    public let themes: [Theme]
    /// How soon a person must look.
    public let severity: Severity
    /// Why it is so urgent, one plain sentence each.
    public let reasons: [String]
    /// The time of the first finding.
    public let first: Instant
    /// The time of the last finding.
    public let last: Instant
    /// The time of the first finding above "record only".
    public let firstAlert: Instant
    /// The time of the last finding above "record only": from here it stays open for more.
    public let lastAlert: Instant
    /// The number of findings.
    public let findingCount: Int
    /// The number of school days with a finding above "record only".
    public let dayCount: Int

    /// The family of its theme.
    public var family: CaseFamily { theme.family }
    /// Who takes it over and how soon.
    public var referral: Referral { Referral(themes: themes, severity: severity) }

    /// Derives an incident from its findings; nil when none of them is above "record only".
    public init?(_ id: IncidentID, of findings: [CaseFinding]) {
        let alerting = findings.filter { $0.severity > .recordOnly }
            .sorted(by: CaseFinding.precedes)
        guard let earliest = alerting.first, let latest = alerting.last else { return nil }
        let ranked = Incident.ranked(alerting)
        let days = Set(alerting.map { SchoolDay(containing: $0.time) }).count
        let rating = Incident.rating(of: alerting, theme: ranked[0], days: days)
        self.id = id
        student = earliest.student
        theme = ranked[0]
        themes = ranked
        severity = rating.severity
        reasons = rating.reasons
        first = findings.map(\.time).min() ?? earliest.time
        last = findings.map(\.time).max() ?? latest.time
        firstAlert = earliest.time
        lastAlert = latest.time
        findingCount = findings.count
        dayCount = days
    }

    /// What happened, in one sentence without content or name.
    public var summary: String {
        let others = themes.dropFirst().map(\.plainName)
        let also = others.isEmpty ? "" : ", with possible " + Incident.listed(others)
        let count = findingCount == 1 ? "one finding" : "\(findingCount) findings"
        let days = dayCount == 1 ? "on one day" : "on \(dayCount) days"
        return "Possible \(theme.plainName)\(also): \(count) \(days)."
    }

    /// The themes, by greatest severity, then by number of findings, then in the order of the vocabulary.
    private static func ranked(_ findings: [CaseFinding]) -> [Theme] {
        var worst: [Theme: Int] = [:]
        var counts: [Theme: Int] = [:]
        for finding in findings {
            worst[finding.theme] = max(worst[finding.theme] ?? 0, finding.severity.rawValue)
            counts[finding.theme, default: 0] += 1
        }
        return Theme.allCases.enumerated().filter { counts[$0.element] != nil }.sorted {
            let left = (worst[$0.element] ?? 0, counts[$0.element] ?? 0, -$0.offset)
            let right = (worst[$1.element] ?? 0, counts[$1.element] ?? 0, -$1.offset)
            return left > right
        }.map(\.element)
    }

    /// The largest severity, and one more when it comes back on several days.
    private static func rating(of findings: [CaseFinding], theme: Theme, days: Int)
        -> (severity: Severity, reasons: [String])
    {
        let largest = findings.map(\.severity).max() ?? .recordOnly
        var reasons = ["The most urgent finding has severity \(largest.rawValue)."]
        // Severity 5 says that there is a plan or the means for it; coming back does not show that.
        guard days > 1, theme.family.risesWhenRepeated, largest < .sameDay,
            let raised = Severity(rawValue: largest.rawValue + 1)
        else { return (largest, reasons) }
        reasons.append("One step more urgent because it came back on \(days) days.")
        return (raised, reasons)
    }

    /// `a`, `a and b`, `a, b and c`.
    private static func listed(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
