import Testing

/// One rule of the house, with a small house that breaks it and one that keeps it.
///
/// The bad sample is what makes the rule honest: it must be refused, at each of its lines marked `BAD`.
struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule as a sentence.
    var name: String
    /// What breaks it.
    var violations: @Sendable (House) -> [Violation]
    /// Files that break it; each line to be refused carries the word `BAD`.
    var bad: [String: String]
    /// Files that look alike and keep it.
    var good: [String: String]

    var testDescription: String { name }

    /// All rules.
    static let all: [Rule] = arrows + purity + names + safety + prose + habits
}

extension Rule {
    /// A manifest of some targets, for samples.
    static func package(_ targets: String...) -> String {
        """
        let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
        let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
        let package = Package(name: "daybook", targets: [
        \(targets.joined(separator: "\n"))
        ])
        """
    }
}
