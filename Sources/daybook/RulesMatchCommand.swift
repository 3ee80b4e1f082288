import ArgumentParser
import Detection
import Foundation
import RuleFiles

/// `daybook rules match`: which Sigma rules which events fulfil.
struct RulesMatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Match Sigma rules against events, one JSON object a line.",
        discussion: """
            Writes {"event": line number from 0, "rule": id} for each match, in order of events and rules. All rules \
            of the folder must load. A broken line is named on standard error and the rest goes on; the exit status \
            is then 1.
            """)

    @Option(help: "The folder of rules.")
    var rules: String

    @Option(help: "The file of events, - for standard input.")
    var events: String

    @Option(help: "The events' log source: category=process_creation,product=windows.")
    var logsource: String?

    @Option(help: "Where to write, standard output when left out.")
    var output: String?

    func run() throws {
        let engine: RuleEngine
        let source = try logSource()
        do {
            let pack = try RulePackLoader.loadSigma(directory: rules)
            engine = RuleEngine(rules: pack.rules, lexicons: pack.lexicons)
        } catch {
            RuleFault.unusable("\(error)").exit()
        }
        let lines = try JSONLines(path: events)
        var results = ResultLines()
        for (line, object) in lines.objects {
            let event = FieldEvent(fields: object.mapValues(\.field))
            for rule in engine.matches(event, from: source) {
                results.append([
                    "event": .integer(Int64(line)), "rule": .text(engine.rules[rule].id),
                ])
            }
        }
        try results.write(to: output)
        if lines.brokenCount > 0 { throw ExitStatus.failure.code }
    }

    private func logSource() throws -> LogSource {
        var source = LogSource()
        for part in (logsource ?? "").split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else {
                throw ValidationError(
                    "'\(part)' is not key=value with category, product or service")
            }
            switch pair[0] {
            case "category": source.category = String(pair[1])
            case "product": source.product = String(pair[1])
            case "service": source.service = String(pair[1])
            default:
                throw ValidationError("'\(pair[0])' is not category, product or service")
            }
        }
        return source
    }
}
