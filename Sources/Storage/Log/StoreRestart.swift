import Durable
import Foundation
import Proofs

/// A history of the log that ended because its newest leaves were lost.
public struct EarlierLog: Sendable, Codable, Equatable {
    /// The name it signed under.
    public var origin: String
    /// How many of its leaves are still here: the first ones, in the places they always had.
    public var leaves: UInt64
}

/// A new history between the file that announces it and its first leaf.
struct PendingRestart: Sendable, Codable, Equatable {
    /// Why, in the operator's words.
    var reason: String
    /// The last checkpoint of the history before that anybody here knows of; nil when none is known.
    var checkpoint: String?
}

extension Store {
    /// Begins a new log on a store whose newest leaves are lost: restored from a backup, or rolled back.
    ///
    /// The new log has a new name (`/log2` after `/log1`), and it is the same tree: leaves `0..<n` that
    /// are still here stay where they were, and leaf `n` is `restart`, whose record holds the last
    /// known checkpoint of the old log, how many of its leaves remain, and the reason. evidence.md 3.4
    /// lets leaf 0 of an empty tree be the `restart`; this is stricter and smaller:
    ///
    /// - The two histories stay apart, because a checkpoint is one origin's word and no origin ever signs
    ///   two trees. `/log1` signed `0..<m` and never signs again. `/log2` signs only sizes above `n`,
    ///   and in every one of its trees leaf `n` is the `restart`. Where `m > n`, whoever holds a
    ///   checkpoint of `/log1` beyond `n` sees at once that its leaves from `n` on are not here; the
    ///   `restart` record says so too.
    /// - Nothing older can be rewritten under the cover of a loss: for every checkpoint of `/log1` up to
    ///   `n` there is a consistency proof into `/log2`. A tree begun at 0 could not give it.
    /// - Leaf numbers of batches, findings and bundles, inclusion proofs and the checkpoints current at
    ///   ingest stay valid as they are, so old evidence is proven as before.
    ///
    /// Checkpoints of the old log that this store cannot prove any more go to `log/checkpoints-apart`.
    /// Agents sign statements for the log they were enrolled with; the collector takes those of its
    /// earlier names too.
    ///
    /// A crash at any moment leaves the old store, which refuses to open, or the new one, which writes its
    /// first leaf when it is opened.
    public static func restartLog(
        at directory: String, reason: String, environment: StoreEnvironment,
        options: StoreOptions = StoreOptions()
    ) throws(StorageError) -> Store {
        let layout = StoreLayout(directory: directory)
        let fileSystem = environment.fileSystem
        var identity = try identity(at: directory, fileSystem: fileSystem)
        let lock = try files { () throws(DurableError) in try fileSystem.lock(layout.lock) }
        if identity.restart == nil {
            let latest = try latestSigned(layout, fileSystem)
            let size = try setApart(layout, identity, environment, latest: latest)
            identity = try identity.restarted(reason: reason, leaves: size, latest: latest)
            let json = encodeJSON(identity)
            try files { () throws(DurableError) in
                try fileSystem.replace(layout.identity, with: json)
            }
        }
        return try Store(layout, identity, environment, options, lock)
    }

