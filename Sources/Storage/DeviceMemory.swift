import Events
import Proofs
import Synchronization

/// Keeps what is needed to check a device's statements, so that the catalogue is not asked for each.
///
/// A revoked device must be refused within five seconds (S6), so entries live for two.
final class DeviceMemory: Sendable {
    private static let lifetimeMilliseconds: Int64 = 2_000

    private struct Entry {
        var key: NoteKey
        var isRevoked: Bool
        var isSetAside: Bool
        var until: Int64
    }

    private let catalogue: Catalogue
    private let entries = Mutex<[DeviceName: Entry]>([:])

    init(_ catalogue: Catalogue) { self.catalogue = catalogue }

    /// The key that a device's statements must be signed with.
    func key(of device: DeviceName, at now: Instant) throws(StorageError) -> NoteKey {
        let known = entries.withLock { $0[device] }
        let entry: Entry
        if let known, known.until > now.milliseconds {
            entry = known
        } else {
            entry = try load(device, at: now)
            entries.withLock { $0[device] = entry }
        }
        guard !entry.isRevoked else { throw .revokedDevice }
        return entry.key
    }

    private func load(_ device: DeviceName, at now: Instant) throws(StorageError) -> Entry {
        // A row whose key is none can only refuse: the device is then as good as unknown.
        guard let row = try catalogue.device(device), let publicKey = row.publicKey,
            let key = try? NoteKey(name: device.rawValue, publicKey: publicKey)
        else { throw .unknownDevice }
        return Entry(
            key: key, isRevoked: row.revoked != nil, isSetAside: row.setAside != nil,
            until: now.milliseconds + DeviceMemory.lifetimeMilliseconds)
    }

    func forget(_ device: DeviceName) { entries.withLock { $0[device] = nil } }
}
