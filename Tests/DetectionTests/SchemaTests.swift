import Detection
import Foundation
import Testing

@testable import RuleFiles

/// The keywords of JSON Schema that the three official Sigma schemas use.
struct SchemaChecker {
    /// Complaints about a value, each with the path to it.
    static func complaints(_ value: Any, _ schema: [String: Any], at path: String = "") -> [String]
    {
        var all: [String] = []
        if let constant = schema["const"] as? String, value as? String != constant {
            all.append("\(path): is not '\(constant)'")
        }
        if let type = schema["type"] as? String, !isType(value, type) {
            return all + ["\(path): is not of type \(type)"]
        }
        if let text = value as? String { all += checkText(text, schema, path) }
        if let list = value as? [Any] { all += checkList(list, schema, path) }
        if let map = value as? [String: Any] { all += checkMap(map, schema, path) }
        if let choices = schema["anyOf"] as? [[String: Any]],
            !choices.contains(where: { complaints(value, $0, at: path).isEmpty })
        {
            all.append("\(path): fits none of the choices")
        }
        if let choices = schema["oneOf"] as? [[String: Any]],
            choices.filter({ complaints(value, $0, at: path).isEmpty }).count != 1
        {
            all.append("\(path): does not fit exactly one choice")
        }
        return all
    }

    private static func isType(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "integer": value is Int64
        case "boolean": value is Bool
        default: true
        }
    }

    private static func checkText(_ text: String, _ schema: [String: Any], _ path: String)
        -> [String]
    {
        var all: [String] = []
        let length = text.unicodeScalars.count
        if let maximum = schema["maxLength"] as? Int, length > maximum {
            all.append("\(path): too long")
        }
        if let minimum = schema["minLength"] as? Int, length < minimum {
            all.append("\(path): too short")
        }
        if let pattern = schema["pattern"] as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            all.append("\(path): '\(text)' does not fit the pattern")
        }
        if schema["format"] as? String == "uuid", UUID(uuidString: text) == nil {
            all.append("\(path): is not a UUID")
        }
        return all
    }

    private static func checkList(_ list: [Any], _ schema: [String: Any], _ path: String)
        -> [String]
    {
        var all: [String] = []
        if schema["uniqueItems"] as? Bool == true {
            let texts = list.compactMap { $0 as? String }
            if Set(texts).count != texts.count { all.append("\(path): an item is there twice") }
        }
        if let minimum = schema["minItems"] as? Int, list.count < minimum {
            all.append("\(path): too few items")
        }
        if let items = schema["items"] as? [String: Any] {
            for (index, item) in list.enumerated() {
                all += complaints(item, items, at: "\(path)[\(index)]")
            }
        }
        return all
    }

    private static func checkMap(
        _ map: [String: Any], _ schema: [String: Any], _ path: String
    ) -> [String] {
        var all: [String] = []
        for key in schema["required"] as? [String] ?? [] where map[key] == nil {
            all.append("\(path): '\(key)' is missing")
        }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        for (key, value) in map {
            if let inner = properties[key] {
                all += complaints(value, inner, at: path + "/" + key)
            } else if let other = schema["additionalProperties"] as? [String: Any] {
                all += complaints(value, other, at: path + "/" + key)
            }
        }
        return all
    }
}

/// R3: the packs are valid Sigma by the official schemas.
@Suite struct SchemaTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func schema(_ name: String) throws -> [String: Any] {
        let url = root.appendingPathComponent("Fixtures/rules/sigma-schema/\(name)")
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        return try #require(value as? [String: Any])
    }

    private static func json(_ node: RuleNode) -> Any {
        switch node.content {
        case .null: NSNull()
        case .boolean(let value): value
        case .integer(let value): value
        case .number(let value): value
        case .text(let text): text
        case .list(let items): items.map(json)
        case .map(let entries):
            Dictionary(uniqueKeysWithValues: entries.map { ($0.key, json($0.value)) })
        }
    }

    @Test func `every rule of the packs fits the official schema`() throws {
        let schema = try Self.schema("sigma-detection-rule-schema.json")
        let folder = Self.root.appendingPathComponent("Sources/RuleFiles/Packs")
        let paths = try #require(FileManager.default.enumerator(atPath: folder.path))
        var count = 0
        for case let path as String in paths
        where path.hasSuffix(".yml") && !path.hasPrefix("lexicons") {
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            for node in try YAMLReader.documents(in: text, file: path) {
                count += 1
                let complaints = SchemaChecker.complaints(Self.json(node), schema)
                #expect(complaints.isEmpty, "\(path): \(complaints.prefix(3))")
            }
        }
        #expect(count >= 50)
    }

    @Test(arguments: [
        "logsource: {category: x}\ndetection: {condition: s}\n",
        "title: T\nlogsource: {category: x}\ndetection: {s: {A: x}}\n",
        "title: T\nid: nonsense\nlogsource: {category: x}\ndetection: {condition: s}\n",
        "title: T\nlevel: urgent\nlogsource: {category: x}\ndetection: {condition: s}\n",
        "title: T\ntags: [bare]\nlogsource: {category: x}\ndetection: {condition: s}\n",
        "title: T\nlogsource: {category: x}\ndetection: {condition: [a, b]}\n",
    ])
    func `the checker itself refuses what the schema refuses`(text: String) throws {
        let schema = try Self.schema("sigma-detection-rule-schema.json")
        let node = try #require(try YAMLReader.documents(in: text, file: "x").first)
        #expect(!SchemaChecker.complaints(Self.json(node), schema).isEmpty)
    }
}