    /// Keeps in the store's own file only the checkpoints that its tree still has; returns the tree's size.
    private static func setApart(
        _ layout: StoreLayout, _ identity: StoreIdentity, _ environment: StoreEnvironment,
        latest: SignedCheckpoint?
    ) throws(StorageError) -> UInt64 {
        let fileSystem = environment.fileSystem
        let catalogue = try Catalogue(path: layout.catalogue)
        let vault = try Vault(
            layout: layout, master: StoreKeys.masterKey(layout, identity, environment),
            environment: environment)
        let log = try JournalRecovery.run(layout, fileSystem, catalogue, vault).proofLog
        try catalogue.close()
        let known = try notes(layout.checkpoints, fileSystem)
        var apart = try notes(layout.checkpointsApart, fileSystem)
        var kept: [String] = []
        let newest = latest.map { String(decoding: $0.note.bytes, as: UTF8.self) }
        for note in known + (newest.map { [$0] } ?? []) where !kept.contains(note) {
            // What does not parse was refused when the file was read.
            guard let signed = (try? SignedCheckpoint(parsing: Array(note.utf8)))?.checkpoint else {
                continue
            }
            if identity.knows(origin: signed.origin), signed.size <= log.size,
                log.root(size: signed.size) == signed.root
            {
                kept.append(note)
            } else if !apart.contains(note) {
                apart.append(note)
            }
        }
        let (keptBytes, apartBytes) = (CheckpointFile.encode(kept), CheckpointFile.encode(apart))
        try files { () throws(DurableError) in
            if !apart.isEmpty { try fileSystem.replace(layout.checkpointsApart, with: apartBytes) }
            try fileSystem.replace(layout.checkpoints, with: keptBytes)
        }
        return log.size
    }

    private static func notes(_ path: String, _ fileSystem: any FileSystem) throws(StorageError)
        -> [String]
    {
        guard fileSystem.exists(path) else { return [] }
        let file = try CheckpointFile(path, fileSystem)
        file.file.close()
        return file.notes
    }

    /// Writes the first leaf of a new history, signs it, and settles the identity.
    func begin(_ restart: PendingRestart, treeSize: UInt64) throws(StorageError) {
        let ended = identity.earlier?.last
        // A crash may have come after the leaf: nothing else is appended before it.
        if treeSize <= ended?.leaves ?? 0 {
            let record = RestartRecord(
                checkpoint: restart.checkpoint, earlier: ended?.origin ?? "",
                leaves: ended?.leaves ?? 0, origin: identity.origin, reason: restart.reason)
            try ledger.appendFirst(
                .init(kind: .restart, record: encodeJSON(record), at: environment.now()))
        }
        _ = try ledger.checkpoint(at: environment.now())
        let json = encodeJSON(identity)
        try files { () throws(DurableError) in
            try environment.fileSystem.replace(layout.identity, with: json)
        }
    }
}

/// The record behind a `restart` leaf.
private struct RestartRecord: Codable {
    var checkpoint: String?
    var earlier: String
    var leaves: UInt64
    var origin: String
    var reason: String
}

extension StoreIdentity {
    /// The identity once its history has its first leaf.
    var settled: StoreIdentity {
        var settled = self
        settled.restart = nil
        return settled
    }

    /// The sizes that a log of this collector has signed in this store; nil for a log it does not know.
    func sizes(ofLog origin: String) -> ClosedRange<UInt64>? {
        var first: UInt64 = 0
        for log in earlier ?? [] {
            if log.origin == origin { return first...max(first, log.leaves) }
            first = log.leaves + 1
        }
        return origin == self.origin ? first...UInt64.max : nil
    }

    fileprivate func restarted(reason: String, leaves: UInt64, latest: SignedCheckpoint?)
        throws(StorageError) -> StoreIdentity
    {
        let names = [origin] + (latest.map { [$0.checkpoint.origin] } ?? [])
        guard let own = LogOrigin(origin) else {
            throw .corrupt(file: "store.json", offset: 0, why: "the origin has no number")
        }
        // The store may have been rolled back across a restart: no name is used twice.
        let newest = names.compactMap(LogOrigin.init).filter { $0.host == own.host }
            .max { $0.number < $1.number }
        var identity = self
        identity.earlier =
            (earlier ?? []).map { EarlierLog(origin: $0.origin, leaves: min($0.leaves, leaves)) }
            + [EarlierLog(origin: origin, leaves: leaves)]
        identity.origin = (newest ?? own).next.text
        identity.restart = PendingRestart(
            reason: reason,
            checkpoint: latest.map { String(decoding: $0.note.bytes, as: UTF8.self) })
        return identity
    }
}
