import Bytes
import Dispatch
public import Durable
public import Events
import Foundation
public import Proofs
import Synchronization
import Wire

/// Which collector this is.
public struct StoreIdentity: Sendable, Codable, Equatable {
    /// Version of the data directory's format: 1 kept content as it came, 2 encrypts it.
    public var version: Int
    /// The version that is written; older ones are opened and become it.
    static let currentVersion = 2
    /// The school's name, for reports and bundles.
    public var school: String
    /// The log's origin, for example `collector.hillside.example/log1`.
    public var origin: String
    /// The name bundles are signed under, for example `collector.hillside.example/evidence`.
    public var issuer: String
    /// The histories before this one, oldest first; nil for none. See ``Store/restartLog(at:reason:environment:options:)``.
    public var earlier: [EarlierLog]?
    /// A history that was begun and has not its first leaf yet.
    var restart: PendingRestart?

    /// Whether a statement or checkpoint under an origin belongs to this collector, now or before.
    public func knows(origin: String) -> Bool {
        origin == self.origin || (earlier ?? []).contains { $0.origin == origin }
    }
}

/// Keeps every accepted batch, finds it again, and proves it.
///
/// One store owns one data directory at a time. Nothing is acknowledged before it survives power
/// loss. Readers need no lock: journal records and segments are never changed, only added and, once
/// a journal file has become a segment, removed.
public final class Store: Sendable {
    /// Which collector this is.
    public let identity: StoreIdentity
    /// The collector's keys.
    public let keys: StoreKeys
    /// The rows that find things again.
    public let catalogue: Catalogue
    /// Where the store lies.
    public let directory: String

    let layout: StoreLayout
    let environment: StoreEnvironment
    let ledger: Ledger
    let live: LiveIndex
    let vault: Vault
    let journalSeals = Mutex<[UInt64: JournalFormat.Seal]>([:])
    let reservations = Reservations()
    let receipts = ReceiptMemory()
    let devices: DeviceMemory
    let sealing = DispatchQueue(label: "daybook.sealing")
    private let lock: any FileLock

    /// Makes the directories, keys and catalogue of a new store.
    ///
    /// - Parameters:
    ///   - directory: must be missing or empty.
    ///   - school: the school's name.
    ///   - host: the name under which the collector signs, a host name.
    public static func create(
        at directory: String, school: String, host: String, environment: StoreEnvironment
    ) throws(StorageError) {
        let layout = StoreLayout(directory: directory)
        let fileSystem = environment.fileSystem
        try files { () throws(DurableError) in try fileSystem.makeDirectory(directory) }
        guard try files({ () throws(DurableError) in try fileSystem.list(directory).isEmpty })
        else { throw .alreadyExists(directory) }
        guard NoteKey.isName(host) else {
            throw .badStatement(
                "\(host) cannot be part of a key name: no white space, no plus sign")
        }
        for path in [
            layout.keys, layout.vault, layout.trust, layout.journal, layout.segments, layout.log,
        ] {
            try files { () throws(DurableError) in try fileSystem.makeDirectory(path) }
        }
        try StoreKeys.create(layout, environment)
        _ = try Catalogue(path: layout.catalogue)
        let identity = StoreIdentity(
            version: StoreIdentity.currentVersion, school: school,
            origin: LogOrigin(host: host, number: 1).text,
            issuer: host + "/evidence")
        // Written last: a directory without it is not a store yet.
        let json = encodeJSON(identity)
        try files { () throws(DurableError) in
            try fileSystem.replace(layout.identity, with: json)
        }
    }

