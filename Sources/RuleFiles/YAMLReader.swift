import Detection
import Yams

/// Reads YAML documents into trees that know their places.
///
/// Scalars are typed by the YAML 1.2 core schema and not by that of 1.1: `no` and `on` are words, `0o17` is octal.
/// The place of a quoted text is its first character, not the quotation mark.
enum YAMLReader {
    /// The documents of a file; empty documents are left out.
    static func documents(in text: String, file: String) throws(RuleComplaint) -> [RuleNode] {
        do {
            var nodes: [RuleNode] = []
            var count = 0
            var documents = try Yams.compose_all(yaml: text)
            while let document = documents.next() {
                let node = try convert(document, count: &count, file: file)
                if node.content != .null { nodes.append(node) }
            }
            if let error = documents.error { throw error }
            return nodes
        } catch let complaint as RuleComplaint {
            throw complaint
        } catch {
            throw complaint(about: error, file: file)
        }
    }

    private static func convert(
        _ node: Node, count: inout Int, file: String
    ) throws(RuleComplaint) -> RuleNode {
        let position = Self.position(node.mark)
        count += 1
        // Aliases are written out, so a small file can hold a very large tree.
        guard count <= DetectionLimits.documentNodesMaximum else {
            throw RuleComplaint(
                .tooLarge, at: position,
                "the file holds more than \(DetectionLimits.documentNodesMaximum) values, split it",
                file: file)
        }
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
            let place =
                isQuoted
                ? SourcePosition(line: position.line, column: position.column + 1) : position
            let isPlain = !isQuoted && scalar.style != .literal && scalar.style != .folded
            return RuleNode(isPlain ? plain(scalar.string) : .text(scalar.string), at: place)
        case .sequence(let sequence):
            var items: [RuleNode] = []
            for item in sequence { items.append(try convert(item, count: &count, file: file)) }
            return RuleNode(.list(items), at: position)
        case .mapping(let mapping):
            var entries: [RuleNode.Entry] = []
            for (key, value) in mapping {
                guard let name = key.scalar?.string else {
                    throw RuleComplaint(
                        .syntax, at: Self.position(key.mark),
                        "a key is a list or a map, keys are text", file: file)
                }
                entries.append(
                    RuleNode.Entry(
                        key: name, position: Self.position(key.mark),
                        value: try convert(value, count: &count, file: file)))
            }
            return RuleNode(.map(entries), at: position)
        case .alias:
            throw RuleComplaint(
                .syntax, at: position, "an alias names no anchor, write the value out", file: file)
        }
    }

    private static func position(_ mark: Mark?) -> SourcePosition {
        SourcePosition(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// The core schema of YAML 1.2, section 10.3.2.
    private static func plain(_ text: String) -> RuleNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        default: break
        }
        guard let first = text.utf8.first,
            first &- 0x30 < 10 || first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
                || first == UInt8(ascii: ".")
        else { return .text(text) }
        if text.hasPrefix("0x"), let value = Int64(text.dropFirst(2), radix: 16) {
            return .integer(value)
        }
        if text.hasPrefix("0o"), let value = Int64(text.dropFirst(2), radix: 8) {
            return .integer(value)
        }
        if let value = Int64(text) { return .integer(value) }
        let isNumber = text.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || "+-.eE".utf8.contains(byte)
        }
        if isNumber, let value = Double(text) { return .number(value) }
        return .text(text)
    }

    private static func complaint(about error: any Error, file: String) -> RuleComplaint {
        guard let error = error as? YamlError else {
            return RuleComplaint(
                .syntax, at: SourcePosition(line: 1, column: 1), "the file is not YAML: \(error)",
                file: file)
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return RuleComplaint(
                .syntax, at: position(mark), "the file is not YAML: \(problem), correct it here",
                file: file)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return RuleComplaint(
                .syntax, at: position(context.mark),
                "the key '\(duplicates.sorted().joined(separator: "', '"))' is there twice, remove one",
                file: file)
        default:
            return RuleComplaint(
                .syntax, at: SourcePosition(line: 1, column: 1),
                "the file is not YAML, save it as UTF-8 text: \(error)", file: file)
        }
    }
}
