/// Why an age file cannot be made or opened. Offsets and counts; never a key, a passphrase or content.
public enum AgeError: Error, Equatable, Sendable {
    /// A text that is no `age1...` recipient.
    case badRecipient
    /// A text that is no `AGE-SECRET-KEY-1...` identity, or a file that holds none.
    case badIdentity
    /// A passphrase goes alone: with any second recipient it would be the weakest.
    case passphraseNotAlone
    /// Nobody to seal for.
    case noRecipient
    /// A passphrase stretched with too little work, or an empty one.
    case weakPassphrase
    /// The first line is not that of an age file of version 1.
    case notAgeFile
    /// The header breaks the format, or was changed after it was sealed.
    case damagedHeader
    /// The header takes more bytes than one may have.
    case headerTooLarge(limit: Int)
    /// None of the identities opens it.
    case noIdentityMatches
    /// The passphrase would take more work to try than we do: 2 to this power.
    case workTooGreat(workFactor: Int, limit: Int)
    /// A chunk does not authenticate. The offset counts plain bytes: all before it are whole.
    case damagedPayload(offset: Int)
    /// The file ends before its last chunk. The offset counts plain bytes: all before it are whole.
    case truncated(offset: Int)
    /// Something follows the last chunk.
    case trailingBytes(offset: Int)
    /// The ASCII armour breaks the format, at this line from 1.
    case badArmour(line: Int)

    /// One sentence: what failed and what to do.
    public var message: String {
        switch self {
        case .badRecipient: "not an age recipient, it begins with age1 and is copied whole"
        case .badIdentity:
            "not an age identity, a line that begins with AGE-SECRET-KEY-1 and is copied whole"
        case .passphraseNotAlone: "a passphrase cannot stand beside other recipients, choose one"
        case .noRecipient: "no recipient to seal for, name at least one"
        case .weakPassphrase: "the passphrase is empty or stretched too little"
        case .notAgeFile: "not an age file of version 1"
        case .damagedHeader: "the age header is damaged, take another copy"
        case .headerTooLarge(let limit): "the age header is over \(limit) bytes, not a file of ours"
        case .noIdentityMatches:
            "sealed for somebody else, give the identity or passphrase it was sealed for"
        case .workTooGreat(let factor, let limit):
            "the passphrase needs work factor \(factor), at most \(limit) is tried"
        case .damagedPayload(let offset):
            "the sealed file is damaged after \(offset) bytes of content, take another copy"
        case .truncated(let offset):
            "the sealed file ends early, after \(offset) bytes of content, take another copy"
        case .trailingBytes(let offset):
            "something was added after the sealed file's end at \(offset) bytes of content"
        case .badArmour(let line): "the armour is damaged at line \(line), take another copy"
        }
    }
}
