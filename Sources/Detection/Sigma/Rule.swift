public import Events

/// The log source of a rule or an event: three names, each of which may be left open (R5).
public struct LogSource: Hashable, Sendable {
    /// What sort of program writes it: `process_creation`, `typed_text`.
    public var category: String?
    /// Whose: `windows`, `school_agent`.
    public var product: String?
    /// Which log of it: `sshd`.
    public var service: String?

    /// A log source; nil means any.
    public init(category: String? = nil, product: String? = nil, service: String? = nil) {
        self.category = category
        self.product = product
        self.service = service
    }

    /// Whether a rule with this log source looks at events from another: what both name must agree.
    ///
    /// A part that the *event* leaves open is taken as not said, so that a plain file of events can be matched.
    public func accepts(_ event: LogSource) -> Bool {
        func agree(_ mine: String?, _ its: String?) -> Bool {
            guard let mine, let its else { return true }
            return mine.lowercased() == its.lowercased()
        }
        return agree(category, event.category) && agree(product, event.product)
            && agree(service, event.service)
    }
}

/// Which way a rule finds what it finds (detection.md 2.3); it decides how sure a hit is by itself.
public enum Tier: String, CaseIterable, Sendable {
    /// Slurs and phrases that mean one thing: enough alone.
    case unambiguous = "A"
    /// Words with an innocent meaning as well: need a target or a second signal.
    case ambiguous = "B"
    /// Insults at a target that the rule itself names.
    case insult = "C"
    /// Swearing at nobody.
    case swearing = "D"
    /// Phrases of a theme.
    case phrase = "E"
    /// Asking for help: its own route, never scored as misuse.
    case disclosure = "F"

    /// How sure a hit is by itself, of 100; 50 is enough to be found.
    var confidence: Int {
        switch self {
        case .unambiguous: 90
        case .ambiguous: 35
        case .insult: 75
        case .swearing: 70
        case .phrase: 80
        case .disclosure: 85
        }
    }
}

/// What a school's rule adds to Sigma: the `safeguarding:` map at the top of the document.
public struct Safeguarding: Hashable, Sendable {
    /// What it is about.
    public var theme: Theme
    /// How soon a person must look.
    public var severity: Severity
    /// How a hit is scored.
    public var tier: Tier
    /// Why this severity, in one sentence.
    public var reason: String
    /// What happened, in one plain sentence for the coordinator.
    public var sentence: String
    /// The clause of the school's policy.
    public var policy: String
    /// When a person must look at the rule again, `YYYY-MM-DD`.
    public var review: String
    /// Contexts that do not lower this rule's hits.
    public var ignoredContexts: [String]
    /// Texts that the rule must find.
    public var match: [String]
    /// Texts that it must leave alone.
    public var noMatch: [String]
}

/// A Sigma detection rule, read and checked.
public struct Rule: Hashable, Sendable {
    /// The id, a UUID; the title stands in when the file gives none.
    public var id: String
    /// What it finds, in plain words.
    public var title: String
    /// The name other documents use.
    public var name: String?
    /// The day of the last change: `modified`, else `date`.
    public var version: String
    /// Lower-case hex SHA-256 of the document's text; empty when the reader of files did not set it.
    public var hash: String
    /// Which events it looks at.
    public var logSource: LogSource
    /// `level`, when given.
    public var level: String?
    /// `tags`, as written.
    public var tags: [String]
    /// The school's part, when the document has it.
    public var safeguarding: Safeguarding?
    /// The file it came from.
    public var file: String
    /// Where its document starts.
    public var position: SourcePosition
    /// The condition with its identifiers written out.
    var tree: PredicateTree
    /// The search identifier of each question, for explaining; in reading order of the tree.
    var identifiers: [Predicate: String]
}
