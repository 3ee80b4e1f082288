/// What was recorded on a day and what was not: the part of the report that keeps the rest honest (P50).
public struct CoverageReport: Codable, Hashable, Sendable {
    /// A machine that sent events of the day.
    public struct Machine: Codable, Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Events of the day.
        public var events: Int
        /// Login sessions.
        public var sessions: Int
        /// Accounts that used it.
        public var accounts: Int
        /// Time of the first event, RFC 3339.
        public var first: String
        /// Time of the last event, RFC 3339.
        public var last: String
    }

    /// A machine that was seen in the days before and sent nothing of the day.
    public struct SilentMachine: Codable, Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Time of its last event, RFC 3339.
        public var lastSeen: String
    }

    /// Sequence numbers that never arrived.
    public struct Gap: Codable, Hashable, Sendable {
        /// The device.
        public var device: String
        /// Its machine, where known.
        public var machine: String
        /// First missing sequence number.
        public var first: UInt64
        /// Last missing sequence number.
        public var last: UInt64

        /// How many events are missing.
        public var count: UInt64 { last >= first ? last - first + 1 : 0 }
    }

    /// A machine whose clock is ahead, or whose events all arrived late.
    public struct ClockOffset: Codable, Hashable, Sendable {
        /// The device.
        public var device: String
        /// Its machine.
        public var machine: String
        /// The least time from a batch's last event to its receipt, in milliseconds.
        ///
        /// Negative: the clock is ahead by at least this much. Positive: the clock is behind by at
        /// most this much, or the machine was offline.
        public var milliseconds: Int64
    }

    /// Sessions in which no notice was recorded (P1).
    public struct SessionsWithoutNotice: Codable, Hashable, Sendable {
        /// The machine.
        public var machine: String
        /// How many sessions.
        public var sessions: Int
    }

    /// Machines that sent events of the day, by name.
    public var machines: [Machine]
    /// Machines that were seen in the days before and were silent, by name.
    public var silent: [SilentMachine]
    /// Missing ranges, by device and number.
    public var gaps: [Gap]
    /// Machines whose clock is ahead or whose events arrived late, by device.
    public var clocks: [ClockOffset]
    /// Sessions without notice, by machine.
    public var withoutNotice: [SessionsWithoutNotice]

    /// A report from its parts, each put in its order so that the same facts give the same bytes.
    public init(
        machines: [Machine], silent: [SilentMachine], gaps: [Gap], clocks: [ClockOffset],
        withoutNotice: [SessionsWithoutNotice]
    ) {
        self.machines = machines.sorted { $0.name < $1.name }
        self.silent = silent.sorted { $0.name < $1.name }
        self.gaps = gaps.sorted { ($0.device, $0.first) < ($1.device, $1.first) }
        self.clocks = clocks.sorted { ($0.device, $0.machine) < ($1.device, $1.machine) }
        self.withoutNotice = withoutNotice.sorted { $0.machine < $1.machine }
    }

    /// Events of the day.
    public var events: Int { machines.reduce(0) { $0 + $1.events } }
    /// Login sessions of the day.
    public var sessions: Int { machines.reduce(0) { $0 + $1.sessions } }
    /// Events that are known to be missing.
    public var missing: UInt64 { gaps.reduce(0) { $0 &+ $1.count } }
    /// Whether everything that should have been recorded was, as far as the collector can know.
    public var isComplete: Bool {
        !machines.isEmpty && silent.isEmpty && gaps.isEmpty && withoutNotice.isEmpty
    }
}
