/// A place in a rule file; both count from 1, columns in Unicode scalars.
public struct SourcePosition: Hashable, Sendable, Comparable {
    /// The line.
    public var line: Int
    /// The column.
    public var column: Int

    /// A place in a file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place some scalars further along the same line.
    public func advanced(by columns: Int) -> SourcePosition {
        SourcePosition(line: line, column: column + columns)
    }

    /// Orders as one reads.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One node of a YAML document with its place, so that every complaint can point at what it means (R3).
///
/// `RuleFiles` makes it from a file; this target never sees YAML itself.
public struct RuleNode: Hashable, Sendable {
    /// What a node holds. Plain scalars are typed by the YAML 1.2 core schema (R1, R11).
    public enum Content: Hashable, Sendable {
        case null
        case boolean(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
        case list([RuleNode])
        case map([Entry])
    }

    /// A key of a map with its value, in the order of the file.
    public struct Entry: Hashable, Sendable {
        /// The key, always as text.
        public var key: String
        /// Where the key stands.
        public var position: SourcePosition
        /// What stands under it.
        public var value: RuleNode

        /// An entry of a map.
        public init(key: String, position: SourcePosition, value: RuleNode) {
            self.key = key
            self.position = position
            self.value = value
        }
    }

    /// What it holds.
    public var content: Content
    /// Where it starts.
    public var position: SourcePosition

    /// A node at a place.
    public init(_ content: Content, at position: SourcePosition) {
        self.content = content
        self.position = position
    }

    /// The text of a text node, else nil.
    public var text: String? {
        if case .text(let text) = content { text } else { nil }
    }

    /// The nodes of a list, else nil.
    public var list: [RuleNode]? {
        if case .list(let nodes) = content { nodes } else { nil }
    }

    /// The entries of a map, else nil.
    public var entries: [Entry]? {
        if case .map(let entries) = content { entries } else { nil }
    }

    /// The value under a key of a map, else nil.
    public subscript(key: String) -> RuleNode? {
        entries?.first { $0.key == key }?.value
    }

    /// What sort of thing it is, for messages.
    var kindName: String {
        switch content {
        case .null: "nothing"
        case .boolean: "true or false"
        case .integer, .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
