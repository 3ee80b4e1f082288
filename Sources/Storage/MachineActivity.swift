public import Events

/// What a machine sent in a period.
public struct MachineActivity: Sendable, Equatable {
    /// The computer.
    public var machine: MachineID
    /// The device that sent for it.
    public var device: DeviceName
    /// Time of the first event.
    public var first: Instant
    /// Time of the last event.
    public var last: Instant
    /// How many events.
    public var events: Int
    /// How many login sessions.
    public var sessions: Int
    /// How many accounts.
    public var students: Int
    /// The smallest of receipt time less the time of a batch's last event, in milliseconds: how far
    /// the machine's clock is behind, at the most; negative when it is ahead.
    public var leastDelayMilliseconds: Int64
}

/// Sequence numbers that never came.
public struct SequenceGap: Sendable, Equatable {
    /// The device that numbers.
    public var device: DeviceName
    /// The computer.
    public var machine: MachineID
    /// The numbers that are missing.
    public var missing: ClosedRange<UInt64>
}

/// What one batch says about who was where and when.
struct BatchSighting: Sendable {
    var device: DeviceName
    var context: SessionContext
    var first: Instant
    var last: Instant
    var events: Int
    var received: Instant
}

extension MachineActivity {
    /// Adds batches up by machine and device, in the order of their names.
    static func summing(_ sightings: [BatchSighting]) -> [MachineActivity] {
        let streams = Dictionary(grouping: sightings) {
            EventStream(device: $0.device, machine: $0.context.machine)
        }
        return streams.compactMap { stream, batches -> MachineActivity? in
            guard let first = batches.map(\.first).min(), let last = batches.map(\.last).max(),
                let delay = batches.map({ $0.received.milliseconds - $0.last.milliseconds }).min()
            else { return nil }
            return MachineActivity(
                machine: stream.machine, device: stream.device, first: first, last: last,
                events: batches.reduce(0) { $0 + $1.events },
                sessions: Set(batches.map(\.context.session)).count,
                students: Set(batches.map(\.context.student)).count,
                leastDelayMilliseconds: delay)
        }
        .sorted { ($0.machine, $0.device) < ($1.machine, $1.device) }
    }
}
