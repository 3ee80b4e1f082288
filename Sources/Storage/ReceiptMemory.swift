import Events
import Synchronization

/// Remembers for a day what was answered to which idempotency key.
final class ReceiptMemory: Sendable {
    private struct Key: Hashable {
        var device: DeviceName
        var key: String
    }

    private enum Entry {
        case underWay([UInt8])
        case done(bodyHash: [UInt8], receipt: [UInt8], at: Instant)
    }

    private let entries = Mutex<[Key: Entry]>([:])

    func remember(_ key: IdempotencyKey, _ receipt: [UInt8], from device: DeviceName, at: Instant) {
        entries.withLock {
            $0[Key(device: device, key: key.key)] = .done(
                bodyHash: key.bodyHash, receipt: receipt, at: at)
        }
    }

    /// The old receipt of a key; nil when it is new and now marked as under way.
    func begin(_ key: IdempotencyKey, from device: DeviceName, at now: Instant)
        throws(StorageError) -> [UInt8]?
    {
        try entries.withLock { (entries: inout sending [Key: Entry]) throws(StorageError) in
            let name = Key(device: device, key: key.key)
            switch entries[name] {
            case .underWay(let hash):
                if hash == key.bodyHash { throw .inFlight }
                throw .idempotencyConflict
            case .done(let hash, let receipt, let at)
            where now.milliseconds - at.milliseconds < StorageLimits.idempotencyMilliseconds:
                guard hash == key.bodyHash else { throw .idempotencyConflict }
                return receipt
            default:
                entries[name] = .underWay(key.bodyHash)
                return nil
            }
        }
    }

    /// Forgets a key whose request was not stored.
    func abandon(_ key: IdempotencyKey, from device: DeviceName) {
        entries.withLock { $0[Key(device: device, key: key.key)] = nil }
    }

    /// Forgets what is older than a day.
    func expire(at now: Instant) {
        entries.withLock { entries in
            entries = entries.filter { _, entry in
                guard case .done(_, _, let at) = entry else { return true }
                return now.milliseconds - at.milliseconds < StorageLimits.idempotencyMilliseconds
            }
        }
    }
}
