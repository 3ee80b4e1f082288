import Detection
import Events
import Logging
import Proofs
public import RuleFiles
import Storage
import Synchronization
import Typing

/// The rule pack in force, swapped whole: a batch is judged by one pack, never by half of two.
public final class RulesInForce: Sendable {
    private let loaded: Mutex<Loaded>

    /// A pack and what was prepared from it.
    struct Loaded: Sendable {
        /// What runs it.
        let detector: Detector
        /// The pack.
        let pack: RulePack

        init(_ pack: RulePack) {
            self.pack = pack
            detector = Detector(pack: pack)
        }

        /// The version of the pack.
        var version: String { pack.version }
        /// The hash of the pack.
        var hash: String { pack.hash }

        /// What a passage gives rise to, read together with the messages just before it.
        func findings(in passage: Passage, after recent: [Passage]) -> [Finding] {
            detector.findings(in: passage, context: DetectionContext(recent: recent))
        }

        /// What a single event gives rise to.
        func findings(in event: Event) -> [Finding] {
            detector.findings(in: event, context: .empty)
        }
    }

    /// Puts the rules of a directory in force, or the built-in pack when there is none.
    public init(directory: String?) throws(RuleFilesError) {
        loaded = Mutex(Loaded(try RulesInForce.pack(directory: directory)))
    }

    /// The pack in force.
    var current: Loaded { loaded.withLock { $0 } }
    /// The version of the pack in force.
    public var version: String { current.version }
    /// The hash of the pack in force.
    public var hash: String { current.hash }

    /// Puts another pack in force; when it cannot be loaded the old one stays.
    public func replace(directory: String?) throws(RuleFilesError) {
        let next = Loaded(try RulesInForce.pack(directory: directory))
        loaded.withLock { $0 = next }
    }

    /// The setting that holds the hash of the pack that the log was told of last.
    private static let recordedSetting = "rules.recorded"

    /// Records the pack in the log when it is another than the last one: who changes rules leaves a leaf.
    func record(in parts: CollectorParts) async throws {
        let force = current
        let catalogue = parts.store.catalogue
        guard try catalogue.setting(RulesInForce.recordedSetting) != force.hash else { return }
        let now = parts.environment.now()
        var json = JSONWriter()
        json.object { json in
            json.member("at", now)
            json.member("version", force.version)
            json.member("hash", force.hash)
            json.member("rules", force.pack.rules.count)
        }
        _ = try await parts.store.append(LeafRecord(kind: .rules, json: json.bytes, at: now))
        try catalogue.set(RulesInForce.recordedSetting, force.hash)
        parts.logger.info(
            "rules in force", metadata: ["version": "\(force.version)", "hash": "\(force.hash)"])
    }

    private static func pack(directory: String?) throws(RuleFilesError) -> RulePack {
        if let directory { return try RulePackLoader.load(directory: directory) }
        return try RulePack.builtIn()
    }
}
