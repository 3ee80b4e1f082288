/// A context that speaks against a hit: homework, quotation, negation, games (detection.md 2.5, 2.6).
///
/// It lowers how sure a hit is; it never erases one by itself.
public struct ContextFrame: Hashable, Sendable {
    /// Where the context must stand.
    public enum Reach: String, Hashable, Sendable {
        /// Anywhere in the passage.
        case passage
        /// In the same sentence.
        case sentence
        /// Before the hit in the same sentence, with at most two words between.
        case before
    }

    /// What it is called; rules name it under `ignores`.
    public var name: String
    /// By how much of 100 it lowers a hit.
    public var lowers: Int
    /// Where it must stand.
    public var reach: Reach
    /// What it says in the reasons of a finding.
    public var says: String
    /// Whether it needs no phrase: `quoted` (the hit stands in quotation marks) or `prose` (the text is written out as prose).
    public var sign: String?
    /// The phrases that make it.
    var phrases: [PhrasePattern]

    /// The contexts of a document of lexicons.
    static func read(
        _ node: RuleNode, lexicons: Lexicons
    ) throws(RuleComplaint) -> [ContextFrame] {
        guard let map = node["contexts"] else { return [] }
        guard let entries = map.entries else {
            throw RuleComplaint(
                .wrongType, at: map.position, "contexts is \(map.kindName), it must be a map")
        }
        var all: [ContextFrame] = []
        for entry in entries { all.append(try read(entry, lexicons: lexicons)) }
        return all
    }

    private static func read(
        _ entry: RuleNode.Entry, lexicons: Lexicons
    ) throws(RuleComplaint) -> ContextFrame {
        let node = entry.value
        guard case .integer(let lowers)? = node["lowers"]?.content, (1...100).contains(lowers)
        else {
            throw RuleComplaint(
                .badValue, at: node.position, "'lowers' is missing or not between 1 and 100")
        }
        guard let reach = Reach(rawValue: node["reach"]?.text ?? "") else {
            throw RuleComplaint(
                .badValue, at: node.position, "'reach' is not one of passage, sentence, before")
        }
        guard let says = node["says"]?.text else {
            throw RuleComplaint(
                .missingKey, at: node.position, "'says' is missing, it is shown with a finding")
        }
        var phrases: [PhrasePattern] = []
        for (text, position) in try LexiconSource.texts(node["phrases"]) {
            phrases.append(
                PhrasePattern(
                    elements: try PhrasePattern.elements(
                        of: text, lexicons: lexicons, at: position)))
        }
        return ContextFrame(
            name: entry.key, lowers: Int(lowers), reach: reach, says: says,
            sign: node["sign"]?.text, phrases: phrases)
    }
}
