/// The rules in force: read, checked and swapped as one.
public struct RulePack: Sendable {
    /// The rules, in the order of their files.
    public let rules: [Rule]
    /// What their placeholders, emoji and contexts are.
    public let lexicons: Lexicons
    /// The version: the day of the youngest rule.
    public let version: String
    /// Lower-case hex SHA-256 over the files, names and contents, in order of names.
    public let hash: String
    /// The text of each rule by its hash, as it was read: evidence shows it word for word.
    public let sources: [String: String]

    /// A pack from rules that were read before.
    public init(
        rules: [Rule], lexicons: Lexicons, hash: String, sources: [String: String] = [:]
    ) {
        self.rules = rules
        self.lexicons = lexicons
        self.hash = hash
        self.sources = sources
        version = rules.map(\.version).max() ?? ""
    }

    /// The rules of two packs together, as when a school adds its own to those built in. Lexicons of the first hold.
    public func adding(_ other: RulePack) -> RulePack {
        RulePack(
            rules: rules + other.rules, lexicons: lexicons, hash: hash + other.hash,
            sources: sources.merging(other.sources) { mine, _ in mine })
    }
}
