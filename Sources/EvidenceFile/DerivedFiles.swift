import Proofs

/// The readable files of a bundle, made from its evidence and from nothing else.
///
/// The writer puts them in; the check makes them again from what the bundle holds and compares (V15).
struct DerivedFiles {
    let record: IncidentRecord
    let batches: [BundleBatch]
    let timeline: BundleTimeline
    let rules: [RuleText]
    let deviceKeys: [NoteKey]
    let clockName: String
    let principal: String
    let issuerKey: [UInt8]

    /// The files by path.
    var files: [String: [UInt8]] {
        [
            BundleLayout.startPage: StartPage(
                record: record, timeline: timeline, rules: rules, batchCount: batches.count,
                fingerprint: fingerprint
            ).file,
            BundleLayout.eventsTable: Tables.events(timeline, record),
            BundleLayout.textTable: Tables.text(timeline),
            BundleLayout.limitations: Limitations.file(record),
            BundleLayout.howToVerify: HowToVerify(
                record: record, principal: principal, fingerprint: fingerprint, batches: batches,
                deviceKeys: deviceKeys, origin: record.checkpoints.origin, clockName: clockName,
                consistencyFiles: consistencyFiles
            ).file,
            BundleLayout.verifyScript: VerifyScript.file,
        ]
    }

    private var fingerprint: String { PublicKeyFile.fingerprint(issuerKey) }

    private var consistencyFiles: [String] {
        record.checkpoints.ingest.enumerated().map {
            BundleLayout.consistency(old: $1, isFirst: $0 == 0)
        }
    }

    /// How many events are withheld, by reason, in the order of the vocabulary.
    static func redactions(of batches: [BundleBatch]) -> [IncidentRecord.RedactionRecord] {
        let events = batches.flatMap(\.events)
        return WithheldReason.allCases.compactMap { reason in
            let withheld = events.filter { $0.reason == reason }
            let contents = withheld.count { $0.envelope != nil }
            guard !withheld.isEmpty else { return nil }
            return .init(reason: reason, contents: contents, events: withheld.count - contents)
        }
    }
}

/// `rules/<id>.json`: what a rule's source does not say in plain English.
struct RuleRecordFile: Codable, Hashable {
    var format = "sg.rule/v1"
    var id: String
    var title: String
    var explanation: String
    var packVersion: String
    var source: String
    var sha256: String

    init(_ rule: RuleText) {
        id = rule.id
        title = rule.title
        explanation = rule.explanation
        packVersion = rule.packVersion
        source = "\(rule.id).yml"
        sha256 = Hash.sha256(rule.source).hex
    }
}
