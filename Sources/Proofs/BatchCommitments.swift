import Bytes
import CSHA256

/// Commits to the events of a batch, one after the other, in buffers that are used again.
///
/// `begin`, then `append` once an event in order, then ``root``. Nothing is allocated per event once
/// the buffers have grown. It does what ``Commitment`` does, for some events at a time: two messages
/// are hashed side by side in less time than one after the other.
public struct BatchCommitments: Sendable {
    /// The leaves of the batch's tree; complete once ``root()`` was asked for.
    public private(set) var leafHashes: [Hash] = []

    private var salts = KeyedHash(key: [])
    private var line = EnvelopeLine()
    // What is hashed for the events that wait: domain, salt and content of each; then its leaf.
    private var inputs = Messages()
    private var lines = Messages()
    private var digests: [Hash] = []
    private var level: [Hash] = []

    /// So many events are hashed at a time: 32 messages of 100 bytes stay in the nearest cache.
    private static let waitingMaximum = 32

    /// Messages one after the other.
    private struct Messages: Sendable {
        var bytes: [UInt8] = []
        var places: [csha256_message] = []

        /// Ends the message that was appended last.
        mutating func end() {
            let start = places.last.map { $0.start + $0.size } ?? 0
            places.append(csha256_message(start: start, size: bytes.count - start))
        }

        mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
        }

        func hash(into digests: inout [Hash]) {
            unsafe Hash.fill(&digests, count: places.count) { target in
                unsafe csha256_each(bytes, places, places.count, target)
            }
        }
    }

    /// Commitments to no events yet, with an empty seed; ``begin(seed:)`` comes first.
    public init() {
        inputs.bytes.reserveCapacity(8_192)
        lines.bytes.reserveCapacity(4_096)
    }

    /// Forgets the batch before and starts one with its seed.
    public mutating func begin(seed: [UInt8]) {
        salts = KeyedHash(key: seed)
        leafHashes.removeAll(keepingCapacity: true)
        inputs.removeAll()
        lines.removeAll()
    }

    /// Commits to the next event, whose content lies in a larger buffer.
    ///
    /// - Parameter kind: the ASCII name of the kind, for instance `EventKind.name.utf8`; an `[UInt8]`
    ///   kept by the caller is fastest.
    public mutating func append(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
        contentIn buffer: [UInt8], at range: Range<Int>
    ) {
        ByteRuns.append(BatchCommitments.head, 0..<BatchCommitments.head.count, to: &inputs.bytes)
        ByteRuns.append(buffer, range, to: &inputs.bytes)
        inputs.end()
        line.append(
            sequence: sequence, wallMilliseconds: wallMilliseconds,
            monoMilliseconds: monoMilliseconds, kind: kind, to: &lines.bytes)
        lines.end()
        if inputs.places.count == BatchCommitments.waitingMaximum { commitWaiting() }
    }

    /// The root of the batch's tree: what its statement signs.
    public mutating func root() -> Hash {
        commitWaiting()
        level.removeAll(keepingCapacity: true)
        level.append(contentsOf: leafHashes)
        return MerkleTree.fold(&level)
    }

    /// Domain, and zeros where the salt comes.
    private static let head =
        Commitment.contentDomain + [UInt8](repeating: 0, count: Commitment.saltSize)

    /// Salts, commitments and leaves of the events that wait.
    private mutating func commitWaiting() {
        let count = inputs.places.count
        guard count > 0 else { return }
        salts.codes(from: UInt32(leafHashes.count), count: count, into: &digests)
        for index in 0..<count {
            digests[index].copy(
                prefix: Commitment.saltSize, into: &inputs.bytes,
                at: inputs.places[index].start + Commitment.contentDomain.count)
        }
        inputs.hash(into: &digests)
        for index in 0..<count {
            let place = lines.places[index]
            digests[index].copyHex(into: &lines.bytes, at: place.start + place.size - 2 * Hash.size)
        }
        lines.hash(into: &digests)
        leafHashes.append(contentsOf: digests)
        inputs.removeAll()
        lines.removeAll()
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
}
