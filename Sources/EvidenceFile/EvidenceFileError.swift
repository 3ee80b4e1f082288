public import Durable
public import Proofs

/// Why a bundle cannot be written, or a file of one cannot be read.
///
/// Cases carry file names of the layout, line numbers and sizes; never typed text or a person's name.
public enum EvidenceFileError: Error, Equatable, Sendable {
    /// A bundle id that is not made of letters, digits, `.`, `_` and `-`.
    case badBundleID
    /// A name of a signer that is empty or holds a space.
    case badPrincipal
    /// A rule's id that cannot be a file name.
    case badRuleID
    /// Two things that would be the same file of the bundle.
    case duplicateFile(path: String)
    /// Something of that name is already there.
    case exists(path: String)
    /// A file that is not there.
    case missingFile(path: String)
    /// A line of a file that does not have its form.
    case badLine(path: String, line: Int)
    /// A file that is not what its name says.
    case badFile(path: String)
    /// A file that holds a malformed proof, note or key.
    case badProof(path: String, error: ProofsError)
    /// More bytes or files than a bundle may have.
    case tooLarge(path: String, count: Int, limit: Int)
    /// The finished bundle did not pass the check that a stranger will make: which checks failed.
    case checkFailed(verdicts: [String])
    /// A text that must not leave the school was found in a file.
    case withheldTextFound(path: String)
    /// The disk refused.
    case disk(DurableError)

    /// One sentence: what failed and what to do.
    public var message: String {
        switch self {
        case .badBundleID: "bundle id may hold only letters, digits, dot, dash and underscore"
        case .badPrincipal: "signer's name is empty or holds a space, set it without"
        case .badRuleID: "rule id may hold only letters, digits, dot, dash and underscore"
        case .duplicateFile(let path): "two parts of the bundle want to be \(path)"
        case .exists(let path): "\(path) is already there, move it away or choose another folder"
        case .missingFile(let path): "\(path) is missing"
        case .badLine(let path, let line): "\(path) line \(line) is malformed"
        case .badFile(let path): "\(path) is not what its name says"
        case .badProof(let path, _): "\(path) holds no well-formed proof"
        case .tooLarge(let path, let count, let limit):
            "\(path) has \(count), at most \(limit) are allowed"
        case .checkFailed(let verdicts):
            "the finished bundle failed its own check: \(verdicts.joined(separator: "; "))"
        case .withheldTextFound(let path): "\(path) holds a text that was to be withheld"
        case .disk(let error): error.message
        }
    }
}
