import Casework
import Crypto
import Durable
import Events
import Foundation
public import Logging
public import Storage

/// What every route and service of a running collector works with.
public struct CollectorParts: Sendable {
    /// The one store.
    public let store: Store
    /// Clock, randomness and disk.
    public let environment: StoreEnvironment
    /// The incidents of the store.
    let incidents: IncidentStore
    /// What is counted.
    public let metrics: CollectorMetrics
    /// How much may be under way.
    public let admission: Admission
    /// Where the process writes what happens to it.
    public let logger: Logger

    /// The parts of a collector around a store.
    public init(
        store: Store, environment: StoreEnvironment, metrics: CollectorMetrics = CollectorMetrics(),
        admission: Admission = Admission(), logger: Logger
    ) {
        self.store = store
        incidents = IncidentStore(catalogue: store.catalogue)
        self.environment = environment
        self.metrics = metrics
        self.admission = admission
        self.logger = logger
    }

    var authentication: Authentication {
        Authentication(catalogue: store.catalogue, now: environment.now)
    }
    var auditTrail: AuditTrail { AuditTrail(store: store, now: environment.now) }
    var bodyReader: BodyReader { BodyReader(now: environment.now) }
}

extension StoreEnvironment {
    /// The clock, randomness and disk of this computer.
    public static var live: StoreEnvironment {
        StoreEnvironment(
            now: {
                Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
            },
            randomBytes: { count in
                // One call of the system gives eight bytes.
                var generator = SystemRandomNumberGenerator()
                var bytes: [UInt8] = []
                bytes.reserveCapacity(count + 8)
                while bytes.count < count {
                    let word: UInt64 = generator.next()
                    for shift in 0..<8 {
                        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift)))
                    }
                }
                bytes.removeLast(bytes.count - count)
                return bytes
            },
            fileSystem: RealFileSystem())
    }
}

/// SHA-256 of a text or of bytes.
func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    Array(SHA256.hash(data: Array(bytes)))
}
