import Bytes

/// Salted commitments to single events (evidence.md 2.2).
///
/// What was typed has almost no entropy, so a bare hash of it could be guessed; a salt that only the
/// owner of the batch's seed can derive prevents that, and lets one event be shown without the rest.
public enum Commitment {
    /// The number of bytes of a salt.
    public static let saltSize = 16
    /// The number of bytes of a session seed and of a batch seed.
    public static let seedSize = 32
    /// What a commitment's input starts with.
    static let contentDomain = Array("sg.content/v1\n".utf8)

    /// The seed of one batch, from the seed of its login session.
    public static func batchSeed(sessionSeed: [UInt8], batchNumber: UInt64) -> [UInt8] {
        KeyedHash(key: sessionSeed).code(of: batchNumber).bytes
    }

    /// The salt of one event, from its batch's seed and its index in the batch.
    public static func salt(batchSeed: [UInt8], index: UInt32) -> [UInt8] {
        Array(KeyedHash(key: batchSeed).code(of: index).bytes.prefix(saltSize))
    }

    /// The commitment to an event's content.
    public static func commit(salt: [UInt8], content: [UInt8]) -> Hash {
        Hash.sha256(contentDomain + salt + content)
    }

    /// The envelope: one ASCII line, without line feed, of what is not secret and the commitment.
    public static func envelope(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: String,
        commit: Hash
    ) -> [UInt8] {
        Envelope(
            sequence: sequence, wallMilliseconds: wallMilliseconds,
            monoMilliseconds: monoMilliseconds, kind: kind, commit: commit
        ).bytes
    }

    /// The leaf of an event in its batch's tree.
    public static func leafHash(envelope: [UInt8]) -> Hash { MerkleTree.leafHash(of: envelope) }
}

/// The public line of an event: when, what kind, and the commitment to its content.
public struct Envelope: Hashable, Sendable {
    /// The device's sequence number.
    public var sequence: UInt64
    /// The workstation's wall clock, Unix milliseconds.
    public var wallMilliseconds: Int64
    /// Milliseconds since the session started.
    public var monoMilliseconds: Int64
    /// The event's kind as it is named on the wire.
    public var kind: String
    /// The commitment to the content.
    public var commit: Hash

    /// An envelope from its parts.
    public init(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: String,
        commit: Hash
    ) {
        self.sequence = sequence
        self.wallMilliseconds = wallMilliseconds
        self.monoMilliseconds = monoMilliseconds
        self.kind = kind
        self.commit = commit
    }

    /// Reads the one line that ``bytes`` writes; anything else, leading zeros included, is an error.
    public init(parsing line: [UInt8]) throws(ProofsError) {
        let fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard fields.count == 5,
            let sequence = StrictNumber.unsigned(fields[0]),
            let wall = StrictNumber.signed(fields[1]), let mono = StrictNumber.signed(fields[2]),
            Envelope.isKind(fields[3]),
            fields[4].allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let commit = Hash(hex: String(decoding: fields[4], as: UTF8.self))
        else { throw .badEnvelope }
        self.init(
            sequence: sequence, wallMilliseconds: wall, monoMilliseconds: mono,
            kind: String(decoding: fields[3], as: UTF8.self), commit: commit)
    }

    /// The line, without line feed.
    public var bytes: [UInt8] {
        Array("\(sequence) \(wallMilliseconds) \(monoMilliseconds) \(kind) \(commit.hex)".utf8)
    }

    private static func isKind(_ name: ArraySlice<UInt8>) -> Bool {
        (1...EnvelopeLine.kindSizeMaximum).contains(name.count)
            && name.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
    }
}
