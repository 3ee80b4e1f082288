public import Durable
public import Wire

/// Why the store did not do what it was asked. Numbers, names of files and offsets, never content.
public enum StorageError: Error, Sendable {
    /// There is no store in the directory.
    case notADataDirectory(String)
    /// The directory for a new store has something in it.
    case alreadyExists(String)
    /// Another process has the store open.
    case locked(String)
    /// No room: come back after so many seconds.
    case full(retryAfterSeconds: Int)
    /// No such device is enrolled.
    case unknownDevice
    /// The device's key was revoked.
    case revokedDevice
    /// The statement's signature is not the device's.
    case badSignature
    /// The statement is not a batch statement.
    case badStatement(String)
    /// The statement is for another collector.
    case wrongOrigin
    /// The statement does not say what the events say.
    case wrongRoot
    /// The same batch number came before with another statement (a cloned key or a rolled-back agent).
    case conflict(number: UInt64)
    /// The statement does not follow the one before it.
    case brokenChain(number: UInt64)
    /// Bytes from outside that are not events.
    case wire(WireError)
    /// The same idempotency key came before with another body.
    case idempotencyConflict
    /// The same events are being stored by another request at this moment.
    case inFlight
    /// What was asked for was erased: its key is destroyed.
    case erased
    /// What was asked for is not allowed or makes no sense now; the words say what to do.
    case refused(String)
    /// A file of the store is not what was written.
    case corrupt(file: String, offset: Int, why: String)
    /// The store is older than its last checkpoint (a restored backup): it must not go on as this log.
    case olderThanCheckpoint(storeSize: UInt64, checkpointSize: UInt64, directory: String)
    /// A call of the file system failed.
    case file(DurableError)
    /// The catalogue failed.
    case catalogue(String)
    /// The store stopped after an error that leaves it uncertain what is on disk.
    case stopped

    /// One sentence: what failed and what to do.
    public var message: String {
        switch self {
        case .notADataDirectory(let path):
            "\(path) holds no store, make one with daybook-collector init --data \(path)"
        case .alreadyExists(let path): "\(path) is not empty, choose an empty directory"
        case .locked(let path): "the store in \(path) is in use by another process"
        case .full(let seconds): "no room to store, try again in \(seconds) s"
        case .unknownDevice: "unknown device, enrol it first"
        case .revokedDevice: "this device was revoked, enrol it anew"
        case .badSignature: "the statement's signature is not by this device's key"
        case .badStatement(let why): "not a batch statement: \(why)"
        case .wrongOrigin: "the statement is for another collector, check the agent's configuration"
        case .wrongRoot: "the statement does not match the events"
        case .conflict(let number):
            "batch \(number) was stored before with another statement, the device is set aside"
        case .brokenChain(let number):
            "batch \(number) does not follow the statement before it"
        case .wire(let error): error.message
        case .idempotencyConflict: "this Idempotency-Key was used with another body, use a new one"
        case .inFlight: "the same events are being stored by another request, try again"
        case .refused(let why): why
        case .erased: "this was erased, nothing of it is left to read"
        case .corrupt(let file, let offset, let why):
            "\(file) is damaged at byte \(offset): \(why), run daybook-collector verify-store"
        case .olderThanCheckpoint(let size, let signed, let path):
            "the store's \(size) leaves are not what was signed (\(signed) leaves in trust/checkpoint): "
                + "bring the newer data back, or, if they are lost for good, begin a new log with "
                + "daybook-collector restart-log --data \(path) --reason TEXT"
        case .file(let error): error.message
        case .catalogue(let why): "the catalogue failed: \(why)"
        case .stopped: "the store stopped after a disk error, restart the collector"
        }
    }
}

/// Runs file calls and wraps what they throw.
func files<Value>(_ body: () throws(DurableError) -> Value) throws(StorageError) -> Value {
    do {
        return try body()
    } catch {
        if case .locked(let path) = error { throw .locked(path) }
        throw .file(error)
    }
}
