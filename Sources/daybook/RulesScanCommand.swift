import ArgumentParser
import Detection
import Events
import Foundation
import RuleFiles
import Typing

/// `daybook rules scan`: what the rules in force would find in texts.
struct RulesScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Type each text as a pupil would and say what would be found.",
        discussion: """
            Reads lines {"id","text",...}. In a text, a newline is Enter (the message was sent) and ⌫ is one press \
            of Backspace. Writes one line for each, in the same order: {"id","flagged","severity","themes","rules",\
            "spans"}. A broken line is named on standard error and the rest goes on; the exit status is then 1.
            """)

    @Option(help: "The file of texts, - for standard input.")
    var input: String

    @Option(help: "Where to write, standard output when left out.")
    var output: String?

    @Option(help: "A folder of rule packs to use in place of those built in.")
    var rules: String?

    @Option(help: "A file of names, one a line, that count as persons.")
    var roster: String?

    func run() throws {
        let detector: Detector
        do {
            let pack =
                if let rules { try RulePackLoader.load(directory: rules) } else {
                    try RulePack.builtIn()
                }
            detector = Detector(pack: pack)
        } catch {
            RuleFault.unusable("\(error)").exit()
        }
        let names = try roster.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        let scan = TextScan(
            detector: detector,
            roster: Roster(names: names.split(separator: "\n").map(String.init)))
        var lines = try JSONLines(path: input)
        var results = ResultLines()
        for (line, object) in lines.objects {
            guard let id = object["id"], case .text(let text)? = object["text"] else {
                lines.complain(line, "has no id or no text")
                continue
            }
            results.append(scan.result(id: id, text: text))
        }
        try results.write(to: output)
        if lines.brokenCount > 0 { throw ExitStatus.failure.code }
    }
}

/// Types texts and collects what is found in them.
struct TextScan {
    let detector: Detector
    let roster: Roster

    /// The result of one text as a JSON object.
    func result(id: EventValue, text: String) -> KeyValuePairs<String, EventValue> {
        let findings = findings(in: text)
        var themes: [String] = []
        var rules: [String] = []
        var spans: [EventValue] = []
        for (message, passage, finding) in findings {
            if !themes.contains(finding.theme.rawValue) { themes.append(finding.theme.rawValue) }
            if !rules.contains(finding.ruleID) { rules.append(finding.ruleID) }
            for span in finding.spans {
                spans.append(Self.span(span, of: finding, in: passage, message: message))
            }
        }
        let severity = findings.first?.finding.severity.rawValue ?? 0
        return [
            "id": id, "flagged": .boolean(!findings.isEmpty),
            "severity": .integer(Int64(severity)), "themes": .list(themes.map { .text($0) }),
            "rules": .list(rules.map { .text($0) }), "spans": .list(spans),
        ]
    }

    /// All findings of a text, the gravest first.
    func findings(in text: String) -> [(message: Int, passage: Passage, finding: Finding)] {
        var builder = PassageBuilder()
        var passages: [Passage] = []
        for event in KeystrokeText.events(from: text) { passages += builder.feed(event) }
        passages += builder.finish()
        var found: [(message: Int, passage: Passage, finding: Finding)] = []
        for (index, passage) in passages.enumerated() {
            let context = DetectionContext(roster: roster, recent: Array(passages[..<index]))
            for finding in detector.findings(in: passage, context: context) {
                found.append((index, passage, finding))
            }
        }
        return found.enumerated().sorted {
            ($1.element.finding.severity, $0.offset) < ($0.element.finding.severity, $1.offset)
        }.map(\.element)
    }

    private static func span(
        _ span: Span, of finding: Finding, in passage: Passage, message: Int
    ) -> EventValue {
        let text: String =
            switch span.reading {
            case .deletedRun:
                passage.deletedRuns.first {
                    $0.text.utf8.count >= span.upper
                        && $0.sequences.contains(finding.firstSequence)
                }?.text ?? ""
            default: passage.asLeft.text
            }
        let bytes = Array(text.utf8)
        let upper = min(span.upper, bytes.count)
        let lower = min(span.lower, upper)
        return .map([
            "rule": .text(finding.ruleID), "title": .text(finding.ruleTitle),
            "theme": .text(finding.theme.rawValue),
            "severity": .integer(Int64(finding.severity.rawValue)),
            "message": .integer(Int64(message)), "reading": .text(span.reading.rawValue),
            "field": .text(span.field), "lower": .integer(Int64(span.lower)),
            "upper": .integer(Int64(span.upper)),
            "text": .text(String(decoding: bytes[lower..<upper], as: UTF8.self)),
            "reasons": .list(finding.reasons.map { .text($0) }),
        ])
    }
}
