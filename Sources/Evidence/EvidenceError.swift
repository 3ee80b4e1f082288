public import Access
public import Casework
public import EvidenceFile
public import Storage

/// Why no bundle was made. Then none is there: what was begun is taken away again.
public enum EvidenceError: Error, Sendable {
    /// Whoever asked may not, or gave no purpose.
    case refused(Refusal)
    /// There is no incident of that id.
    case noIncident
    /// The audit row could not be written, so nothing was read (S17).
    case notRecorded(StorageError)
    /// The store failed.
    case store(StorageError)
    /// The incident could not be read.
    case casework(CaseworkError)
    /// An event the incident rests on is not in the store any more.
    case eventsMissing(leaf: UInt64)
    /// With the rules in force none of the incident's findings comes out of its events again.
    case nothingRecomputed(findings: Int)
    /// A window would hold more than a bundle may.
    case windowTooLarge(batches: Int, limit: Int)
    /// A year has more bundles than six digits count.
    case tooManyBundles(year: Int)
    /// The bundle could not be written, or did not pass its own check.
    case file(EvidenceFileError)

    /// One sentence without content or name: what failed and what to do.
    public var message: String {
        switch self {
        case .refused(let refusal): refusal.explanation
        case .noIncident: "no such incident, list them with daybook incidents"
        case .notRecorded(let error):
            "the audit row could not be written, so nothing was read: \(error.message)"
        case .store(let error): error.message
        case .casework(let error): error.message
        case .eventsMissing(let leaf):
            "the batch of leaf \(leaf) is not in the store, its time may have been up"
        case .nothingRecomputed(let findings):
            "none of the \(findings) findings comes out of the events with the rules in force, "
                + "put the pack of that date in force"
        case .windowTooLarge(let batches, let limit):
            "the incident spans \(batches) batches, at most \(limit) fit a bundle"
        case .tooManyBundles(let year): "the year \(year) has more bundles than six digits count"
        case .file(let error): error.message
        }
    }
}

/// Runs calls of the store and wraps what they throw.
func stored<Value>(_ body: () throws(StorageError) -> Value) throws(EvidenceError) -> Value {
    do {
        return try body()
    } catch {
        throw .store(error)
    }
}
