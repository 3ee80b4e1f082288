/// What can be wrong with a proof, a note or a key that came from outside.
///
/// Cases carry line numbers (from 1) and sizes, never text of an event.
public enum ProofsError: Error, Equatable, Sendable {
    /// Bytes that are not UTF-8, or hold a control character that notes forbid.
    case badText(offset: Int)
    /// A note without its blank line, without a signature or without its last line feed.
    case badNote(line: Int)
    /// A signature line that is not `— name base64`.
    case badSignatureLine(line: Int)
    /// A key name that is empty or holds a space or a plus sign.
    case badKeyName
    /// A verifier key string that does not parse, or whose key id does not belong to it.
    case badKey
    /// A batch statement whose line is missing, out of place or malformed.
    case badStatement(line: Int)
    /// A checkpoint whose line is missing or malformed.
    case badCheckpoint(line: Int)
    /// Leaf data whose line is missing or malformed.
    case badLeaf(line: Int)
    /// An envelope that is not `seq wall mono type hex`.
    case badEnvelope
    /// A proof file whose line is missing or malformed.
    case badProof(line: Int)
    /// A tile path or tile content of the wrong form.
    case badTile
    /// More than a limit, in bytes or entries.
    case tooLarge(count: Int, limit: Int)
}
