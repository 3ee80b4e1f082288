import Detection
import Events
import EvidenceFile
import Storage
import Typing

/// The incident's findings, found again in what the bundle shows: recomputed, not believed.
struct Recomputation {
    /// What came out again, by time of the stored findings.
    private(set) var records: [FindingRecord] = []
    /// Stored findings that did not.
    private(set) var leftOut: [FindingRow] = []
    /// The rules that matched, each once, in the order of their ids.
    private(set) var rules: [RuleText] = []

    /// A finding with the events it was looked for in.
    private struct Found {
        let finding: Finding
        let device: String
        /// Where its words are: the passage's events, or the one event.
        let sequences: ClosedRange<UInt64>
    }

    /// Runs the rules on what the bundle's own events say.
    init(of stored: [FindingRow], in timeline: BundleTimeline, pack: RulePack, detector: Detector) {
        let found = Recomputation.findings(in: timeline, detector)
        var used: Set<String> = []
        for row in stored {
            guard let match = Recomputation.match(for: row, in: found),
                let source = pack.sources[match.finding.ruleHash]
            else {
                leftOut.append(row)
                continue
            }
            let matches = match.finding.spans.compactMap { span in
                timeline.match(
                    device: match.device, reading: span.reading.rawValue, field: span.field,
                    lower: span.lower, upper: span.upper, sequences: match.sequences)
            }
            guard matches.count == match.finding.spans.count else {
                leftOut.append(row)
                continue
            }
            records.append(Recomputation.record(match, matches, packVersion: pack.version))
            if used.insert(match.finding.ruleID).inserted {
                rules.append(
                    Recomputation.text(of: match.finding, in: pack, source: source))
            }
        }
        rules.sort { $0.id < $1.id }
    }

    // MARK: Running the rules

    private static func findings(in timeline: BundleTimeline, _ detector: Detector) -> [Found] {
        var found: [Found] = []
        // A sentence sent in pieces is read together, as it was when it was typed.
        var recent: [BundleTimeline.Source: [Passage]] = [:]
        for typed in timeline.passages {
            let before = recent[typed.source] ?? []
            recent[typed.source] = Array(
                (before + [typed.passage]).suffix(DetectionLimits.conversationMessagesMaximum))
            for finding in detector.findings(
                in: typed.passage, context: DetectionContext(recent: before))
            {
                found.append(
                    Found(
                        finding: finding, device: typed.source.device,
                        sequences: typed.passage.sequences))
            }
        }
        for entry in timeline.entries {
            guard let event = entry.event, event.kind != .key else { continue }
            for finding in detector.findings(in: event, context: .empty) {
                found.append(
                    Found(
                        finding: finding, device: entry.source.device,
                        sequences: event.sequence...event.sequence))
            }
        }
        return found
    }

    /// The finding that a stored one is: the same rule on the same events, else on some of them.
    private static func match(for row: FindingRow, in found: [Found]) -> Found? {
        let same = found.filter {
            $0.finding.ruleID == row.ruleID && $0.device == row.device.rawValue
                && $0.finding.firstSequence <= row.lastSequence
                && $0.finding.lastSequence >= row.firstSequence
        }
        return same.first {
            $0.finding.firstSequence == row.firstSequence
                && $0.finding.lastSequence == row.lastSequence
                && $0.finding.spans.first?.reading.rawValue == row.reading
        } ?? same.first
    }

    // MARK: Writing them down

    private static func record(
        _ found: Found, _ matches: [MatchRecord], packVersion: String
    ) -> FindingRecord {
        let finding = found.finding
        return FindingRecord(
            rule: finding.ruleID, title: finding.ruleTitle, ruleVersion: finding.ruleVersion,
            packVersion: packVersion, ruleHash: finding.ruleHash, theme: finding.theme.rawValue,
            severity: finding.severity.rawValue, reasons: finding.reasons,
            normalisation: normalisation, device: found.device,
            firstSequence: finding.firstSequence, lastSequence: finding.lastSequence,
            matches: matches)
    }

    /// How text is made comparable before rules see it, in the words of detection.md 2.2.
    private static let normalisation = FindingRecord.Normalisation(
        id: "daybook.folded-words", version: "1",
        steps: [
            "compatibility forms, accents and case folded, invisible characters dropped",
            "letters of other scripts that look like Latin ones read as those",
            "digits and signs that stand for letters read as letters, inside words only",
            "letters repeated three times and more read as two and as one",
            "single letters with spaces between them joined",
            "masking signs read as any one letter of a listed word",
            "misspellings of listed words by one letter",
        ])

    private static func text(of finding: Finding, in pack: RulePack, source: String) -> RuleText {
        let rule = pack.rules.first { $0.id == finding.ruleID }
        return RuleText(
            id: finding.ruleID, title: finding.ruleTitle,
            explanation: rule?.safeguarding?.sentence ?? finding.ruleTitle,
            packVersion: pack.version, source: Array(source.utf8))
    }
}
