/// A rule that matched, with where and in what words.
public struct FindingRecord: Codable, Hashable, Sendable {
    /// The rule's id.
    public var rule: String
    /// The rule's title, in plain English.
    public var title: String
    /// The rule's own version.
    public var ruleVersion: String
    /// The version of the pack it came from.
    public var packVersion: String
    /// Lower-case hex SHA-256 of the rule's source, `data/rules/<rule>.yml`.
    public var ruleHash: String
    /// What it is about: a theme of the vocabulary.
    public var theme: String
    /// How soon a person must look, 5 at once to 1 for the record only.
    public var severity: Int
    /// One plain sentence each: why this severity, and what speaks against it.
    public var reasons: [String]
    /// How text was made comparable before the rule saw it.
    public var normalisation: Normalisation
    /// The device whose events it rests on.
    public var device: String
    /// The first event it rests on.
    public var firstSequence: UInt64
    /// The last event it rests on.
    public var lastSequence: UInt64
    /// Where it matched.
    public var matches: [MatchRecord]

    /// How text was made comparable before a rule saw it.
    public struct Normalisation: Codable, Hashable, Sendable {
        /// What the procedure is called.
        public var id: String
        /// Its version.
        public var version: String
        /// Its steps, in order.
        public var steps: [String]

        /// A procedure.
        public init(id: String, version: String, steps: [String]) {
            self.id = id
            self.version = version
            self.steps = steps
        }
    }

    /// A rule that matched.
    public init(
        rule: String, title: String, ruleVersion: String, packVersion: String, ruleHash: String,
        theme: String, severity: Int, reasons: [String], normalisation: Normalisation,
        device: String, firstSequence: UInt64, lastSequence: UInt64, matches: [MatchRecord]
    ) {
        self.rule = rule
        self.title = title
        self.ruleVersion = ruleVersion
        self.packVersion = packVersion
        self.ruleHash = ruleHash
        self.theme = theme
        self.severity = severity
        self.reasons = reasons
        self.normalisation = normalisation
        self.device = device
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.matches = matches
    }
}

/// A place where a rule matched, in the original text, and the events that made it.
///
/// ``BundleTimeline/match(device:reading:field:lower:upper:sequences:)`` makes it from a detector's span.
public struct MatchRecord: Codable, Hashable, Sendable {
    /// Which reading: `as-left`, `as-typed`, `deleted-run` or `field`.
    public var reading: String
    /// The field that matched: `TypedText`, `WindowTitle`, `Url` ...
    public var field: String
    /// First byte of the UTF-8 of the original text.
    public var lower: Int
    /// One past the last byte.
    public var upper: Int
    /// The words at that place.
    public var text: String
    /// The events that made them.
    public var events: [EventReference]

    /// One event of a bundle.
    public struct EventReference: Codable, Hashable, Sendable {
        /// The log leaf of its batch.
        public var leaf: UInt64
        /// Its index in the batch.
        public var index: Int
    }
}
