import Durable
public import EvidenceFile
import Foundation
public import Storage

/// Restores a store from a backup into a new directory.
///
/// Everything is made in `DIRECTORY.restoring` and gets its name last. Until then nothing in it looks
/// like a store; when anything is wrong it is removed and the error names the member.
public enum StoreRestoration {
    /// What to restore, with what, and where to.
    public struct Request: Sendable {
        /// The archive of the data.
        public var archive: String
        /// The archive of the keys.
        public var keysArchive: String
        /// What opens both.
        public var identities: [AgeIdentity]
        /// The new data directory: missing or empty.
        public var directory: String
        /// Why, in the operator's words; it goes into the new log's first leaf.
        public var reason: String

        /// A request from its parts.
        public init(
            archive: String, keysArchive: String, identities: [AgeIdentity], directory: String,
            reason: String
        ) {
            self.archive = archive
            self.keysArchive = keysArchive
            self.identities = identities
            self.directory = directory
            self.reason = reason
        }
    }

    /// What was restored.
    public struct Summary: Sendable {
        /// The state of the old log.
        public var point: BackupPoint
        /// The name of the new log, which begins with the `restart` leaf.
        public var origin: String
        /// What the check of every byte found: nothing wrong, and how much.
        public var verdict: StoreVerdict
        /// Files restored, keys included.
        public var files: Int
    }

    /// Restores, checks everything, and begins the new log.
    public static func run(_ request: Request, environment: StoreEnvironment) throws(BackupError)
        -> Summary
    {
        let fileSystem = environment.fileSystem
        let staging = request.directory + ".restoring"
        return try wrapping {
            guard !fileSystem.exists(staging) else { throw BackupError.leftover(staging) }
            if fileSystem.exists(request.directory) {
                guard fileSystem.isDirectory(request.directory),
                    try fileSystem.list(request.directory).isEmpty
                else { throw BackupError.notEmpty(request.directory) }
            }
            do {
                try fileSystem.makeDirectory(staging)
                let summary = try restore(request, into: staging, environment)
                try fileSystem.rename(staging, to: request.directory)
                try fileSystem.synchronizeDirectory(parentDirectory(of: request.directory))
                return summary
            } catch {
                if fileSystem.exists(staging) { try fileSystem.removeTree(staging) }
                throw error
            }
        }
    }

    private static func restore(
        _ request: Request, into staging: String, _ environment: StoreEnvironment
    ) throws -> Summary {
        let fileSystem = environment.fileSystem
        // The keys first: without them the rest is of no use.
        var keysArchive = try ArchiveReader(
            request.keysArchive, identities: request.identities, fileSystem: fileSystem)
        var archive = try ArchiveReader(
            request.archive, identities: request.identities, fileSystem: fileSystem)
        var files = RestoredFiles(staging, fileSystem)
        let keys = try keysArchive.read(.keys) { try files.take($0, $1) }
        let rows = CatalogueRebuild(directory: staging)
        var identity: [UInt8] = []
        let data = try archive.read(.data) { name, piece in
            if name == "store.json" {
                if case .bytes(let bytes) = piece { identity += bytes }
            } else if name.hasPrefix(Store.catalogueRowsFolder + "/") {
                if case .bytes(let bytes) = piece { try rows.add(part: bytes) }
            } else {
                try files.take(name, piece)
            }
        }
        try rows.finish()
        guard data.origin == keys.origin else {
            throw BackupError.otherKeys(data: data.origin, keys: keys.origin)
        }
        guard let point = data.point, !identity.isEmpty else {
            throw BackupError.notArchive(request.archive, expected: "a store's data")
        }
        let (verdict, adopted) = try Store.adopt(
            staging, identity: identity, point: point, reason: request.reason,
            environment: environment)
        return Summary(
            point: point, origin: adopted.origin, verdict: verdict,
            files: data.members.count + keys.members.count)
    }
}

/// Writes the members of an archive as files below a directory, each synced when it is complete.
private struct RestoredFiles {
    private let directory: String
    private let fileSystem: any FileSystem
    private var file: (any DurableFile)?

    init(_ directory: String, _ fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    mutating func take(_ name: String, _ piece: ArchiveReader.Piece) throws {
        switch piece {
        case .begin:
            let path = directory + "/" + name
            try fileSystem.makeDirectory(parentDirectory(of: path))
            file = try fileSystem.open(path, creating: true)
        case .bytes(let bytes): try file?.append(bytes)
        case .end:
            try file?.synchronize()
            file?.close()
            file = nil
        }
    }
}
