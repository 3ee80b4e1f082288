import Bytes
import Crypto
import Durable
import EvidenceFile

/// Reads one archive from its first member to its last; only what age has authenticated is seen.
struct ArchiveReader {
    /// The bytes of a member as they come.
    enum Piece {
        /// The member begins.
        case begin
        /// Its next bytes.
        case bytes([UInt8])
        /// It is complete.
        case end
    }

    private let path: String
    private let fileSystem: any FileSystem
    private let size: Int
    private var opener: AgeOpener
    private var offset = 0
    /// Plain bytes; those before `at` are used up.
    private var buffer: [UInt8] = []
    private var at = 0
    private var isFinished = false
    /// The member that is being read, for messages.
    private var member: String?

    init(_ path: String, identities: [AgeIdentity], fileSystem: any FileSystem) throws {
        guard fileSystem.exists(path) else { throw BackupError.missing(path) }
        self.path = path
        self.fileSystem = fileSystem
        size = try fileSystem.size(path)
        opener = AgeOpener(with: identities)
    }

    /// Reads everything, hands over each file, and compares all with the manifest at the end.
    mutating func read(
        _ kind: BackupManifest.Kind, receive: (String, Piece) throws -> Void
    ) throws -> BackupManifest {
        guard let first = try nextHeader(), first.name == BackupManifest.firstName,
            let head = BackupManifest(parsing: try whole(first)), head.kind == kind
        else { throw notArchive(kind) }
        var seen: [BackupManifest.Member] = []
        var names: Set<String> = []
        while let header = try nextHeader() {
            guard header.name != BackupManifest.lastName else {
                guard let manifest = BackupManifest(parsing: try whole(header)),
                    head.isHead(of: manifest)
                else { throw bad(header.name, "is not this archive's manifest") }
                try end()
                try compare(seen, with: manifest.members)
                return manifest
            }
            let compressed = header.name.hasSuffix(".zst")
            let name = compressed ? String(header.name.dropLast(4)) : header.name
            guard head.allows(path: name), names.insert(name).inserted else {
                throw bad(name, "does not belong into a backup")
            }
            try receive(name, .begin)
            seen.append(
                compressed
                    ? try expanded(name, header, receive) : try streamed(name, header, receive))
            try receive(name, .end)
        }
        throw bad(BackupManifest.lastName, "is missing")
    }

    private mutating func expanded(
        _ name: String, _ header: TarHeader, _ receive: (String, Piece) throws -> Void
    ) throws -> BackupManifest.Member {
        // What is wrong with the frame does not matter: the member is damaged.
        guard
            let bytes = try? Zstd.decompress(
                try whole(header), sizeMaximum: BackupLimits.expandedSizeMaximum)
        else { throw bad(name, "does not expand") }
        try receive(name, .bytes(bytes))
        return .init(
            path: name, size: bytes.count, sha256: Hex.encode(SHA256.hash(data: bytes)))
    }

    private mutating func streamed(
        _ name: String, _ header: TarHeader, _ receive: (String, Piece) throws -> Void
    ) throws -> BackupManifest.Member {
        var hash = SHA256()
        var left = header.size
        while left > 0 {
            let piece = try take(min(left, BackupLimits.pieceSize))
            hash.update(data: piece)
            try receive(name, .bytes(piece))
            left -= piece.count
        }
        _ = try take(TarHeader.padding(header.size))
        return .init(path: name, size: header.size, sha256: Hex.encode(hash.finalize()))
    }

    private func compare(_ seen: [BackupManifest.Member], with expected: [BackupManifest.Member])
        throws
    {
        for (found, wanted) in zip(seen, expected) where found != wanted {
            throw bad(wanted.path, "is not what the manifest says")
        }
        if seen.count < expected.count { throw bad(expected[seen.count].path, "is missing") }
        if seen.count > expected.count {
            throw bad(seen[expected.count].path, "is not in the manifest")
        }
    }

    // MARK: tar

    private mutating func nextHeader() throws -> TarHeader? {
        let block = try take(TarHeader.blockSize)
        guard block.contains(where: { $0 != 0 }) else { return nil }
        guard let header = TarHeader(parsing: block) else {
            throw bad(member ?? "its first member", "is not followed by a member")
        }
        member = header.name
        return header
    }

    private mutating func whole(_ header: TarHeader) throws -> [UInt8] {
        guard header.size <= BackupLimits.expandedSizeMaximum else {
            throw bad(header.name, "is too large")
        }
        let bytes = try take(header.size)
        _ = try take(TarHeader.padding(header.size))
        return bytes
    }

    /// The two empty blocks, and nothing after them.
    private mutating func end() throws {
        guard try take(TarHeader.end.count) == TarHeader.end else {
            throw bad(BackupManifest.lastName, "is not the last member")
        }
        while !isFinished { try fill() }
        guard buffer.count == at else { throw bad(BackupManifest.lastName, "is followed by bytes") }
    }

    // MARK: age

    private mutating func take(_ count: Int) throws -> [UInt8] {
        while buffer.count - at < count {
            guard !isFinished else {
                throw bad(member ?? "its first member", "is cut off")
            }
            try fill()
        }
        defer { at += count }
        return Array(buffer[at..<at + count])
    }

    private mutating func fill() throws {
        buffer.removeFirst(at)
        at = 0
        do {
            if offset < size {
                let piece = try fileSystem.read(
                    path, offset: offset, count: BackupLimits.pieceSize)
                offset = piece.isEmpty ? size : offset + piece.count
                buffer += try opener.open(piece)
            } else {
                buffer += try opener.finish()
                isFinished = true
            }
        } catch let error as AgeError {
            throw BackupError.sealed(error, archive: path, member: member)
        }
    }

    private func bad(_ member: String, _ why: String) -> BackupError {
        .badMember(member, archive: path, why: why)
    }

    private func notArchive(_ kind: BackupManifest.Kind) -> BackupError {
        .notArchive(path, expected: kind == .data ? "a store's data" : "a store's keys")
    }
}
