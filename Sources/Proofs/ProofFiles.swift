/// A proof that a leaf is in a log, with the checkpoint it leads to (C2SP tlog-proof v1).
public struct TlogProof: Hashable, Sendable {
    /// The leaf's index in the log.
    public var index: UInt64
    /// The path, nearest sibling first.
    public var path: [Hash]
    /// The checkpoint file, as it is.
    public var checkpoint: [UInt8]

    private static let header = "c2sp.org/tlog-proof@v1"

    /// A proof from its parts.
    public init(index: UInt64, path: [Hash], checkpoint: [UInt8]) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Reads a proof file; an `extra` line is not trusted and therefore dropped.
    public init(parsing file: [UInt8]) throws(ProofsError) {
        guard file.count <= ProofsLimits.noteMaximumSize else {
            throw .tooLarge(count: file.count, limit: ProofsLimits.noteMaximumSize)
        }
        try NoteText.check(file)
        let lines = file.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines[0].elementsEqual(TlogProof.header.utf8) else { throw .badProof(line: 1) }
        var line = 1
        if line < lines.count, NoteText.value(of: "extra", in: lines[line]) != nil { line += 1 }
        guard line < lines.count, let value = NoteText.value(of: "index", in: lines[line]),
            let index = StrictNumber.unsigned(value)
        else { throw .badProof(line: line + 1) }
        line += 1
        var path: [Hash] = []
        while line < lines.count, !lines[line].isEmpty {
            guard path.count < ProofsLimits.proofHashesMaximum,
                let hash = Hash(base64: String(decoding: lines[line], as: UTF8.self))
            else { throw .badProof(line: line + 1) }
            path.append(hash)
            line += 1
        }
        guard line + 1 < lines.count else { throw .badProof(line: line + 1) }
        self.init(
            index: index, path: path, checkpoint: Array(file[lines[line + 1].startIndex...]))
    }

    /// The proof file.
    public var bytes: [UInt8] {
        let lines = [TlogProof.header, "index \(index)"] + path.map(\.base64) + [""]
        return Array((lines.joined(separator: "\n") + "\n").utf8) + checkpoint
    }
}

/// A proof that one tree is the beginning of another, as a text file (evidence.md 7.2).
public struct ConsistencyProof: Hashable, Sendable {
    /// The size of the smaller tree.
    public var old: UInt64
    /// The size of the larger tree.
    public var new: UInt64
    /// The hashes, in the order of RFC 6962 2.1.2.
    public var path: [Hash]

    /// A proof from its parts.
    public init(old: UInt64, new: UInt64, path: [Hash]) {
        self.old = old
        self.new = new
        self.path = path
    }

    /// Reads a proof file.
    public init(parsing file: [UInt8]) throws(ProofsError) {
        try NoteText.check(file)
        guard let lines = NoteText.lines(file),
            let old = NoteText.value(of: "old", in: lines[0]).flatMap(StrictNumber.unsigned)
        else { throw .badProof(line: 1) }
        guard lines.count >= 2,
            let new = NoteText.value(of: "new", in: lines[1]).flatMap(StrictNumber.unsigned)
        else { throw .badProof(line: 2) }
        guard lines.count <= ProofsLimits.proofHashesMaximum + 2 else {
            throw .tooLarge(count: lines.count - 2, limit: ProofsLimits.proofHashesMaximum)
        }
        var path: [Hash] = []
        for (index, line) in lines.dropFirst(2).enumerated() {
            guard let hash = Hash(base64: String(decoding: line, as: UTF8.self)) else {
                throw .badProof(line: index + 3)
            }
            path.append(hash)
        }
        self.init(old: old, new: new, path: path)
    }

    /// The proof file.
    public var bytes: [UInt8] {
        let lines = ["old \(old)", "new \(new)"] + path.map(\.base64)
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
