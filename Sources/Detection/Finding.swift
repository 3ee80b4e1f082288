public import Events

/// Which reading of what was typed a span refers to.
public enum ReadingKind: String, Sendable, Codable, Hashable {
    /// The text as the field was left.
    case asLeft = "as-left"
    /// The text as it was typed, deletions marked.
    case asTyped = "as-typed"
    /// A run that was typed and then deleted.
    case deletedRun = "deleted-run"
    /// A field of an event that is not typed text: window title, URL, command line.
    case field
}

/// Where a rule matched, in bytes of the UTF-8 of the *original* text, through every normalisation step.
public struct Span: Sendable, Codable, Hashable {
    /// Which text the range refers to.
    public var reading: ReadingKind
    /// The Sigma field that matched: `TypedText`, `WindowTitle`, `Url`, `CommandLine` ...
    public var field: String
    /// First byte.
    public var lower: Int
    /// One past the last byte.
    public var upper: Int

    /// A span from its parts.
    public init(reading: ReadingKind, field: String, lower: Int, upper: Int) {
        self.reading = reading
        self.field = field
        self.lower = lower
        self.upper = upper
    }
}

/// A rule that matched: a prompt for a person to look, never a judgement.
public struct Finding: Sendable, Codable, Hashable {
    /// The rule's id (a UUID).
    public var ruleID: String
    /// The rule's title, in plain English.
    public var ruleTitle: String
    /// The rule's own version: its `modified` date, else its `date`.
    public var ruleVersion: String
    /// Lower-case hex SHA-256 of the rule's source text.
    public var ruleHash: String
    /// What it is about.
    public var theme: Theme
    /// How soon a person must look.
    public var severity: Severity
    /// One plain sentence each: why this severity, and what speaks against it.
    public var reasons: [String]
    /// Where it matched.
    public var spans: [Span]
    /// First event that the finding rests on (sequence number of the device).
    public var firstSequence: UInt64
    /// Last event that the finding rests on.
    public var lastSequence: UInt64

    /// A finding from its parts.
    public init(
        ruleID: String, ruleTitle: String, ruleVersion: String, ruleHash: String, theme: Theme,
        severity: Severity, reasons: [String], spans: [Span], firstSequence: UInt64,
        lastSequence: UInt64
    ) {
        self.ruleID = ruleID
        self.ruleTitle = ruleTitle
        self.ruleVersion = ruleVersion
        self.ruleHash = ruleHash
        self.theme = theme
        self.severity = severity
        self.reasons = reasons
        self.spans = spans
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
    }
}
