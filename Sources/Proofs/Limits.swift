/// The sizes that a proof may have.
public enum ProofsLimits {
    /// Events in a batch: so that one statement never covers more than a moment (evidence.md 2.3).
    public static let batchEventsMaximum = 1_024
    /// Bytes of leaf data: what keeps a bundle of entries small (evidence.md 3.1).
    public static let leafDataMaximumSize = 4_096
    /// Bytes of a signed note: a statement has about 700, a checkpoint about 350 plus one line a witness.
    public static let noteMaximumSize = 65_536
    /// Signature lines of a note: far more witnesses than a school will ever have.
    public static let noteSignaturesMaximum = 64
    /// Hashes of a proof: a tree of 2^64 leaves needs no more.
    public static let proofHashesMaximum = 128
}