    /// Reads which collector a directory belongs to, without opening the store.
    public static func identity(at directory: String, fileSystem: any FileSystem)
        throws(StorageError) -> StoreIdentity
    {
        let layout = StoreLayout(directory: directory)
        guard fileSystem.exists(layout.identity) else { throw .notADataDirectory(directory) }
        let bytes = try files { () throws(DurableError) in try fileSystem.read(layout.identity) }
        do {
            let identity = try JSONDecoder().decode(StoreIdentity.self, from: Data(bytes))
            guard identity.version <= StoreIdentity.currentVersion else {
                throw StorageError.corrupt(
                    file: layout.identity, offset: 0,
                    why: "format \(identity.version) is newer than this program")
            }
            return identity
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: layout.identity, offset: 0, why: "not readable as JSON")
        }
    }

    /// Opens a store: takes the lock, reads the journal, cuts off what a crash left unfinished.
    public static func open(
        at directory: String, environment: StoreEnvironment, options: StoreOptions = StoreOptions()
    ) throws(StorageError) -> Store {
        let identity = try identity(at: directory, fileSystem: environment.fileSystem)
        let layout = StoreLayout(directory: directory)
        let lock = try files { () throws(DurableError) in
            try environment.fileSystem.lock(layout.lock)
        }
        return try Store(layout, identity, environment, options, lock)
    }

    init(
        _ layout: StoreLayout, _ identity: StoreIdentity, _ environment: StoreEnvironment,
        _ options: StoreOptions, _ lock: any FileLock
    ) throws(StorageError) {
        let fileSystem = environment.fileSystem
        self.layout = layout
        self.identity = identity.settled
        self.environment = environment
        self.lock = lock
        directory = layout.directory
        // What a killed process had renamed and not synced is relied on from now on.
        try files { () throws(DurableError) in try fileSystem.synchronizeTree(layout.directory) }
        keys = try StoreKeys.open(layout, origin: identity.origin, fileSystem)
        catalogue = try Catalogue(path: layout.catalogue)
        live = LiveIndex()
        devices = DeviceMemory(catalogue)
        vault = try Vault(
            layout: layout,
            master: StoreKeys.masterKey(layout, identity, environment), environment: environment)
        let recovered = try JournalRecovery.run(layout, fileSystem, catalogue, vault)
        if identity.restart == nil {
            try Store.compareWithCheckpoint(recovered.proofLog, identity, layout, fileSystem)
        }
        live.add(recovered.batches, end: recovered.proofLog.size)
        reservations.restore(recovered.ranges)
        let dayAgo = environment.now().advanced(
            byMilliseconds: -StorageLimits.idempotencyMilliseconds)
        for entry in try catalogue.receipts(since: dayAgo) + recovered.receipts {
            receipts.remember(entry.key, entry.receipt, from: entry.device, at: entry.at)
        }
        ledger = try Ledger(
            layout: layout, environment: environment, options: options, keys: keys,
            origin: identity.origin, catalogue: catalogue, live: live, vault: vault,
            recovered: recovered)
        if let restart = identity.restart { try begin(restart, treeSize: recovered.proofLog.size) }
        try markVersion()
        try removeDiscarded()
        try finishErasures(recovered.forgotten)
    }

    /// A store of an older format that was opened is one of the present format from now on: what it
    /// holds stays readable, and what is added is encrypted, which an older program cannot read.
    private func markVersion() throws(StorageError) {
        guard identity.version < StoreIdentity.currentVersion else { return }
        var current = identity
        current.version = StoreIdentity.currentVersion
        let json = encodeJSON(current)
        try files { () throws(DurableError) in
            try environment.fileSystem.replace(layout.identity, with: json)
        }
    }

    /// evidence.md 3.4: a store that is smaller than what was signed, or differs, must not go on as this log.
    private static func compareWithCheckpoint(
        _ log: ProofLog, _ identity: StoreIdentity, _ layout: StoreLayout,
        _ fileSystem: any FileSystem
    ) throws(StorageError) {
        guard let signed = try latestSigned(layout, fileSystem)?.checkpoint else { return }
        guard identity.knows(origin: signed.origin), signed.size <= log.size,
            log.root(size: signed.size) == signed.root
        else {
            throw .olderThanCheckpoint(
                storeSize: log.size, checkpointSize: signed.size, directory: layout.directory)
        }
    }

    /// The checkpoint that is kept outside the store; nil when there is none.
    static func latestSigned(_ layout: StoreLayout, _ fileSystem: any FileSystem)
        throws(StorageError) -> SignedCheckpoint?
    {
        guard fileSystem.exists(layout.latestCheckpoint) else { return nil }
        let bytes = try files { () throws(DurableError) in
            try fileSystem.read(layout.latestCheckpoint)
        }
        guard let signed = try? SignedCheckpoint(parsing: bytes) else {  // the throw says it
            throw .corrupt(file: layout.latestCheckpoint, offset: 0, why: "not a checkpoint")
        }
        return signed
    }

    /// Stops taking requests, signs a last checkpoint and gives up the lock.
    public func close() throws(StorageError) {
        let failed: StorageError?
        do {
            _ = try checkpoint()
            failed = nil
        } catch {
            failed = error
        }
        ledger.close()
        live.close()
        vault.close()
        try catalogue.close()
        lock.release()
        if let failed { throw failed }
    }

    // MARK: Acts

    /// Appends an act of the system to the log; durable when it returns.
    public func append(_ record: LeafRecord) async throws(StorageError) -> LeafReceipt {
        let entry = try await ledger.store(
            .leaf(.init(kind: record.kind, record: record.json, at: record.at)))
        return LeafReceipt(leaf: entry.leaf, reference: entry.reference ?? .zero)
    }

    /// Records an act of a person on a student's data, in the log and the catalogue, before it happens.
    ///
    /// It is durable when this returns; when it throws, the act must not happen (S17: fail closed).
    public func record(_ act: AuditRow) async throws(StorageError) -> AuditRow {
        var act = act
        let receipt = try await append(
            LeafRecord(kind: .audit, json: encodeJSON(AuditRecord(act)), at: act.at))
        act.leaf = receipt.leaf
        act.hash = receipt.reference.hex
        try catalogue.insert(audit: act)
        return act
    }

    // MARK: Proofs

    /// Flushes the tiles and signs the log as it stands; returns the note with log and clock lines.
    public func checkpoint() throws(StorageError) -> String {
        try ledger.checkpoint(at: environment.now())
    }

    /// How many leaves the log has.
    public func treeSize() -> UInt64 { ledger.treeSize }

    /// The leaf data of a leaf.
    public func leafData(_ index: UInt64) throws(StorageError) -> String {
        String(decoding: try ledger.leafData(index), as: UTF8.self)
    }

    /// Proof that a leaf is in the tree of a size.
    public func inclusionProof(leaf: UInt64, size: UInt64) -> [Hash] {
        ledger.proofLogNow.inclusionProof(leaf: leaf, size: size)
    }

    /// Proof that a tree is the beginning of a larger one.
    public func consistencyProof(old: UInt64, new: UInt64) -> [Hash] {
        ledger.proofLogNow.consistencyProof(old: old, new: new)
    }

    /// All checkpoints that were signed, oldest first.
    public func checkpoints() -> [String] { ledger.allCheckpoints }

    /// The first checkpoint whose tree holds a leaf; nil when none does yet.
    public func firstCheckpoint(covering leaf: UInt64) -> String? {
        ledger.firstCheckpoint(covering: leaf)
    }
}

