import Durable
import Events
import Proofs

/// Every checkpoint that was signed, in one file: a line `checkpoint <size in bytes>` and the note.
///
/// A crash can cut the last one; it was then not published and is cut off when the file is opened.
struct CheckpointFile {
    let file: any DurableFile
    private(set) var notes: [String] = []
    private(set) var sizes: [UInt64] = []

    init(_ path: String, _ fileSystem: any FileSystem) throws(StorageError) {
        file = try files { () throws(DurableError) in try fileSystem.open(path, creating: true) }
        let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
        var at = 0
        while let (note, end) = CheckpointFile.next(bytes, at) {
            // What is wrong with it does not matter: the file is damaged.
            guard let signed = try? SignedCheckpoint(parsing: note) else {
                throw .corrupt(file: path, offset: at, why: "not a checkpoint")
            }
            notes.append(String(decoding: note, as: UTF8.self))
            sizes.append(signed.checkpoint.size)
            at = end
        }
        let end = at
        try files { [file] () throws(DurableError) in
            if end < bytes.count { try file.truncate(to: end) }
            // What a killed process had not synced counts from now on.
            try file.synchronize()
        }
    }

    private static func next(_ bytes: [UInt8], _ start: Int) -> (note: [UInt8], end: Int)? {
        guard start < bytes.count, let lineEnd = bytes[start...].firstIndex(of: 0x0A) else {
            return nil
        }
        let words = String(decoding: bytes[start..<lineEnd], as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == "checkpoint", let size = Int(words[1]), size >= 0,
            lineEnd + 1 + size <= bytes.count
        else { return nil }
        return (Array(bytes[lineEnd + 1..<lineEnd + 1 + size]), lineEnd + 1 + size)
    }

    /// Notes as the file holds them.
    static func encode(_ notes: [String]) -> [UInt8] {
        notes.flatMap { Array("checkpoint \($0.utf8.count)\n\($0)".utf8) }
    }

    mutating func append(_ note: String, size: UInt64) throws(DurableError) {
        let bytes = CheckpointFile.encode([note])
        let before = file.size
        do {
            try file.append(bytes)
        } catch {
            try file.truncate(to: before)
            throw error
        }
        try file.synchronize()
        notes.append(note)
        sizes.append(size)
    }

    /// The first checkpoint whose tree holds a leaf.
    func first(covering leaf: UInt64) -> String? {
        sizes.firstIndex { $0 > leaf }.map { notes[$0] }
    }
}
