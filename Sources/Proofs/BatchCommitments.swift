/// Commits to the events of a batch, one after the other, in buffers that are used again.
///
/// `begin`, then `append` once an event in order, then ``root``. Nothing is allocated per event once
/// the buffers have grown; a collector keeps one for each thread that admits batches. It does what
/// ``Commitment`` does, five hashes an event instead of seven.
public struct BatchCommitments: Sendable {
    /// The leaves of the batch's tree so far.
    public private(set) var leafHashes: [Hash] = []

    private var salts = KeyedHash(key: [])
    private var input: [UInt8] = []
    private var line = EnvelopeLine()
    private var level: [Hash] = []

    /// Commitments to no events yet, with an empty seed; ``begin(seed:)`` comes first.
    public init() {
        input.reserveCapacity(1_024)
    }

    /// Forgets the batch before and starts one with its seed.
    public mutating func begin(seed: [UInt8]) {
        salts = KeyedHash(key: seed)
        leafHashes.removeAll(keepingCapacity: true)
    }

    /// Commits to the next event, whose content lies in a larger buffer, and returns its leaf.
    ///
    /// - Parameter kind: the ASCII name of the kind, for instance `EventKind.name.utf8`; an `[UInt8]`
    ///   kept by the caller is fastest.
    @discardableResult
    public mutating func append(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
        contentIn buffer: [UInt8], at range: Range<Int>
    ) -> Hash {
        beginInput()
        input.append(contentsOf: buffer[range])
        return finish(sequence, wallMilliseconds, monoMilliseconds, kind)
    }

    /// Commits to the next event, and returns its leaf.
    @discardableResult
    public mutating func append(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
        content: Span<UInt8>
    ) -> Hash {
        beginInput()
        for index in content.indices { input.append(content[index]) }
        return finish(sequence, wallMilliseconds, monoMilliseconds, kind)
    }

    /// The root of the batch's tree: what its statement signs.
    public mutating func root() -> Hash {
        level.removeAll(keepingCapacity: true)
        level.append(contentsOf: leafHashes)
        return MerkleTree.fold(&level)
    }

    /// What is known of an event before its commitment, for ``compute(seed:count:contents:event:)``.
    public struct Parts: Sendable {
        /// The device's sequence number.
        public var sequence: UInt64
        /// The workstation's wall clock, Unix milliseconds.
        public var wallMilliseconds: Int64
        /// Milliseconds since the session started.
        public var monoMilliseconds: Int64
        /// The ASCII name of the kind.
        public var kind: [UInt8]
        /// Where the content lies in the buffer.
        public var content: Range<Int>

        /// The parts of an event.
        public init(
            sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
            content: Range<Int>
        ) {
            self.sequence = sequence
            self.wallMilliseconds = wallMilliseconds
            self.monoMilliseconds = monoMilliseconds
            self.kind = kind
            self.content = content
        }
    }

    /// Commits to a whole batch whose contents lie in one buffer: its leaves and its root.
    public static func compute(
        seed: [UInt8], count: Int, contents: [UInt8], event: (Int) -> Parts
    ) -> (leafHashes: [Hash], root: Hash) {
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        commitments.leafHashes.reserveCapacity(count)
        for index in 0..<count {
            let parts = event(index)
            commitments.append(
                sequence: parts.sequence, wallMilliseconds: parts.wallMilliseconds,
                monoMilliseconds: parts.monoMilliseconds, kind: parts.kind, contentIn: contents,
                at: parts.content)
        }
        let root = commitments.root()
        return (commitments.leafHashes, root)
    }

    private mutating func beginInput() {
        let domain = Commitment.contentDomain
        if input.count < domain.count + Commitment.saltSize {
            input.append(contentsOf: domain)
            input.append(contentsOf: repeatElement(0, count: Commitment.saltSize))
        }
        input.removeLast(input.count - domain.count - Commitment.saltSize)
        salts.code(of: UInt32(leafHashes.count))
            .copy(prefix: Commitment.saltSize, into: &input, at: domain.count)
    }

    private mutating func finish(
        _ sequence: UInt64, _ wallMilliseconds: Int64, _ monoMilliseconds: Int64,
        _ kind: [UInt8]
    ) -> Hash {
        line.write(
            sequence: sequence, wallMilliseconds: wallMilliseconds,
            monoMilliseconds: monoMilliseconds, kind: kind, commit: Hash.sha256(input))
        let leaf = line.leafHash
        leafHashes.append(leaf)
        return leaf
    }
}