/// An act of the system to be appended to the log.
public struct LeafRecord: Sendable {
    /// The kind of leaf.
    public var kind: LeafKind
    /// The record in UTF-8 JSON; the leaf carries only its salted hash.
    public var json: [UInt8]
    /// When it happened.
    public var at: Instant

    /// An act from its parts.
    public init(kind: LeafKind, json: [UInt8], at: Instant) {
        self.kind = kind
        self.json = json
        self.at = at
    }
}

/// The answer to an appended act.
public struct LeafReceipt: Sendable, Equatable {
    /// Its leaf of the log.
    public var leaf: UInt64
    /// The salted hash that the leaf carries.
    public var reference: Hash
}

/// The record behind an `audit` leaf.
private struct AuditRecord: Codable {
    var at: String
    var actor: String
    var role: String
    var action: String
    var subject: String?
    var object: String?
    var purpose: String

    init(_ row: AuditRow) {
        at = row.at.rfc3339
        actor = row.actor
        role = row.role
        action = row.action
        subject = row.subject
        object = row.object
        purpose = row.purpose
    }
}

/// A value of ours as JSON with sorted keys.
func encodeJSON(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return [UInt8](try encoder.encode(value))
    } catch {
        preconditionFailure("a value of ours does not encode: \(error)")
    }
}
