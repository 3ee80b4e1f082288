/// Reads the `detection:` map of a rule: search identifiers, fields with their modifiers, and the condition.
struct DetectionReader {
    /// What placeholders of `expand` stand for.
    let lexicons: Lexicons
    private var identifiers: [Predicate: String] = [:]
    private var current = ""

    /// A reader that fills placeholders from these lexicons.
    init(lexicons: Lexicons) { self.lexicons = lexicons }

    /// The condition with identifiers written out, and which identifier each question came from.
    mutating func read(
        _ node: RuleNode
    ) throws(RuleComplaint) -> (tree: PredicateTree, identifiers: [Predicate: String]) {
        guard let entries = node.entries else {
            throw RuleComplaint(
                .wrongType, at: node.position,
                "detection is \(node.kindName), it must be a map of search identifiers and a condition"
            )
        }
        var searches: [String: PredicateTree] = [:]
        var conditions: [(String, SourcePosition)] = []
        for entry in entries {
            switch entry.key {
            case "condition": conditions = try readConditions(entry.value)
            case "timeframe":
                throw RuleComplaint(
                    .unsupported, at: entry.position,
                    "timeframe belongs to the old aggregations, write a correlation document instead"
                )
            default:
                current = entry.key
                searches[entry.key] = try search(entry.value)
            }
        }
        guard !conditions.isEmpty else {
            throw RuleComplaint(
                .missingKey, at: node.position,
                "detection has no condition, add 'condition: \(entries.first?.key ?? "selection")'")
        }
        var alternatives: [PredicateTree] = []
        let names = entries.map(\.key).filter { searches[$0] != nil }
        for (text, position) in conditions {
            var parser = try ConditionParser(text, at: position, identifiers: names)
            alternatives.append(Self.write(try parser.parse(), searches))
        }
        return (alternatives.count == 1 ? alternatives[0] : .any(alternatives), identifiers)
    }

    /// R16: a list of conditions means any of them.
    private func readConditions(
        _ node: RuleNode
    ) throws(RuleComplaint) -> [(String, SourcePosition)] {
        if let text = node.text { return [(text, node.position)] }
        if let list = node.list, !list.isEmpty {
            var all: [(String, SourcePosition)] = []
            for item in list {
                guard let text = item.text else {
                    throw RuleComplaint(
                        .wrongType, at: item.position, "a condition is \(item.kindName), not text")
                }
                all.append((text, item.position))
            }
            return all
        }
        throw RuleComplaint(
            .wrongType, at: node.position,
            "the condition is \(node.kindName), it must be text such as 'selection and not filter'")
    }

    private static func write(
        _ condition: Condition, _ searches: [String: PredicateTree]
    ) -> PredicateTree {
        switch condition {
        case .identifier(let name): searches[name] ?? .any([])
        case .and(let left, let right): .all([write(left, searches), write(right, searches)])
        case .or(let left, let right): .any([write(left, searches), write(right, searches)])
        case .not(let inner): .not(write(inner, searches))
        case .some(let names, let all):
            all
                ? .all(names.map { searches[$0] ?? .any([]) })
                : .any(names.map { searches[$0] ?? .any([]) })
        }
    }

    // MARK: Search identifiers

    private mutating func search(_ node: RuleNode) throws(RuleComplaint) -> PredicateTree {
        switch node.content {
        case .map(let entries): return try fields(entries, at: node.position)
        case .list(let items):
            guard !items.isEmpty else {
                throw RuleComplaint(
                    .badValue, at: node.position,
                    "'\(current)' is an empty list, give it values or leave it out")
            }
            var parts: [PredicateTree] = []
            for item in items {
                if let entries = item.entries {
                    parts.append(try fields(entries, at: item.position))
                } else {
                    parts.append(try keyword(item))
                }
            }
            return parts.count == 1 ? parts[0] : .any(parts)
        case .text, .integer: return try keyword(node)
        default:
            throw RuleComplaint(
                .wrongType, at: node.position,
                "'\(current)' is \(node.kindName), it must be a map of fields or a list")
        }
    }

    private mutating func keyword(_ node: RuleNode) throws(RuleComplaint) -> PredicateTree {
        try value(
            node, field: nil, chain: try ModifierChain([(name: "contains", node.position)]))
    }

