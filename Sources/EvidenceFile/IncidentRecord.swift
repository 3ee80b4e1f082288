import Foundation
public import Typing

/// `incident.json`: what a bundle is about, for a machine to read (`sg.incident/v1`, evidence.md 7.4).
public struct IncidentRecord: Codable, Hashable, Sendable {
    /// The format of the file.
    public var format = "sg.incident/v1"
    /// The version of the derived files; set by the writer.
    public var layoutVersion = BundleLayout.version
    /// The bundle's id: its folder's name, for instance `SG-2026-000123`.
    public var bundle: String
    /// The incident's id at the school.
    public var incident: String
    /// The school's name.
    public var school: String
    /// The role, not the person, to ask.
    public var contactRole: String
    /// When the bundle was made: RFC 3339.
    public var made: String
    /// For whom it was made.
    public var audience: Audience
    /// Whom it is about.
    public var subject: Subject
    /// The computers, as they call themselves.
    public var workstations: [String]
    /// The hash of the school's directory on that day, in hex, when it was kept.
    public var directoryHash: String?
    /// What the rules matched.
    public var findings: [FindingRecord]
    /// How text was rebuilt from key events.
    public var reconstruction = Reconstruction(options: PassageOptions())
    /// How far workstation and collector disagreed about the time.
    public var clock: ClockRecord
    /// How much is shown around what matched.
    public var context: ContextRecord
    /// The runs of batches that are shown.
    public var windows: [WindowRecord]
    /// How many events are withheld, by reason; set by the writer.
    public var redactions: [RedactionRecord] = []
    /// The programs that took part, with versions.
    public var software: [SoftwareRecord]
    /// Faults known in the window: disk errors, dropped connections, errors of detectors.
    public var faults: [String]
    /// The sizes of the log that matter here; set by the writer.
    public var checkpoints = CheckpointRecord(ingest: [], latest: 0, latestRoot: "", origin: "")
    /// Who else holds a fingerprint of the log.
    public var anchors: [AnchorRecord]
    /// How the bundle was sealed for transport.
    public var sealing = "none"
    /// What it was made for.
    public var purpose: String
    /// The role that asked for it.
    public var requestedBy: String
    /// The role that approved it.
    public var approvedBy: String

    /// For whom a bundle is made.
    public enum Audience: String, Codable, Sendable, CaseIterable {
        case school, parent, police, la, sar
    }

    /// Whom a bundle is about.
    public struct Subject: Codable, Hashable, Sendable {
        /// A reference that means something only to the school.
        public var reference: String
        /// The account, as the operating system asserted it.
        public var account: String
        /// The name, where the audience may have it.
        public var name: String?

        /// Whom a bundle is about.
        public init(reference: String, account: String, name: String? = nil) {
            self.reference = reference
            self.account = account
            self.name = name
        }
    }

    /// How text was rebuilt from key events.
    public struct Reconstruction: Codable, Hashable, Sendable {
        /// What the algorithm is called.
        public var algorithm = "daybook.passages"
        /// Rises with every change of the algorithm that changes a text.
        public var version = Reconstruction.currentVersion
        /// Whether Enter ended a passage.
        public var cutsAtEnter: Bool
        /// How long a pause ended a passage.
        public var idleMilliseconds: Int64
        /// The most characters of a passage.
        public var scalarsMaximum: Int
        /// Where Control with an arrow stops.
        public var wordJump: String

        /// The version of `Typing.PassageBuilder` that this program has.
        public static let currentVersion = 1

        /// The reconstruction with some options.
        public init(options: PassageOptions) {
            cutsAtEnter = options.cutsAtEnter
            idleMilliseconds = options.idleMilliseconds
            scalarsMaximum = options.scalarsMaximum
            wordJump = options.wordJump.rawValue
        }

        /// The options, when this program can rebuild in the same way; otherwise nil.
        var options: PassageOptions? {
            guard algorithm == "daybook.passages", version == Reconstruction.currentVersion,
                let jump = PassageOptions.WordJump(rawValue: wordJump), scalarsMaximum > 0,
                (0...EvidenceFileLimits.idleMaximum).contains(idleMilliseconds)
            else { return nil }
            return PassageOptions(
                cutsAtEnter: cutsAtEnter, idleMilliseconds: idleMilliseconds,
                scalarsMaximum: scalarsMaximum, wordJump: jump)
        }
    }

    /// How far two clocks disagreed over the window.
    public struct ClockRecord: Codable, Hashable, Sendable {
        /// Workstation minus collector, in milliseconds: the middle of what was measured.
        public var offsetMilliseconds: Int64
        /// The largest minus the smallest difference.
        public var spreadMilliseconds: Int64

        /// What was measured.
        public init(offsetMilliseconds: Int64, spreadMilliseconds: Int64) {
            self.offsetMilliseconds = offsetMilliseconds
            self.spreadMilliseconds = spreadMilliseconds
        }
    }

