/// A secret that its holder shows: a kind and 256 random bits, as text.
///
/// `db_op_` and 64 hex digits for an operator, `db_dev_` for a device that sends without signing,
/// `db_enrol_` for a one-time code, `db_ctl_` for the collector's own command line. The prefix makes
/// a leaked secret findable; only the SHA-256 of the text is ever stored.
public struct Credential: Hashable, Sendable, CustomStringConvertible {
    /// What a credential is for.
    public enum Kind: String, CaseIterable, Sendable {
        case `operator` = "db_op_"
        case device = "db_dev_"
        case enrolment = "db_enrol_"
        case control = "db_ctl_"
    }

    /// What it is for.
    public let kind: Kind
    /// The whole secret, prefix included. Shown once, then only its hash is known.
    public let text: String

    /// Size of the random part in bytes: 256 bits cannot be guessed, whatever the rate (S1, S13).
    public static let randomSize = 32

    private static let digits = Array("0123456789abcdef".utf8)

    /// A new secret from fresh random bytes.
    public init(kind: Kind, randomBytes: [UInt8]) {
        precondition(
            randomBytes.count == Credential.randomSize, "a credential is made from 32 random bytes")
        self.kind = kind
        var hex: [UInt8] = []
        for byte in randomBytes {
            hex.append(Credential.digits[Int(byte >> 4)])
            hex.append(Credential.digits[Int(byte & 15)])
        }
        text = kind.rawValue + String(decoding: hex, as: UTF8.self)
    }

    /// Reads what a client shows; nil when it cannot be a credential of ours.
    public init?(_ text: String) {
        guard let kind = Kind.allCases.first(where: { text.hasPrefix($0.rawValue) }) else {
            return nil
        }
        let random = text.utf8.dropFirst(kind.rawValue.utf8.count)
        guard random.count == 2 * Credential.randomSize,
            random.allSatisfy({ Credential.digits.contains($0) })
        else { return nil }
        self.kind = kind
        self.text = text
    }

    /// The kind only: a secret never reaches a log by accident.
    public var description: String { kind.rawValue + "..." }
}
