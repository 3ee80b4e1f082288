public import Events
public import Proofs

/// Everything that goes into a bundle; ``BundleWriter`` derives all readable files from it.
public struct BundleContents: Sendable {
    /// What happened, to whom, why it was flagged: becomes `incident.json`.
    ///
    /// The writer fills in what follows from the rest: ``IncidentRecord/redactions``,
    /// ``IncidentRecord/checkpoints`` and ``IncidentRecord/layoutVersion``.
    public var record: IncidentRecord
    /// Every batch of every window, each once; the writer sorts them by leaf.
    public var batches: [BundleBatch]
    /// The newest checkpoint of the log, as its file.
    public var latestCheckpoint: [UInt8]
    /// For each size of a checkpoint that a batch's proof leads to, the proof to the newest checkpoint.
    public var consistency: [ConsistencyProof]
    /// The log's key.
    public var logKey: NoteKey
    /// The key of the log's clock.
    public var clockKey: NoteKey
    /// The keys that signed the statements.
    public var deviceKeys: [NoteKey]
    /// The text of every rule that a finding names.
    public var rules: [RuleText]
    /// Who touched it, oldest first.
    public var custody: [CustodyRow]
    /// Texts that must not be in any file: names of other people, what was withheld. Never written.
    public var withheldTexts: [String]

    /// The contents of a bundle.
    public init(
        record: IncidentRecord, batches: [BundleBatch], latestCheckpoint: [UInt8],
        consistency: [ConsistencyProof], logKey: NoteKey, clockKey: NoteKey,
        deviceKeys: [NoteKey], rules: [RuleText], custody: [CustodyRow],
        withheldTexts: [String] = []
    ) {
        self.record = record
        self.batches = batches
        self.latestCheckpoint = latestCheckpoint
        self.consistency = consistency
        self.logKey = logKey
        self.clockKey = clockKey
        self.deviceKeys = deviceKeys
        self.rules = rules
        self.custody = custody
        self.withheldTexts = withheldTexts
    }
}

/// One batch of a window with its proof.
public struct BundleBatch: Hashable, Sendable {
    /// The index of its leaf in the log.
    public var leaf: UInt64
    /// The statement file, as it was received.
    public var statement: [UInt8]
    /// The leaf data, as they were hashed into the log.
    public var leafData: [UInt8]
    /// The proof to the first checkpoint that covers the leaf.
    public var proof: TlogProof
    /// Every event in the order of the batch, shown or withheld.
    public var events: [EventDisclosure]

    /// A batch with its proof.
    public init(
        leaf: UInt64, statement: [UInt8], leafData: [UInt8], proof: TlogProof,
        events: [EventDisclosure]
    ) {
        self.leaf = leaf
        self.statement = statement
        self.leafData = leafData
        self.proof = proof
        self.events = events
    }
}

/// The exact text of a rule, and what it means in plain English.
public struct RuleText: Hashable, Sendable {
    /// The rule's id.
    public var id: String
    /// The rule's title.
    public var title: String
    /// What the rule looks for, in plain English.
    public var explanation: String
    /// The version of the pack it came from.
    public var packVersion: String
    /// The bytes of its source, as they were loaded: their SHA-256 is the finding's rule hash.
    public var source: [UInt8]

    /// The text of a rule.
    public init(
        id: String, title: String, explanation: String, packVersion: String, source: [UInt8]
    ) {
        self.id = id
        self.title = title
        self.explanation = explanation
        self.packVersion = packVersion
        self.source = source
    }
}

/// One line of `custody.csv`: somebody did something with the evidence.
public struct CustodyRow: Hashable, Sendable {
    /// What was done.
    public enum Action: String, CaseIterable, Sendable {
        /// A batch came in.
        case ingest
        /// A rule matched.
        case finding
        /// Somebody looked at it.
        case view
        /// Somebody searched.
        case search
        /// A bundle was made.
        case export
        /// A bundle was sealed.
        case seal
        /// A bundle was given to somebody.
        case handOver = "hand-over"
        /// A sealed bundle was opened.
        case open
    }

    /// When.
    public var time: Instant
    /// The role of who did it.
    public var role: String
    /// The account, token or device that did it.
    public var actor: String
    /// What was done.
    public var action: Action
    /// What it was done to.
    public var object: String
    /// What for.
    public var purpose: String
    /// The leaf of the log that records it.
    public var leaf: UInt64?
    /// The hash that belongs to it: of a statement, a record or a manifest.
    public var hash: Hash?

    /// A line of custody.
    public init(
        time: Instant, role: String, actor: String, action: Action, object: String,
        purpose: String, leaf: UInt64? = nil, hash: Hash? = nil
    ) {
        self.time = time
        self.role = role
        self.actor = actor
        self.action = action
        self.object = object
        self.purpose = purpose
        self.leaf = leaf
        self.hash = hash
    }
}
