/// What the school reads in the morning: first what needs a person, then what was recorded and what
/// was not (`daybook.morning-report/v1`).
///
/// A plain value made from the stored results of the night, so that the same night gives the same
/// bytes. Students appear by code, never by name, and nothing that was typed appears at all (P21, S48).
public struct MorningReport: Codable, Hashable, Sendable {
    /// The name of the format.
    public static let formatName = "daybook.morning-report/v1"

    /// A possible incident, as one entry of the report.
    public struct Entry: Codable, Hashable, Sendable {
        /// The incident's id.
        public var id: String
        /// The student's code.
        public var student: String
        /// The theme.
        public var theme: String
        /// 1 to 5.
        public var severity: Int
        /// How soon, in plain English.
        public var deadline: String
        /// The procedure that takes over.
        public var procedure: String
        /// The first contact.
        public var contact: String
        /// What happened, in one sentence without content.
        public var summary: String
        /// Why it is so urgent.
        public var reasons: [String]
        /// Findings in all.
        public var findings: Int
        /// Findings of the day.
        public var findingsToday: Int
        /// Time of the first finding, RFC 3339.
        public var first: String
        /// Time of the last finding, RFC 3339.
        public var last: String
    }

    /// How often a theme was found.
    public struct ThemeCount: Codable, Hashable, Sendable {
        /// The theme.
        public var theme: String
        /// The theme in plain English.
        public var name: String
        /// Which of the four Cs (P40).
        public var risk: String
        /// Findings of the day.
        public var findings: Int
        /// Students with a finding of the day.
        public var students: Int
    }

    /// How often one of the four Cs was found.
    public struct RiskCount: Codable, Hashable, Sendable {
        /// `content`, `contact`, `conduct` or `commerce`.
        public var risk: String
        /// Findings of the day.
        public var findings: Int
    }

    /// Which rules were in force.
    public struct RulesInForce: Codable, Hashable, Sendable {
        /// Version of the pack.
        public var version: String
        /// SHA-256 of the pack.
        public var hash: String
        /// Number of rules.
        public var rules: Int

        /// The rules in force.
        public init(version: String, hash: String, rules: Int) {
            self.version = version
            self.hash = hash
            self.rules = rules
        }
    }

    /// What the check of the store said.
    public struct StoreCheck: Codable, Hashable, Sendable {
        /// Whether everything that was read is whole.
        public var isWhole: Bool
        /// What was read, in one sentence.
        public var summary: String
        /// Every damaged file and range.
        public var damage: [String]
    }

    /// The format.
    public var format: String
    /// The school.
    public var school: String
    /// The school day, `YYYY-MM-DD`.
    public var day: String
    /// When the night began, RFC 3339.
    public var made: String
    /// Incidents with findings of the day, most urgent first.
    public var incidents: [Entry]
    /// Open incidents without findings of the day, most urgent first.
    public var earlier: [Entry]
    /// Open incidents that are older than those.
    public var olderCount: Int
    /// What was recorded and what was not.
    public var coverage: CoverageReport
    /// Findings by theme.
    public var themes: [ThemeCount]
    /// Findings by the four Cs, all four of them.
    public var risks: [RiskCount]
    /// Which rules were in force.
    public var rules: RulesInForce
    /// What the check of the store said.
    public var store: StoreCheck
    /// The newest checkpoint: whoever keeps this page can show later that history was not rewritten.
    public var checkpoint: String
    /// Fingerprint of the key that signs bundles.
    public var issuerFingerprint: String
    /// What this report does not show, in plain sentences.
    public var notCovered: [String]

    /// The statements of every report on what is never covered (U18, U28, P50).
    public static let alwaysNotCovered = [
        "Only the computers listed here were recorded, and only while their agent ran. "
            + "Where nothing was recorded, this report cannot say that nothing happened.",
        "Students' own phones and other personal devices are not covered.",
        "Pictures, video and sound are not analysed.",
        "What was typed is not the same as what was sent; dictation, handwriting and "
            + "automatic correction are not seen.",
        "An account is not a person: somebody else may have used it.",
        "A finding is a prompt for a person to look, not a judgement about a student.",
    ]

    /// Incidents that need a person today: those of severity 4 and 5.
    public var today: [Entry] { incidents.filter { $0.severity >= 4 } }
    /// Incidents for this week.
    public var thisWeek: [Entry] { incidents.filter { $0.severity == 3 } }
    /// Incidents to keep an eye on.
    public var watch: [Entry] { incidents.filter { $0.severity <= 2 } }
}
