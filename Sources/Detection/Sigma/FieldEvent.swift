/// A value of an event's field, as JSON has it.
public enum FieldValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([FieldValue])
    case map([String: FieldValue])

    /// How it is written, for comparison with text: numbers without an idle fraction.
    var written: String? {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
        case .boolean(let value): value ? "true" : "false"
        case .null, .list, .map: nil
        }
    }
}

/// An event as named fields: what rules of any log source look at.
public struct FieldEvent: Sendable {
    /// The fields by name.
    public var fields: [String: FieldValue]

    /// An event from its fields.
    public init(fields: [String: FieldValue]) { self.fields = fields }

    /// The values of a field: the literal name first, then a path with dots (R12). Nil when it is not there.
    ///
    /// Every element of an array is a value of its own; a path goes through arrays too. Names are compared as they
    /// are and with spaces taken out (R6).
    func values(of name: String) -> [FieldValue]? {
        if let value = fields[name] { return Self.flatten(value) }
        if name.utf8.contains(UInt8(ascii: ".")) {
            let parts = name.split(separator: ".").map(String.init)
            if let found = Self.walk(.map(fields), parts[...]) {
                return found.flatMap(Self.flatten)
            }
        }
        guard fields.keys.contains(where: { $0.utf8.contains(0x20) }) else { return nil }
        for (key, value) in fields where key.filter({ $0 != " " }) == name {
            return Self.flatten(value)
        }
        return nil
    }

    private static func flatten(_ value: FieldValue) -> [FieldValue] {
        guard case .list(let items) = value else { return [value] }
        return items.flatMap(flatten)
    }

    private static func walk(_ value: FieldValue, _ path: ArraySlice<String>) -> [FieldValue]? {
        guard let step = path.first else { return [value] }
        switch value {
        case .map(let inner):
            // A key may itself hold dots: the longest literal key first.
            for length in stride(from: path.count, to: 0, by: -1) {
                let key = path.prefix(length).joined(separator: ".")
                if let next = inner[key], let found = walk(next, path.dropFirst(length)) {
                    return found
                }
            }
            _ = step
            return nil
        case .list(let items):
            let found = items.compactMap { walk($0, path) }.flatMap { $0 }
            return found.isEmpty ? nil : found
        default: return nil
        }
    }

    /// Every value of the event that can be compared as text, for keywords (R7).
    var allValues: [FieldValue] {
        func leaves(_ value: FieldValue) -> [FieldValue] {
            switch value {
            case .list(let items): items.flatMap(leaves)
            case .map(let inner): inner.values.flatMap(leaves)
            default: [value]
            }
        }
        return fields.values.flatMap(leaves)
    }
}
