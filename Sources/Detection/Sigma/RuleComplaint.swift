/// Why a rule was refused: the place, what is wrong and what to do about it.
///
/// A rule that is not understood is never ignored or half used (R33). Holds words of the rule, never
/// typed text.
public struct RuleComplaint: Error, Hashable, Sendable, CustomStringConvertible {
    /// What sort of mistake it is.
    public enum Cause: String, Hashable, Sendable {
        case syntax
        case missingKey = "missing-key"
        case wrongType = "wrong-type"
        case badValue = "bad-value"
        case unknownModifier = "unknown-modifier"
        case modifierOrder = "modifier-order"
        case unknownIdentifier = "unknown-identifier"
        case condition
        case aggregation
        case duplicateID = "duplicate-id"
        case placeholder
        case expression
        case tooLarge = "too-large"
        case unsupported
        case examples
        case schema
    }

    /// What sort of mistake it is.
    public var cause: Cause
    /// The file, as it was named; empty until the reader of files fills it in.
    public var file: String
    /// Where in the file.
    public var position: SourcePosition
    /// What is wrong and what to do, lower case, no full stop.
    public var message: String

    /// A complaint about a place.
    public init(
        _ cause: Cause, at position: SourcePosition, _ message: String, file: String = ""
    ) {
        self.cause = cause
        self.file = file
        self.position = position
        self.message = message
    }

    /// `file:line:column: what is wrong and what to do`.
    public var description: String {
        "\(file):\(position.line):\(position.column): \(message)"
    }
}
