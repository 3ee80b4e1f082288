import Durable
import Foundation
public import Proofs

/// The state of the log that a backup holds.
public struct BackupPoint: Sendable, Equatable {
    /// The log's name.
    public var origin: String
    /// How many leaves the backup holds, with everything they stand for.
    public var treeSize: UInt64
    /// The root over them.
    public var root: Hash
    /// The signed checkpoint over them.
    public var checkpoint: String

    /// A state from its parts.
    public init(origin: String, treeSize: UInt64, root: Hash, checkpoint: String) {
        self.origin = origin
        self.treeSize = treeSize
        self.root = root
        self.checkpoint = checkpoint
    }
}

/// One file of a backup, by its path in the data directory.
public struct BackupMember: Sendable {
    /// Where the bytes are.
    public enum Content: Sendable {
        /// In hand.
        case bytes([UInt8])
        /// At the head of a file: its path, and how many bytes belong to the backup.
        case file(path: String, size: Int)
    }

    /// The path below the data directory, with slashes.
    public var path: String
    /// Its bytes.
    public var content: Content
    /// Whether compressing is worth it: not for what is a hash or compressed already.
    public var isCompressible: Bool
}

extension Store {
    /// The folder under which a backup carries the catalogue's rows, part by part.
    public static let catalogueRowsFolder = "catalogue"

    /// Hands over what a restored store needs, from one moment, data and keys apart.
    ///
    /// The moment lies between two appends to the journal: the checkpoint signed there covers exactly
    /// the leaves in it, the catalogue is seen as it was then (a read snapshot of its WAL, taken while
    /// nothing could be appended, so that no row refers to a later leaf), and of the open journal file
    /// exactly the synced bytes are taken. Batches go on being accepted all the while; sealing waits
    /// until the last file is handed over, because it removes journal files, as it waits for ``verify(progress:)``.
    /// Everything acknowledged before the call is in the backup. The keys, all below `keys/` and `vault/`,
    /// are of the same moment: what was erased has its leaf in the data, and there is a key for the rest.
    ///
    /// Not in it: `trust/`, which exists so that a rolled-back store is noticed; the lock; leftovers.
    /// - Parameters:
    ///   - begin: is told the moment and the keys, before the first file.
    ///   - receive: takes each file of the data in turn.
    public func backup(
        begin: (BackupPoint, _ keys: [BackupMember]) throws -> Void,
        receive: (BackupMember) throws -> Void
    ) throws {
        try sealing.sync {
            let (moment, (dump, keys)) = try ledger.moment(at: environment.now()) {
                () throws(StorageError) in (try CatalogueDump(catalogue), try keyMembers())
            }
            let size = moment.log.size
            try begin(
                BackupPoint(
                    origin: identity.origin, treeSize: size, root: moment.log.root,
                    checkpoint: moment.checkpoint), keys)
            var identity = identity
            // A store that was opened writes the present format, whatever it began with.
            identity.version = StoreIdentity.currentVersion
            try receive(
                BackupMember(
                    path: "store.json", content: .bytes(encodeJSON(identity)),
                    isCompressible: true))
            // First, because its snapshot keeps the write-ahead log from being cut.
            try backup(rowsOf: dump, receive)
            for (number, size) in moment.journal {
                try receive(member(file: layout.journalFile(number), size: size))
            }
            try backup(log: moment, receive)
            for number in try catalogue.segmentNumbers() {
                let path = layout.segmentFile(number)
                try receive(member(file: path, size: try environment.fileSystem.size(path)))
            }
            try backup(reports: receive)
        }
    }

    /// The files of the keys, which no backup of the data holds.
    private func keyMembers() throws(StorageError) -> [BackupMember] {
        let fileSystem = environment.fileSystem
        var members: [BackupMember] = []
        for folder in [layout.keys, layout.vault] where fileSystem.exists(folder) {
            let name = folder.dropFirst(directory.utf8.count + 1)
            for path in try files({ () throws(DurableError) in try fileSystem.paths(below: folder) }
            )
            where !path.hasSuffix(".new") {
                let bytes = try files { () throws(DurableError) in
                    try fileSystem.read(folder + "/" + path)
                }
                members.append(
                    BackupMember(
                        path: "\(name)/\(path)", content: .bytes(bytes), isCompressible: false))
            }
        }
        return members
    }

    private func backup(rowsOf dump: CatalogueDump, _ receive: (BackupMember) throws -> Void)
        throws
    {
        var number = 0
        try dump.read { part in
            let digits = String(number)
            let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            try receive(
                BackupMember(
                    path: "\(Store.catalogueRowsFolder)/\(name).rows", content: .bytes(part),
                    isCompressible: true))
            number += 1
        }
    }

