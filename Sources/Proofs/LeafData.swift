/// What a leaf of the collector's log stands for.
public enum LeafKind: String, CaseIterable, Sendable {
    /// An accepted batch.
    case batch
    /// Somebody looked at or did something.
    case audit
    /// A rule pack came into force.
    case rules
    /// A finding.
    case finding
    /// A login session.
    case session
    /// Somebody's data were destroyed on request.
    case erase
    /// Data were destroyed because their time was up.
    case prune
    /// Batches are missing.
    case gap
    /// Two different batches under one number.
    case conflict
    /// The configuration changed.
    case config
    /// A bundle was made.
    case bundle
    /// The web filter was switched.
    case filter
    /// A key came or went.
    case key
    /// A new history began after a loss.
    case restart
}

/// The data of a log leaf (evidence.md 3.1): hashes, numbers and times, never a name or a text.
public struct LeafData: Hashable, Sendable {
    /// What the leaf stands for.
    public let kind: LeafKind
    /// The hash of the statement file, or of the salted record.
    public let reference: Hash
    /// When it was received or happened: RFC 3339, UTC, three digits of milliseconds, `Z`.
    public let time: String

    /// Leaf data; the time must have exactly the form `2026-11-24T09:00:01.250Z`.
    public init(kind: LeafKind, reference: Hash, time: String) {
        precondition(
            LeafData.isTime(Array(time.utf8)[...]), "a leaf's time is UTC with milliseconds")
        self.kind = kind
        self.reference = reference
        self.time = time
    }

    /// Reads leaf data.
    public init(parsing bytes: [UInt8]) throws(ProofsError) {
        guard bytes.count <= ProofsLimits.leafDataMaximumSize else {
            throw .tooLarge(count: bytes.count, limit: ProofsLimits.leafDataMaximumSize)
        }
        try NoteText.check(bytes)
        guard let lines = NoteText.lines(bytes), let first = lines.first,
            let name = NoteText.value(of: LeafData.header, in: first),
            let kind = LeafKind(rawValue: String(decoding: name, as: UTF8.self))
        else { throw .badLeaf(line: 1) }
        let words = LeafData.words(of: kind)
        guard lines.count >= 2, let reference = NoteText.hash(of: words.reference, in: lines[1])
        else { throw .badLeaf(line: 2) }
        guard lines.count >= 3, let time = NoteText.value(of: words.time, in: lines[2]),
            LeafData.isTime(time)
        else { throw .badLeaf(line: 3) }
        guard lines.count == 3 else { throw .badLeaf(line: 4) }
        self.init(kind: kind, reference: reference, time: String(decoding: time, as: UTF8.self))
    }

    /// The bytes that are hashed into the tree.
    public var bytes: [UInt8] {
        let words = LeafData.words(of: kind)
        let lines = [
            "\(LeafData.header) \(kind.rawValue)", "\(words.reference) \(reference.base64)",
            "\(words.time) \(time)",
        ]
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// The leaf's hash in the tree.
    public var leafHash: Hash { MerkleTree.leafHash(of: bytes) }

    /// What a leaf other than a batch refers to: the hash of a record behind 16 bytes of salt.
    public static func reference(salt: [UInt8], record: [UInt8]) -> Hash {
        precondition(salt.count == Commitment.saltSize, "a record's salt has 16 bytes")
        return Hash.sha256(Array("sg.record/v1\n".utf8) + salt + record)
    }

    private static let header = "sg.leaf/v1"

    private static func words(of kind: LeafKind) -> (reference: String, time: String) {
        kind == .batch ? ("statement", "received") : ("ref", "at")
    }

    private static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
        let pattern = Array("0000-00-00T00:00:00.000Z".utf8)
        return text.count == pattern.count
            && zip(text, pattern).allSatisfy { byte, model in
                model == 0x30 ? (0x30...0x39).contains(byte) : byte == model
            }
    }
}
