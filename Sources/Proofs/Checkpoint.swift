/// The size and root of a log at one moment (C2SP tlog-checkpoint).
public struct Checkpoint: Hashable, Sendable {
    /// The log's name.
    public var origin: String
    /// The number of leaves.
    public var size: UInt64
    /// The root over them.
    public var root: Hash

    /// A checkpoint from its parts.
    public init(origin: String, size: UInt64, root: Hash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a checkpoint; lines after the third must not be empty and are not used.
    public init(parsing text: [UInt8]) throws(ProofsError) {
        try NoteText.check(text)
        guard let lines = NoteText.lines(text), let first = lines.first, !first.isEmpty else {
            throw .badCheckpoint(line: 1)
        }
        guard lines.count >= 2, let size = StrictNumber.unsigned(lines[1]) else {
            throw .badCheckpoint(line: 2)
        }
        guard lines.count >= 3, let root = Hash(base64: String(decoding: lines[2], as: UTF8.self))
        else { throw .badCheckpoint(line: 3) }
        if let empty = lines.dropFirst(3).firstIndex(where: \.isEmpty) {
            throw .badCheckpoint(line: empty + 1)
        }
        self.init(origin: String(decoding: first, as: UTF8.self), size: size, root: root)
    }

    /// The text that is signed.
    public var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// The checkpoint file: the log's signature and, under it, the clock's with its time.
    public func signed(log: NoteSigner, clock: NoteSigner, unixSeconds: UInt64) -> String {
        precondition(log.key.algorithm == .ed25519, "the log key makes plain signatures")
        precondition(clock.key.algorithm == .cosignature, "the clock key makes cosignatures")
        let text = Array(text.utf8)
        let note = SignedNote(
            text: text,
            signatures: [
                log.signature(of: text), clock.signature(of: text, unixSeconds: unixSeconds),
            ])
        return String(decoding: note.bytes, as: UTF8.self)
    }
}

/// A checkpoint as it lies in a file, with who signed it.
public struct SignedCheckpoint: Hashable, Sendable {
    /// What is signed.
    public let checkpoint: Checkpoint
    /// The note it came in.
    public let note: SignedNote

    /// Reads a checkpoint file. Signatures are not checked here: ask ``SignedNote/verdict(of:)``.
    public init(parsing file: [UInt8]) throws(ProofsError) {
        note = try SignedNote(parsing: file)
        checkpoint = try Checkpoint(parsing: note.text)
    }

    /// The time in Unix seconds that a clock key has put next to the checkpoint; nil unless it is validly signed.
    public func unixSeconds(clock: NoteKey) -> UInt64? {
        guard case .valid(let seconds) = note.verdict(of: clock) else { return nil }
        return seconds
    }
}