    private func backup(log moment: Ledger.Moment, _ receive: (BackupMember) throws -> Void)
        throws
    {
        let size = moment.log.size
        try receive(
            BackupMember(
                path: relative(layout.checkpoints),
                content: .bytes(CheckpointFile.encode(moment.notes)), isCompressible: true))
        if environment.fileSystem.exists(layout.checkpointsApart) {
            let bytes = try environment.fileSystem.read(layout.checkpointsApart)
            try receive(
                BackupMember(
                    path: relative(layout.checkpointsApart), content: .bytes(bytes),
                    isCompressible: true))
        }
        for tile in Tile.tiles(size: size) {
            try receive(
                BackupMember(
                    path: relative(layout.logFile(tile.path)),
                    content: .bytes(Tile.encode(moment.log.hashes(of: tile))),
                    isCompressible: false))
        }
        for index in 0..<(size + 255) / 256 {
            let width = Int(min(256, size - index * 256))
            let path = layout.logFile(Tile.entriesPath(index: index, width: width))
            // A partial tile may be replaced at any time; a full one stays for ever.
            let bytes =
                try moment.log.entriesInMemory(tile: index) ?? environment.fileSystem.read(path)
            try receive(
                BackupMember(path: relative(path), content: .bytes(bytes), isCompressible: true))
        }
    }

    private func backup(reports receive: (BackupMember) throws -> Void) throws {
        let root = layout.directory + "/reports"
        guard environment.fileSystem.exists(root) else { return }
        for path in try environment.fileSystem.paths(below: root) where !path.hasSuffix(".new") {
            let bytes = try environment.fileSystem.read(root + "/" + path)
            try receive(
                BackupMember(
                    path: "reports/" + path, content: .bytes(bytes), isCompressible: true))
        }
    }

    private func member(file path: String, size: Int) -> BackupMember {
        BackupMember(
            path: relative(path), content: .file(path: path, size: size), isCompressible: false)
    }

    private func relative(_ path: String) -> String {
        String(path.dropFirst(layout.directory.utf8.count + 1))
    }
}

extension Store {
    /// Makes a store out of the files of a backup, checks all of it, and begins its new log.
    ///
    /// The files lie in the directory as ``backup(begin:receive:)`` named them, keys too, the
    /// catalogue is rebuilt, and `store.json` is not there yet: it is what makes the directory a store.
    /// - Returns: what the check found, and the identity with the new log's name; nothing is left that
    ///   opens when this throws.
    public static func adopt(
        _ directory: String, identity bytes: [UInt8], point: BackupPoint, reason: String,
        environment: StoreEnvironment
    ) throws(StorageError) -> (verdict: StoreVerdict, identity: StoreIdentity) {
        let layout = StoreLayout(directory: directory)
        let fileSystem = environment.fileSystem
        try files { () throws(DurableError) in
            for folder in [layout.trust, layout.journal, layout.segments, layout.log] {
                try fileSystem.makeDirectory(folder)
            }
            try fileSystem.replace(layout.latestCheckpoint, with: Array(point.checkpoint.utf8))
            try fileSystem.replace(layout.identity, with: bytes)
        }
        do throws(StorageError) {
            let verdict = try check(directory, point, environment)
            let store = try restartLog(at: directory, reason: reason, environment: environment)
            let identity = store.identity
            try store.close()
            return (verdict, identity)
        } catch {
            try files { () throws(DurableError) in try fileSystem.remove(layout.identity) }
            throw error
        }
    }

    private static func check(
        _ directory: String, _ point: BackupPoint, _ environment: StoreEnvironment
    ) throws(StorageError) -> StoreVerdict {
        let store = try open(at: directory, environment: environment)
        let log = store.ledger.proofLogNow
        let verdict: StoreVerdict
        do throws(StorageError) {
            guard log.size == point.treeSize, log.root == point.root,
                store.identity.origin == point.origin
            else {
                throw .corrupt(
                    file: "log", offset: 0, why: "not the log that the backup's checkpoint signs")
            }
            // An older key archive can hold keys that were destroyed since: they go again.
            try store.forgetAgain()
            verdict = try store.verify()
        } catch {
            try store.close()
            throw error
        }
        try store.close()
        if let fault = verdict.faults.first {
            throw .corrupt(file: fault.file, offset: fault.offset ?? 0, why: fault.what)
        }
        return verdict
    }
}
