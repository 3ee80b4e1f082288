public import Durable
public import Events

/// What the store needs from outside: time, randomness and files.
public struct StoreEnvironment: Sendable {
    /// The wall clock.
    public var now: @Sendable () -> Instant
    /// Random bytes that nobody can guess.
    public var randomBytes: @Sendable (Int) -> [UInt8]
    /// The file system.
    public var fileSystem: any FileSystem

    /// An environment from its parts.
    public init(
        now: @escaping @Sendable () -> Instant,
        randomBytes: @escaping @Sendable (Int) -> [UInt8],
        fileSystem: any FileSystem
    ) {
        self.now = now
        self.randomBytes = randomBytes
        self.fileSystem = fileSystem
    }
}

/// Bounds of a store.
public struct StoreOptions: Sendable {
    /// A journal file is closed when it is this large, in bytes.
    public var journalFileSizeMaximum = StorageLimits.journalFileSizeMaximum
    /// A journal file is closed when it holds so many events.
    public var journalFileEventsMaximum = StorageLimits.journalFileEventsMaximum
    /// Most requests that may wait for the journal at once.
    public var waitingMaximum = StorageLimits.waitingMaximum

    /// The usual bounds.
    public init() {}
}
