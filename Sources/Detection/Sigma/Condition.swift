/// The condition of a rule: which of its search identifiers must hold (R14, R15).
public indirect enum Condition: Hashable, Sendable {
    /// A search identifier by name.
    case identifier(String)
    /// Both hold.
    case and(Condition, Condition)
    /// One of both holds.
    case or(Condition, Condition)
    /// It does not hold.
    case not(Condition)
    /// `1 of` or `any of` (false) and `all of` (true), with the identifiers that the pattern names.
    case some(of: [String], all: Bool)
}

/// Reads a condition: `or` binds loosest, then `and`, `not`, `1 of`, brackets; words in any case.
struct ConditionParser {
    private struct Token {
        var text: String
        var offset: Int
        var word: String { text.lowercased() }
    }

    private let identifiers: [String]
    private let start: SourcePosition
    private var tokens: [Token] = []
    private var next = 0
    private var depth = 0
    /// Identifiers that the condition names, so that a rule with a forgotten one is noticed.
    private(set) var used: Set<String> = []

    /// Prepares to read a condition that stands at a place, for a rule with these identifiers.
    init(
        _ text: String, at start: SourcePosition, identifiers: [String]
    ) throws(RuleComplaint) {
        self.identifiers = identifiers
        self.start = start
        try split(text)
    }

    /// The whole condition.
    mutating func parse() throws(RuleComplaint) -> Condition {
        guard !tokens.isEmpty else {
            throw complaint("the condition is empty, name the search identifiers that must hold", 0)
        }
        let condition = try alternatives()
        if next < tokens.count {
            throw complaint("unexpected '\(tokens[next].text)', join parts with and, or, not")
        }
        return condition
    }

    private mutating func split(_ text: String) throws(RuleComplaint) {
        var word = ""
        var wordOffset = 0
        var offset = 0
        for scalar in text.unicodeScalars {
            let isSeparator = scalar.properties.isWhitespace
            if isSeparator || scalar == "(" || scalar == ")" || scalar == "|" {
                if !word.isEmpty { tokens.append(Token(text: word, offset: wordOffset)) }
                word = ""
                if !isSeparator { tokens.append(Token(text: String(scalar), offset: offset)) }
            } else {
                if word.isEmpty { wordOffset = offset }
                word.unicodeScalars.append(scalar)
            }
            offset += 1
        }
        if !word.isEmpty { tokens.append(Token(text: word, offset: wordOffset)) }
        for (index, token) in tokens.enumerated() where token.text == "|" || token.word == "near" {
            // R17: aggregations left the standard with correlations.
            if token.word == "near", identifiers.contains(token.text) { continue }
            throw RuleComplaint(
                .aggregation, at: start.advanced(by: tokens[index].offset),
                "the old aggregation '\(token.text)' is not part of Sigma any more, write a"
                    + " correlation document instead")
        }
    }

    private mutating func alternatives() throws(RuleComplaint) -> Condition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= DetectionLimits.conditionDepthMaximum else {
            throw complaint(
                "more than \(DetectionLimits.conditionDepthMaximum) nested brackets, split the rule"
            )
        }
        var left = try conjunction()
        while take("or") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(RuleComplaint) -> Condition {
        var left = try negation()
        while take("and") { left = .and(left, try negation()) }
        return left
    }

    private mutating func negation() throws(RuleComplaint) -> Condition {
        var isNegated = false
        while take("not") { isNegated.toggle() }
        let inner = try single()
        return isNegated ? .not(inner) : inner
    }

    private mutating func single() throws(RuleComplaint) -> Condition {
        guard next < tokens.count else {
            throw complaint("the condition ends too early, a search identifier is missing", -1)
        }
        let token = tokens[next]
        if take("(") {
            let inner = try alternatives()
            guard take(")") else { throw complaint("a closing bracket is missing", -1) }
            return inner
        }
        let isQuantified = next + 1 < tokens.count && tokens[next + 1].word == "of"
        if isQuantified, ["1", "any", "all"].contains(token.word) {
            next += 2
            return try quantified(all: token.word == "all")
        }
        if isQuantified {
            throw complaint("'\(token.text) of' is not known, use 1 of, any of or all of")
        }
        guard identifiers.contains(token.text) else {
            throw unknown(token, among: identifiers)
        }
        next += 1
        used.insert(token.text)
        return .identifier(token.text)
    }

    private mutating func quantified(all: Bool) throws(RuleComplaint) -> Condition {
        guard next < tokens.count else {
            throw complaint("after 'of' comes a pattern such as selection_* or them", -1)
        }
        let token = tokens[next]
        let named: [String]
        if token.word == "them" {
            // R15: names that start with an underscore are not part of "them".
            named = identifiers.filter { !$0.hasPrefix("_") }
        } else {
            let pattern = Glob(parsing: token.text)
            named = identifiers.filter { pattern.matches(Array($0.utf8)) }
        }
        guard !named.isEmpty else { throw unknown(token, among: identifiers) }
        next += 1
        used.formUnion(named)
        return .some(of: named, all: all)
    }

    private mutating func take(_ word: String) -> Bool {
        guard next < tokens.count, tokens[next].word == word else { return false }
        next += 1
        return true
    }

    private func unknown(_ token: Token, among names: [String]) -> RuleComplaint {
        RuleComplaint(
            .unknownIdentifier, at: start.advanced(by: token.offset),
            "the condition names '\(token.text)', which the detection does not define (it defines"
                + " \(names.sorted().joined(separator: ", "))); correct the name or add it")
    }

    private func complaint(_ message: String, _ token: Int? = nil) -> RuleComplaint {
        let index = token ?? next
        let offset = tokens.indices.contains(index) ? tokens[index].offset : 0
        return RuleComplaint(.condition, at: start.advanced(by: offset), message)
    }
}