    private mutating func fields(
        _ entries: [RuleNode.Entry], at position: SourcePosition
    ) throws(RuleComplaint) -> PredicateTree {
        guard !entries.isEmpty else {
            throw RuleComplaint(
                .badValue, at: position, "'\(current)' is an empty map, name a field in it")
        }
        var parts: [PredicateTree] = []
        for entry in entries { parts.append(try field(entry)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func field(_ entry: RuleNode.Entry) throws(RuleComplaint) -> PredicateTree {
        let parts = entry.key.split(separator: "|", omittingEmptySubsequences: false)
        var column = parts[0].unicodeScalars.count + 1
        var names: [(name: String, position: SourcePosition)] = []
        for part in parts.dropFirst() {
            names.append((String(part), entry.position.advanced(by: column)))
            column += part.unicodeScalars.count + 1
        }
        let field = parts[0].isEmpty ? nil : String(parts[0])
        if field == nil, names.isEmpty {
            throw RuleComplaint(
                .badValue, at: entry.position, "a field has no name, write it before the colon")
        }
        // Keywords are looked for anywhere in a value unless their modifiers say how.
        let placing: Set<String> = ["contains", "startswith", "endswith", "re", "cidr"]
        if field == nil, !names.contains(where: { placing.contains($0.name.lowercased()) }) {
            names.insert((name: "contains", position: entry.position), at: 0)
        }
        let chain = try ModifierChain(names)
        let tree = try values(entry, field: field, chain: chain)
        return chain.isNegated ? .not(tree) : tree
    }

    private mutating func values(
        _ entry: RuleNode.Entry, field: String?, chain: ModifierChain
    ) throws(RuleComplaint) -> PredicateTree {
        guard let items = entry.value.list else {
            if chain.isAll, !chain.isExpanded {
                throw RuleComplaint(
                    .modifierOrder, at: entry.position,
                    "'all' needs a list of two values or more, leave it out for one value (R19)")
            }
            return try value(entry.value, field: field, chain: chain)
        }
        guard !items.isEmpty else {
            throw RuleComplaint(
                .badValue, at: entry.value.position,
                "the list of '\(entry.key)' is empty, give it values or write null")
        }
        if chain.isAll, items.count == 1, !chain.isExpanded {
            throw RuleComplaint(
                .modifierOrder, at: entry.position,
                "'all' needs a list of two values or more, leave it out for one value (R19)")
        }
        var parts: [PredicateTree] = []
        for item in items { parts.append(try value(item, field: field, chain: chain)) }
        if parts.count == 1 { return parts[0] }
        return chain.isAll ? .all(parts) : .any(parts)
    }

    // MARK: Values

    private mutating func make(_ field: String?, _ test: Predicate.Test) -> PredicateTree {
        let predicate = Predicate(field: field, test: test)
        if identifiers[predicate] == nil { identifiers[predicate] = current }
        return .predicate(predicate)
    }

    private mutating func value(
        _ node: RuleNode, field: String?, chain: ModifierChain
    ) throws(RuleComplaint) -> PredicateTree {
        func refuse(_ message: String) -> RuleComplaint {
            RuleComplaint(.badValue, at: node.position, message)
        }
        if chain.isExists {
            guard case .boolean(let isThere) = node.content else {
                throw refuse("'exists' takes true or false, not \(node.kindName)")
            }
            return make(field, .exists(isThere))
        }
        if let part = chain.timePart {
            guard let number = Self.number(node) else {
                throw refuse("a part of a date is compared with a number, not \(node.kindName)")
            }
            return make(field, .time(part, chain.comparison, number))
        }
        if let comparison = chain.comparison {
            guard let number = Self.number(node) else {
                throw refuse("'\(comparison)' compares with a number, not \(node.kindName)")
            }
            return make(field, .compare(comparison, number))
        }
        switch node.content {
        case .null:
            guard chain.isPlain else {
                throw refuse("nothing is written where a value belongs, give one")
            }
            return make(field, .null)
        case .boolean(let value):
            guard chain.isPlain else {
                return try text(String(value), at: node, field: field, chain: chain)
            }
            return make(field, .boolean(value))
        case .integer(let value):
            guard chain.isPlain else {
                return try text(String(value), at: node, field: field, chain: chain)
            }
            return make(field, .number(Double(value)))
        case .number(let value):
            guard chain.isPlain else {
                return try text("\(value)", at: node, field: field, chain: chain)
            }
            return make(field, .number(value))
        case .text(let text): return try self.text(text, at: node, field: field, chain: chain)
        case .list, .map:
            throw refuse("a value is \(node.kindName), it must be text, a number or null")
        }
    }

    private static func number(_ node: RuleNode) -> Double? {
        switch node.content {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text(let text): Double(text)
        default: nil
        }
    }

    private mutating func text(
        _ text: String, at node: RuleNode, field: String?, chain: ModifierChain
    ) throws(RuleComplaint) -> PredicateTree {
        if chain.isExpression {
            do throws(ExpressionParser.Refusal) {
                return make(
                    field,
                    .expression(try RegularExpression(text, flags: chain.flags)))
            } catch {
                throw RuleComplaint(
                    .expression, at: node.position.advanced(by: error.offset),
                    "the regular expression is refused: \(error.message)")
            }
        }
        if chain.isNetwork {
            guard let network = NetworkRange(text) else {
                throw RuleComplaint(
                    .badValue, at: node.position,
                    "'\(text)' is not a network, write it as 10.0.0.0/8 or fe80::/10")
            }
            return make(field, .network(network))
        }
        if chain.isReference {
            return make(
                field, .reference(text, chain.placement, isCased: chain.isCased))
        }
        if field == TypedTextFields.normalised, !chain.isCased, chain.encodings.isEmpty,
            let pattern = try PhrasePattern.recognise(
                text, placement: chain.placement,
                lexicons: chain.isExpanded ? lexicons : nil, at: node.position)
        {
            return make(field, .phrase(pattern))
        }
        var parts: [PredicateTree] = []
        for glob in try globs(text, at: node, chain: chain) {
            parts.append(make(field, .glob(glob, isCased: chain.comparesExactly)))
        }
        if parts.count == 1 { return parts[0] }
        return chain.isAll && chain.isExpanded ? .all(parts) : .any(parts)
    }

    /// All patterns that one written text stands for.
    private func globs(
        _ text: String, at node: RuleNode, chain: ModifierChain
    ) throws(RuleComplaint) -> [Glob] {
        let written = chain.isExpanded ? try expand(text, at: node.position) : [text]
        var globs = written.map { Glob(parsing: $0) }
        for encoding in chain.encodings {
            var encoded: [Glob] = []
            for glob in globs {
                guard let variants = ValueEncoding.apply(encoding, to: glob) else {
                    throw RuleComplaint(
                        .badValue, at: node.position,
                        "'\(encoding)' cannot encode this value: it has wildcards or too many dashes"
                    )
                }
                encoded += variants
            }
            globs = encoded
        }
        guard globs.count <= DetectionLimits.valueVariantsMaximum else {
            throw RuleComplaint(
                .tooLarge, at: node.position,
                "the value stands for \(globs.count) values, at most"
                    + " \(DetectionLimits.valueVariantsMaximum) are taken")
        }
        let before = chain.placement == .contains || chain.placement == .endswith
        let after = chain.placement == .contains || chain.placement == .startswith
        return globs.map { glob in
            let folded = chain.comparesExactly ? glob : glob.folded()
            return folded.padded(before: before, after: after)
        }
    }

    /// `%name%` filled in; `\%` is a plain per cent sign (R31).
    private func expand(_ text: String, at position: SourcePosition) throws(RuleComplaint)
        -> [String]
    {
        var results = [""]
        for part in try Placeholders.split(text, at: position) {
            switch part {
            case .text(let text): results = results.map { $0 + text }
            case .placeholder(let name, let offset):
                guard let values = lexicons.plainValues(of: name) else {
                    throw RuleComplaint(
                        .placeholder, at: position.advanced(by: offset),
                        "the placeholder '%\(name)%' has no values, add a lexicon of that name")
                }
                guard results.count * values.count <= DetectionLimits.valueVariantsMaximum else {
                    throw RuleComplaint(
                        .tooLarge, at: position.advanced(by: offset),
                        "the placeholders stand for more than"
                            + " \(DetectionLimits.valueVariantsMaximum) values")
                }
                results = results.flatMap { start in values.map { start + $0 } }
            }
        }
        return results
    }
}

extension ModifierChain {
    /// Whether a value that is not text keeps its own meaning: no modifier asks for its text.
    fileprivate var isPlain: Bool {
        placement == .whole && encodings.isEmpty && !isExpression && !isNetwork && !isReference
    }
}

/// Splits a value of `expand` into text and placeholders.
enum Placeholders {
    /// A part of such a value.
    enum Part: Hashable {
        case text(String)
        case placeholder(String, offset: Int)
    }

    /// The parts in order.
    static func split(
        _ text: String, at position: SourcePosition
    ) throws(RuleComplaint) -> [Part] {
        var parts: [Part] = []
        var plain = ""
        var name: String?
        var nameOffset = 0
        var isEscaped = false
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            if isEscaped {
                if scalar != "%" { plain.unicodeScalars.append("\\") }
                plain.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\", name == nil {
                isEscaped = true
            } else if scalar == "%" {
                if let complete = name {
                    parts.append(.placeholder(complete, offset: nameOffset))
                    name = nil
                } else {
                    if !plain.isEmpty { parts.append(.text(plain)) }
                    plain = ""
                    name = ""
                    nameOffset = offset
                }
            } else if name != nil {
                name?.unicodeScalars.append(scalar)
            } else {
                plain.unicodeScalars.append(scalar)
            }
        }
        if isEscaped { plain.unicodeScalars.append("\\") }
        if name != nil {
            throw RuleComplaint(
                .placeholder, at: position.advanced(by: nameOffset),
                "a placeholder begins with % and does not end, close it or write \\%")
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        return parts
    }
}
