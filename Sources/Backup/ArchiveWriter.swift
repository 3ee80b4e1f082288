import Bytes
import Crypto
import Durable
import EvidenceFile
import Storage

/// Writes one archive under a temporary name: tar, sealed as it is written, nothing in plain text on disk.
struct ArchiveWriter {
    private let path: String
    private let temporary: String
    private let fileSystem: any FileSystem
    private let file: any DurableFile
    private var sealer: AgeSealer
    private(set) var manifest: BackupManifest

    init(
        _ path: String, manifest: BackupManifest, recipients: [AgeRecipient],
        environment: StoreEnvironment
    ) throws {
        self.path = path
        self.manifest = manifest
        temporary = path + ".new"
        fileSystem = environment.fileSystem
        guard !fileSystem.exists(path) else { throw BackupError.exists(path) }
        do {
            sealer = try AgeSealer(for: recipients, randomBytes: environment.randomBytes)
        } catch {
            throw BackupError.sealed(error, archive: path, member: nil)
        }
        file = try fileSystem.open(temporary, creating: true)
        try file.truncate(to: 0)
        try put(BackupManifest.firstName, manifest.bytes)
    }

    /// How many members were added.
    var count: Int { manifest.members.count }

    /// Adds a member.
    mutating func add(_ member: BackupMember) throws {
        switch member.content {
        case .bytes(let bytes):
            note(member.path, bytes.count, SHA256.hash(data: bytes))
            guard member.isCompressible else { return try put(member.path, bytes) }
            let frame = Zstd.compress(bytes, level: BackupLimits.compressionLevel)
            try put(member.path + ".zst", frame)
        case .file(let source, let size): try add(member.path, from: source, size: size)
        }
    }

    private mutating func add(_ name: String, from source: String, size: Int) throws {
        try write(header(name, size))
        var hash = SHA256()
        var at = 0
        while at < size {
            let piece = try fileSystem.read(
                source, offset: at, count: min(BackupLimits.pieceSize, size - at))
            guard !piece.isEmpty else {
                throw BackupError.badMember(name, archive: source, why: "became shorter")
            }
            hash.update(data: piece)
            try write(piece)
            at += piece.count
        }
        try write([UInt8](repeating: 0, count: TarHeader.padding(size)))
        note(name, size, hash.finalize())
    }

    /// Adds the manifest and makes the file durable, still under its temporary name.
    mutating func finish() throws {
        try put(BackupManifest.lastName, manifest.bytes)
        try write(TarHeader.end)
        try file.append(sealer.finish())
        try file.synchronize()
        file.close()
    }

    /// Gives the file its name; returns its size.
    func publish() throws -> Int {
        try fileSystem.rename(temporary, to: path)
        try fileSystem.synchronizeDirectory(parentDirectory(of: path))
        return try fileSystem.size(path)
    }

    /// Removes what was written so far.
    func abandon() throws {
        file.close()
        if fileSystem.exists(temporary) { try fileSystem.remove(temporary) }
    }

    private mutating func note(_ path: String, _ size: Int, _ digest: SHA256.Digest) {
        manifest.members.append(.init(path: path, size: size, sha256: Hex.encode(digest)))
    }

    private mutating func put(_ name: String, _ bytes: [UInt8]) throws {
        try write(header(name, bytes.count))
        try write(bytes)
        try write([UInt8](repeating: 0, count: TarHeader.padding(bytes.count)))
    }

    private func header(_ name: String, _ size: Int) throws -> [UInt8] {
        guard let header = TarHeader(name: name, size: size, unixSeconds: manifest.made) else {
            throw BackupError.badMember(name, archive: path, why: "does not fit into an archive")
        }
        return header.block
    }

    private mutating func write(_ bytes: [UInt8]) throws { try file.append(sealer.seal(bytes)) }
}
