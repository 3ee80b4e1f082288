import EvidenceFile
import Proofs
import Storage
import Wire

/// The log's part of a bundle: that it held every batch early, and was not rewritten since.
struct LogProofs {
    /// The newest checkpoint, as its file.
    let latest: [UInt8]
    /// The proofs from each checkpoint that a batch's proof leads to, to the newest.
    private(set) var consistency: [ConsistencyProof] = []

    private let store: Store
    private let latestSize: UInt64

    /// Signs the log as it stands: a checkpoint is made before any export (evidence.md 3.3).
    init(store: Store) throws(EvidenceError) {
        self.store = store
        let text = try stored { () throws(StorageError) in try store.checkpoint() }
        latest = Array(text.utf8)
        latestSize = try LogProofs.size(of: latest)
    }

    /// A batch with the proof that leads to the first checkpoint covering it.
    mutating func prove(_ batch: StoredBatch, _ events: [EventDisclosure])
        throws(EvidenceError) -> BundleBatch
    {
        let first = store.firstCheckpoint(covering: batch.leaf).map { Array($0.utf8) } ?? latest
        let size = try LogProofs.size(of: first)
        if !consistency.contains(where: { $0.old == size }) {
            consistency.append(
                ConsistencyProof(
                    old: size, new: latestSize,
                    path: size == latestSize
                        ? [] : store.consistencyProof(old: size, new: latestSize)))
        }
        let leaf = try stored { () throws(StorageError) in try store.leafData(batch.leaf) }
        return BundleBatch(
            leaf: batch.leaf, statement: batch.upload.statement, leafData: Array(leaf.utf8),
            proof: TlogProof(
                index: batch.leaf, path: store.inclusionProof(leaf: batch.leaf, size: size),
                checkpoint: first),
            events: events)
    }

    private static func size(of file: [UInt8]) throws(EvidenceError) -> UInt64 {
        do {
            return try SignedCheckpoint(parsing: file).checkpoint.size
        } catch {
            throw .store(
                .corrupt(file: "log/checkpoints", offset: 0, why: "a checkpoint cannot be read"))
        }
    }
}
