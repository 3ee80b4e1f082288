public import Detection
import Events
import Typing

/// Runs the examples that every rule of a pack brings with it.
public enum RuleExamples {
    /// An example that did not come out as the rule says.
    public struct Failure: Sendable, CustomStringConvertible {
        /// The rule's file.
        public var file: String
        /// The rule's title.
        public var title: String
        /// The example.
        public var text: String
        /// Whether it should have matched.
        public var isMatch: Bool

        /// One line: file, rule and what went wrong.
        public var description: String {
            isMatch
                ? "\(file): '\(title)' does not find its example '\(text)'"
                : "\(file): '\(title)' finds '\(text)', which it must leave alone"
        }
    }

    /// All examples that fail. Texts are typed; for other sources an example is the value of the one field that
    /// the rule looks at first.
    public static func failures(in pack: RulePack) -> [Failure] {
        let detector = Detector(pack: pack)
        var failures: [Failure] = []
        for rule in pack.rules {
            guard let safeguarding = rule.safeguarding else { continue }
            for (texts, isMatch) in [(safeguarding.match, true), (safeguarding.noMatch, false)] {
                for text in texts where isFound(rule, text, detector) != isMatch {
                    failures.append(
                        Failure(file: rule.file, title: rule.title, text: text, isMatch: isMatch))
                }
            }
        }
        return failures
    }

    private static func isFound(_ rule: Rule, _ text: String, _ detector: Detector) -> Bool {
        guard rule.logSource.category == "typed_text" else {
            return events(for: rule, text).contains { event in
                detector.findings(in: event, context: .empty).contains { $0.ruleID == rule.id }
            }
        }
        var builder = PassageBuilder()
        var passages: [Passage] = []
        for event in KeystrokeText.events(from: text) { passages += builder.feed(event) }
        passages += builder.finish()
        return passages.indices.contains { index in
            let context = DetectionContext(recent: Array(passages[..<index]))
            return detector.findings(in: passages[index], context: context)
                .contains { $0.ruleID == rule.id }
        }
    }

    /// The events that a text may stand for, by log source.
    private static func events(for rule: Rule, _ text: String) -> [Event] {
        let time = Instant(milliseconds: 0)
        func event(_ body: EventBody) -> Event { Event(time: time, sequence: 0, body: body) }
        switch rule.logSource.category {
        case "window_title": return [event(.window(Place(app: "", window: text)))]
        case "url_visit":
            return [
                event(.url(EventBody.PageVisit(url: text, title: "", app: "", origin: .navigated)))
            ]
        case "process_creation":
            // `image` or `image | command line`.
            let parts = text.split(separator: "|", maxSplits: 1).map {
                $0.trimmingPrefix(while: { $0 == " " }).description
            }
            return [
                event(
                    .process(
                        EventBody.ProcessChange(
                            action: .start, image: parts.first.map { Self.trimmed($0) } ?? "",
                            commandLine: parts.count > 1 ? parts[1] : text, parentImage: "", pid: 1,
                            parentPid: 0)))
            ]
        default: return []
        }
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
