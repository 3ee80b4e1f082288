/// What can be wrong with bytes that came from outside or from disk.
public enum BytesError: Error, Equatable, Sendable {
    /// More bytes were needed than there are, at an offset.
    case truncated(offset: Int)
    /// A varint that does not end within its ten bytes or does not fit.
    case badVarint(offset: Int)
    /// Compressed bytes that are not what they say.
    case corruptFrame
    /// Expanding would give more than the limit, in bytes.
    case expandsBeyond(limit: Int)
    /// A zstd frame that needs more memory for its window than the limit, in bytes.
    case windowBeyond(limit: Int)
}