    /// How much is shown around what matched.
    public struct ContextRecord: Codable, Hashable, Sendable {
        /// Milliseconds on each side.
        public var milliseconds: Int64
        /// Events on each side.
        public var events: Int

        /// The defaults of evidence.md 7.3.
        public init(milliseconds: Int64 = 120_000, events: Int = 200) {
            self.milliseconds = milliseconds
            self.events = events
        }
    }

    /// A run of batches of one device, all of them in the bundle.
    public struct WindowRecord: Codable, Hashable, Sendable {
        /// The device.
        public var device: String
        /// The number of the first batch.
        public var firstBatch: UInt64
        /// The number of the last batch.
        public var lastBatch: UInt64
        /// What is known to be missing: batch numbers that never arrived, in words.
        public var gaps: [GapRecord]

        /// A run of batches.
        public init(device: String, firstBatch: UInt64, lastBatch: UInt64, gaps: [GapRecord] = []) {
            self.device = device
            self.firstBatch = firstBatch
            self.lastBatch = lastBatch
            self.gaps = gaps
        }
    }

    /// Batches that never arrived.
    public struct GapRecord: Codable, Hashable, Sendable {
        /// The number of the first missing batch.
        public var firstBatch: UInt64
        /// The number of the last missing batch.
        public var lastBatch: UInt64
        /// Why, as far as is known.
        public var cause: String

        /// Batches that never arrived.
        public init(firstBatch: UInt64, lastBatch: UInt64, cause: String) {
            self.firstBatch = firstBatch
            self.lastBatch = lastBatch
            self.cause = cause
        }
    }

    /// How many events are withheld for a reason.
    public struct RedactionRecord: Codable, Hashable, Sendable {
        /// The reason.
        public var reason: WithheldReason
        /// Events of which the content is withheld.
        public var contents: Int
        /// Events that are withheld entirely.
        public var events: Int
    }

    /// A program with its version.
    public struct SoftwareRecord: Codable, Hashable, Sendable {
        /// The program's name.
        public var name: String
        /// Its version.
        public var version: String

        /// A program with its version.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// The sizes of the log that matter to a bundle.
    public struct CheckpointRecord: Codable, Hashable, Sendable {
        /// Sizes of the checkpoints that the proofs lead to.
        public var ingest: [UInt64]
        /// Size of the newest checkpoint.
        public var latest: UInt64
        /// Root of the newest checkpoint, base64.
        public var latestRoot: String
        /// The log's name.
        public var origin: String
    }

    /// Somebody outside who holds a checkpoint.
    public struct AnchorRecord: Codable, Hashable, Sendable {
        /// How it got there: `mail`, `print`, `time-stamp` or `witness`.
        public var kind: String
        /// Who holds it, by role.
        public var holder: String
        /// When: RFC 3339.
        public var time: String
        /// The size of the checkpoint they hold.
        public var size: UInt64

        /// Somebody outside who holds a checkpoint.
        public init(kind: String, holder: String, time: String, size: UInt64) {
            self.kind = kind
            self.holder = holder
            self.time = time
            self.size = size
        }
    }

    /// The record with everything that does not follow from the events.
    public init(
        bundle: String, incident: String, school: String, contactRole: String, made: String,
        audience: Audience, subject: Subject, workstations: [String], findings: [FindingRecord],
        clock: ClockRecord, context: ContextRecord = ContextRecord(), windows: [WindowRecord],
        software: [SoftwareRecord], faults: [String] = [], anchors: [AnchorRecord] = [],
        purpose: String, requestedBy: String, approvedBy: String
    ) {
        self.bundle = bundle
        self.incident = incident
        self.school = school
        self.contactRole = contactRole
        self.made = made
        self.audience = audience
        self.subject = subject
        self.workstations = workstations
        self.findings = findings
        self.clock = clock
        self.context = context
        self.windows = windows
        self.software = software
        self.faults = faults
        self.anchors = anchors
        self.purpose = purpose
        self.requestedBy = requestedBy
        self.approvedBy = approvedBy
    }

    /// The file: keys sorted, so that the same record gives the same bytes.
    func encoded() throws(EvidenceFileError) -> [UInt8] {
        try JSONFile.encode(self, path: BundleLayout.incident)
    }

    /// Reads the file.
    init(parsing bytes: [UInt8]) throws(EvidenceFileError) {
        self = try JSONFile.decode(IncidentRecord.self, bytes, path: BundleLayout.incident)
        guard format == "sg.incident/v1" else {
            throw .badFile(path: BundleLayout.incident)
        }
    }
}

/// JSON files of a bundle.
enum JSONFile {
    static func encode(_ value: some Encodable, path: String) throws(EvidenceFileError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(value)) + [0x0A]
        } catch {
            throw .badFile(path: path)
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8], path: String
    ) throws(EvidenceFileError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .badFile(path: path)
        }
    }
}
