import Events

/// Turns a document into a rule, or says where and why it cannot.
public struct RuleReader: Sendable {
    /// What placeholders stand for.
    public let lexicons: Lexicons
    /// Whether every rule must be a school's rule: with theme, severity, policy and its own examples.
    public let isPack: Bool

    /// A reader; `isPack` for rule packs, false for Sigma rules of any kind.
    public init(lexicons: Lexicons, isPack: Bool) {
        self.lexicons = lexicons
        self.isPack = isPack
    }

    /// Reads one document of a file.
    public func rule(_ document: RuleNode, file: String, hash: String) throws(RuleComplaint) -> Rule
    {
        do throws(RuleComplaint) {
            return try read(document, file: file, hash: hash)
        } catch {
            var complaint = error
            complaint.file = file
            throw complaint
        }
    }

    private func read(
        _ document: RuleNode, file: String, hash: String
    ) throws(RuleComplaint) -> Rule {
        guard let entries = document.entries else {
            throw RuleComplaint(
                .wrongType, at: document.position,
                "the document is \(document.kindName), a Sigma rule is a map")
        }
        try refuseDuplicateKeys(entries)
        for (key, what) in [("correlation", "correlation rules"), ("filter", "filter documents")]
        where document[key] != nil {
            throw RuleComplaint(
                .unsupported, at: document.position,
                "\(what) are not supported yet, take the document out of the folder")
        }
        if document["action"] != nil {
            throw RuleComplaint(
                .unsupported, at: document.position,
                "'action' collections left the standard, write each rule as its own document")
        }
        let title = try requiredText("title", of: document)
        guard title.unicodeScalars.count <= 256 else {
            throw RuleComplaint(
                .badValue, at: document.position, "the title has more than 256 characters")
        }
        let source = try logSource(document)
        guard let detection = document["detection"] else {
            throw RuleComplaint(
                .missingKey, at: document.position,
                "the rule has no detection, add what it looks for")
        }
        var reader = DetectionReader(lexicons: lexicons)
        let (tree, identifiers) = try reader.read(detection)
        let id = try identity(document)
        return Rule(
            id: id ?? title, title: title, name: document["name"]?.text,
            version: try version(document), hash: hash, logSource: source,
            level: try level(document), tags: try tags(document),
            safeguarding: try safeguarding(document), file: file, position: document.position,
            tree: tree, identifiers: identifiers)
    }

