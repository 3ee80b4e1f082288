public import Events
public import Wire

/// An event as it comes back out of the store.
public struct StoredEvent: Sendable {
    /// The leaf of the log that its batch is.
    public var leaf: UInt64
    /// Its place in the batch, from 0.
    public var index: Int
    /// The device that sent it.
    public var device: DeviceName
    /// Who was where.
    public var context: SessionContext
    /// When the collector took it in.
    public var received: Instant
    /// What happened.
    public var event: Event
    /// Its canonical content, bit for bit.
    public var content: [UInt8]
    /// The sender's monotonic clock, in milliseconds since session start.
    public var monoMilliseconds: Int64
}

/// A whole batch as it comes back out of the store, with what is needed to prove it.
public struct StoredBatch: Sendable {
    /// Its leaf of the log.
    public var leaf: UInt64
    /// When the collector took it in.
    public var received: Instant
    /// The device that sent it.
    public var device: DeviceName
    /// Its number, which rises by one per batch of a device.
    public var number: UInt64
    /// Who was where.
    public var context: SessionContext
    /// Whether the collector signed in the agent's place (`origin collector`).
    public var isCollectorOrigin: Bool
    /// Seed, statement and events.
    public var upload: BatchUpload
    /// The statement taken apart, where it was read just now.
    var file: StatementFile?
}

/// Which events are wanted. Every condition that is set must hold.
public struct EventQuery: Sendable {
    /// The account.
    public var student: StudentID?
    /// The computer.
    public var machine: MachineID?
    /// The first instant that counts.
    public var from: Instant?
    /// The first instant that does not count any more.
    public var to: Instant?
    /// The kinds; empty for all.
    public var kinds: Set<EventKind>
    /// Most events that are wanted.
    public var limit: Int

    /// A query; everything that is left out does not matter.
    public init(
        student: StudentID? = nil, machine: MachineID? = nil, from: Instant? = nil,
        to: Instant? = nil, kinds: Set<EventKind> = [], limit: Int = .max
    ) {
        self.student = student
        self.machine = machine
        self.from = from
        self.to = to
        self.kinds = kinds
        self.limit = limit
    }
}

/// A place in the order in which batches were accepted: the leaf that comes next.
public struct JournalPosition: Sendable, Hashable, Comparable, Codable {
    /// The leaf of the log.
    public var leaf: UInt64

    /// A position before a leaf; 0 is before everything.
    public init(leaf: UInt64) { self.leaf = leaf }

    /// Orders by leaf.
    public static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        left.leaf < right.leaf
    }
}

/// An accepted batch and the position after it.
public struct JournalEntry: Sendable {
    /// The batch.
    public var batch: StoredBatch
    /// The position of what comes next.
    public var next: JournalPosition
}

/// The answer to a signed batch.
public struct BatchReceipt: Sendable, Equatable {
    /// Its leaf of the log.
    public var leaf: UInt64
    /// When it was first taken in.
    public var received: Instant
    /// Whether it was stored before.
    public var isDuplicate: Bool
}

/// The answer to a body of lines.
public struct LinesReceipt: Sendable, Equatable, Codable {
    /// A line that was not stored.
    public struct Rejection: Sendable, Equatable, Codable {
        /// The line, from 1.
        public var line: Int
        /// Why, and what to do.
        public var error: String
    }

    /// Events stored.
    public var accepted: Int
    /// Events that were stored before.
    public var duplicates: Int
    /// Lines that are no events.
    public var rejected: [Rejection]
    /// Lines in which broken text was replaced by U+FFFD.
    public var repaired: [Int]
}

/// Names a request so that sending it twice stores it once.
public struct IdempotencyKey: Sendable, Hashable {
    /// The value of the `Idempotency-Key` header.
    public var key: String
    /// SHA-256 of the body as sent.
    public var bodyHash: [UInt8]

    /// A key and what it belongs to.
    public init(key: String, bodyHash: [UInt8]) {
        self.key = key
        self.bodyHash = bodyHash
    }
}
