/// A phrase of whole words: literal words, lexicons, and room for a few words between.
///
/// It is what the portable Sigma value `' kill yourself '` on ``TypedTextFields/normalised`` means, with
/// placeholders of `expand` as slots: `' %very%%insult% '` is every choice of both without writing them out.
/// Built-in placeholders: `%gap1%` to `%gap8%` (at most so many words of any kind) and `%name%` (a person's name:
/// from the roster, or a capital inside a sentence). Exported, a gap is `*`.
struct PhrasePattern: Hashable, Sendable {
    /// One place in a phrase.
    enum Element: Hashable, Sendable {
        case word(String)
        case lexicon(String)
        case optional(String)
        case gap(Int)
        case name
    }

    /// The places in order.
    let elements: [Element]
    /// Whether it begins a sentence.
    let startsSentence: Bool
    /// Whether it ends a sentence.
    let endsSentence: Bool

    /// A phrase from its places.
    init(elements: [Element], startsSentence: Bool = false, endsSentence: Bool = false) {
        self.elements = elements
        self.startsSentence = startsSentence
        self.endsSentence = endsSentence
    }

    /// The phrase that a value of the normalised text stands for; nil when it is not a phrase of whole words
    /// and has to be compared as text.
    static func recognise(
        _ text: String, placement: ModifierChain.Placement, lexicons: Lexicons?,
        at position: SourcePosition
    ) throws(RuleComplaint) -> PhrasePattern? {
        guard text.hasPrefix(" "), text.hasSuffix(" "), text.utf8.count >= 3 else { return nil }
        guard !text.contains("*"), !text.contains("?"), !text.contains("\\") else { return nil }
        let elements = try self.elements(of: text, lexicons: lexicons, at: position)
        return PhrasePattern(
            elements: elements, startsSentence: placement == .startswith || placement == .whole,
            endsSentence: placement == .endswith || placement == .whole)
    }

    /// The places that a text stands for.
    static func elements(
        of text: String, lexicons: Lexicons?, at position: SourcePosition
    ) throws(RuleComplaint) -> [Element] {
        var elements: [Element] = []
        let parts: [Placeholders.Part] =
            lexicons == nil ? [.text(text)] : try Placeholders.split(text, at: position)
        for part in parts {
            switch part {
            case .text(let text):
                elements += FoldedText.words(of: text).map { .word($0) }
            case .placeholder(let name, let offset):
                elements.append(
                    try element(name, lexicons: lexicons, at: position.advanced(by: offset)))
            }
        }
        let hasAnchor = elements.contains { element in
            switch element {
            case .word, .lexicon: true
            case .optional, .gap, .name: false
            }
        }
        guard hasAnchor else {
            throw RuleComplaint(
                .badValue, at: position,
                "the phrase has no word that must be there, add one or a lexicon that is not optional"
            )
        }
        return elements
    }

    private static func element(
        _ name: String, lexicons: Lexicons?, at position: SourcePosition
    ) throws(RuleComplaint) -> Element {
        if name == "name" { return .name }
        if name.hasPrefix("gap"), let count = Int(name.dropFirst(3)) {
            guard (1...DetectionLimits.gapWordsMaximum).contains(count) else {
                throw RuleComplaint(
                    .badValue, at: position,
                    "a gap spans 1 to \(DetectionLimits.gapWordsMaximum) words")
            }
            return .gap(count)
        }
        guard let lexicon = lexicons?[name] else {
            throw RuleComplaint(
                .placeholder, at: position,
                "the placeholder '%\(name)%' has no values, add a lexicon of that name")
        }
        return lexicon.isOptional ? .optional(name) : .lexicon(name)
    }
}
