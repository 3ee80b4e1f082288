/// One question about one field, shared by all rules that ask it.
struct Predicate: Hashable, Sendable {
    /// What is asked.
    enum Test: Hashable, Sendable {
        /// The text of the value matches; `isCased` when letters must agree in case.
        case glob(Glob, isCased: Bool)
        /// The field is missing or null.
        case null
        /// A number, or text that is written as one (R11).
        case number(Double)
        /// True or false, or text that says so.
        case boolean(Bool)
        /// A number compared.
        case compare(ModifierChain.Comparison, Double)
        /// A regular expression found somewhere in the text.
        case expression(RegularExpression)
        /// An address inside a network.
        case network(NetworkRange)
        /// The field is there, whatever it holds; or is not.
        case exists(Bool)
        /// The text compared with another field's.
        case reference(String, ModifierChain.Placement, isCased: Bool)
        /// A part of a date.
        case time(TimePart, ModifierChain.Comparison?, Double)
        /// A phrase of whole words in normalised typed text.
        case phrase(PhrasePattern)
    }

    /// The field; nil for keywords, which look at every value of the event (R7).
    var field: String?
    /// What is asked.
    var test: Test
}

/// A rule's condition with its identifiers written out as questions.
indirect enum PredicateTree: Hashable, Sendable {
    case predicate(Predicate)
    case all([PredicateTree])
    case any([PredicateTree])
    case not(PredicateTree)

    /// Every question in the tree, with its place in reading order.
    func forEach(_ visit: (Predicate) -> Void) {
        switch self {
        case .predicate(let predicate): visit(predicate)
        case .all(let parts), .any(let parts): parts.forEach { $0.forEach(visit) }
        case .not(let part): part.forEach(visit)
        }
    }
}