    private func refuseDuplicateKeys(_ entries: [RuleNode.Entry]) throws(RuleComplaint) {
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            throw RuleComplaint(
                .syntax, at: entry.position, "the key '\(entry.key)' is there twice, remove one")
        }
    }

    private func requiredText(_ key: String, of node: RuleNode) throws(RuleComplaint) -> String {
        guard let value = node[key] else {
            throw RuleComplaint(
                .missingKey, at: node.position, "'\(key)' is missing, add '\(key): ...'")
        }
        switch value.content {
        case .text(let text) where !text.isEmpty: return text
        case .integer(let number): return String(number)
        default:
            throw RuleComplaint(
                .wrongType, at: value.position, "'\(key)' is \(value.kindName), it must be text")
        }
    }

    private func logSource(_ document: RuleNode) throws(RuleComplaint) -> LogSource {
        guard let node = document["logsource"] else {
            throw RuleComplaint(
                .missingKey, at: document.position,
                "the rule has no logsource, add category, product or service")
        }
        guard let entries = node.entries, !entries.isEmpty else {
            throw RuleComplaint(
                .wrongType, at: node.position,
                "logsource is \(node.kindName), it must be a map with category, product or service")
        }
        for entry in entries where ["category", "product", "service"].contains(entry.key) {
            guard entry.value.text != nil else {
                throw RuleComplaint(
                    .wrongType, at: entry.value.position,
                    "'\(entry.key)' is \(entry.value.kindName), it must be text")
            }
        }
        return LogSource(
            category: node["category"]?.text, product: node["product"]?.text,
            service: node["service"]?.text)
    }

    private func identity(_ document: RuleNode) throws(RuleComplaint) -> String? {
        guard let node = document["id"] else {
            guard isPack else { return nil }
            throw RuleComplaint(
                .missingKey, at: document.position, "a rule of a pack needs an id, add a UUID")
        }
        let lengths = [8, 4, 4, 4, 12]
        let parts = (node.text ?? "").split(separator: "-", omittingEmptySubsequences: false)
        let isUUID =
            parts.count == 5
            && zip(parts, lengths).allSatisfy { part, length in
                part.count == length && part.allSatisfy(\.isHexDigit)
            }
        guard isUUID, let text = node.text else {
            throw RuleComplaint(
                .badValue, at: node.position, "the id is not a UUID, make a new one")
        }
        return text.lowercased()
    }

    private func version(_ document: RuleNode) throws(RuleComplaint) -> String {
        for key in ["date", "modified"] {
            guard let node = document[key] else { continue }
            guard let text = node.text, Self.isDate(text) else {
                throw RuleComplaint(
                    .badValue, at: node.position, "'\(key)' is not a date, write it as YYYY-MM-DD")
            }
        }
        return document["modified"]?.text ?? document["date"]?.text ?? ""
    }

    private static func isDate(_ text: String) -> Bool {
        // Public rules before version 2 of the standard write slashes.
        text.utf8.count == 10
            && DateParts(String(text.map { $0 == "/" ? "-" : $0 })) != nil
    }

    private func level(_ document: RuleNode) throws(RuleComplaint) -> String? {
        guard let node = document["level"] else { return nil }
        let levels = ["informational", "low", "medium", "high", "critical"]
        guard let text = node.text, levels.contains(text) else {
            throw RuleComplaint(
                .badValue, at: node.position,
                "the level is not one of \(levels.joined(separator: ", "))")
        }
        return text
    }

    private func tags(_ document: RuleNode) throws(RuleComplaint) -> [String] {
        guard let node = document["tags"] else { return [] }
        guard let list = node.list else {
            throw RuleComplaint(
                .wrongType, at: node.position, "tags are \(node.kindName), they must be a list")
        }
        var tags: [String] = []
        for item in list {
            guard let text = item.text, text.contains(".") else {
                throw RuleComplaint(
                    .badValue, at: item.position,
                    "a tag has no namespace, write it as safeguarding.bullying")
            }
            tags.append(text)
        }
        return tags
    }

    // MARK: The school's part

    private func safeguarding(_ document: RuleNode) throws(RuleComplaint) -> Safeguarding? {
        guard let node = document["safeguarding"] else {
            guard isPack else { return nil }
            throw RuleComplaint(
                .missingKey, at: document.position,
                "a rule of a pack needs a safeguarding map with theme, severity, reason, sentence,"
                    + " policy, review, match and noMatch")
        }
        guard node.entries != nil else {
            throw RuleComplaint(
                .wrongType, at: node.position, "safeguarding is \(node.kindName), it must be a map")
        }
        guard let theme = Theme(rawValue: try requiredText("theme", of: node)) else {
            throw RuleComplaint(
                .badValue, at: node["theme"]?.position ?? node.position,
                "the theme is not known, take one of"
                    + " \(Theme.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard case .integer(let number)? = node["severity"]?.content,
            let severity = Severity(rawValue: Int(number))
        else {
            throw RuleComplaint(
                .badValue, at: node["severity"]?.position ?? node.position,
                "severity is missing or not 1, 2, 3, 4 or 5")
        }
        guard let tier = Tier(rawValue: try requiredText("tier", of: node)) else {
            throw RuleComplaint(
                .badValue, at: node["tier"]?.position ?? node.position,
                "the tier is not one of A, B, C, D, E, F")
        }
        let review = try requiredText("review", of: node)
        guard Self.isDate(review) else {
            throw RuleComplaint(
                .badValue, at: node["review"]?.position ?? node.position,
                "review is not a date, write it as YYYY-MM-DD")
        }
        return Safeguarding(
            theme: theme, severity: severity, tier: tier,
            reason: try requiredText("reason", of: node),
            sentence: try requiredText("sentence", of: node),
            policy: try requiredText("policy", of: node), review: review,
            ignoredContexts: try texts("ignores", of: node, isRequired: false),
            match: try texts("match", of: node, isRequired: true),
            noMatch: try texts("noMatch", of: node, isRequired: true))
    }

    private func texts(
        _ key: String, of node: RuleNode, isRequired: Bool
    ) throws(RuleComplaint) -> [String] {
        guard let list = node[key]?.list, !list.isEmpty else {
            guard isRequired else { return [] }
            throw RuleComplaint(
                .examples, at: node[key]?.position ?? node.position,
                "'\(key)' is missing or empty: a rule without examples of both kinds does not load")
        }
        var texts: [String] = []
        for item in list {
            guard let text = item.text else {
                throw RuleComplaint(
                    .wrongType, at: item.position,
                    "an example is \(item.kindName), put it in quotation marks")
            }
            texts.append(text)
        }
        return texts
    }
}
