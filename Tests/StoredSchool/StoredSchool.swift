public import Durable
public import Events
import Foundation
public import Storage
import Synchronization
import TestSupport

/// A small invented school in a store of its own on disk, with a clock that tests set and seeded
/// randomness: what casework, evidence and reports are tried on.
public final class StoredSchool: Sendable {
    /// Where the store lies, and beside it whatever a test makes.
    public let directory: String
    /// Clock, randomness and disk.
    public let environment: StoreEnvironment

    private let clock: SettableClock

    /// The directory of the store.
    public var dataDirectory: String { directory + "/data" }

    /// Makes the store. The clock stands at 09:00 on 24 November 2026 in London.
    public init(fileSystem: any FileSystem = RealFileSystem()) throws {
        let name = "daybook-school-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        directory = FileManager.default.temporaryDirectory.appending(path: name).pathText
        let clock = SettableClock()
        let random = Mutex(SeededRandom(seed: 11))
        environment = StoreEnvironment(
            now: { clock.instant.withLock { $0 } },
            randomBytes: { count in random.withLock { $0.bytes(count: count) } },
            fileSystem: fileSystem)
        self.clock = clock
        try Store.create(
            at: directory + "/data", school: "Hillside School",
            host: "collector.hillside.example", environment: environment)
    }

    deinit {
        // A directory that a test removed already is as good.
        try? RealFileSystem().removeTree(directory)
    }

    /// Opens the store.
    public func open() throws -> Store {
        try Store.open(at: dataDirectory, environment: environment)
    }

    /// Sets the collector's clock.
    public func set(_ instant: Instant) { clock.instant.withLock { $0 = instant } }

    /// The collector's clock.
    public var now: Instant { environment.now() }
}

/// A clock that shows what it was set to.
private final class SettableClock: Sendable {
    let instant = Mutex(Instant(milliseconds: 1_795_510_800_000))
}
