import Events
import Synchronization

/// Keeps which device a token belongs to, so that the catalogue is not asked for each request.
///
/// A revoked device must be refused within five seconds (S6): whoever revokes it in this process empties the
/// memory, and for those who do it from outside entries live for two.
final class TokenMemory: Sendable {
    private static let lifetimeMilliseconds: Int64 = 2_000
    /// Far more tokens than a school has devices.
    private static let countMaximum = 4_096

    private struct Entry {
        var device: DeviceName
        var until: Int64
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// The device of a token that was looked up a moment ago.
    func device(tokenHash: [UInt8], at now: Instant) -> DeviceName? {
        entries.withLock { entries in
            guard let entry = entries[tokenHash] else { return nil }
            // A clock that was set back must not keep an entry alive.
            let left = entry.until - now.milliseconds
            guard left > 0, left <= TokenMemory.lifetimeMilliseconds else { return nil }
            return entry.device
        }
    }

    func keep(_ device: DeviceName, tokenHash: [UInt8], at now: Instant) {
        entries.withLock { entries in
            if entries.count >= TokenMemory.countMaximum { entries.removeAll() }
            entries[tokenHash] = Entry(
                device: device, until: now.milliseconds + TokenMemory.lifetimeMilliseconds)
        }
    }

    func forgetAll() { entries.withLock { $0.removeAll() } }
}
