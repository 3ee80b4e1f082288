import Events

/// Watches which programs the session's user starts and which end.
///
/// Programs that run already when it begins are the baseline: only their end is told. A program that
/// starts and ends between two looks is not seen.
public struct ProcessSource: EventSource {
    /// The name in messages.
    public let name = "process"
    private let table: ProcessTable
    private let clock: any AgentClock
    private let ownPid: Int

    /// A source for the programs of a user, without the agent itself.
    public init(userID: UInt32, ownPid: Int, clock: any AgentClock) {
        self.init(table: ProcessTable(userID: userID), ownPid: ownPid, clock: clock)
    }

    init(table: ProcessTable, ownPid: Int, clock: any AgentClock) {
        self.table = table
        self.ownPid = ownPid
        self.clock = clock
    }

    /// Looks once a second until cancelled.
    public func run(into sink: any EventSink) async throws {
        var changes = ProcessChanges(ownPid: ownPid, baseline: table.read())
        while !Task.isCancelled {
            try await clock.sleep(milliseconds: AgentLimits.processScanMilliseconds)
            let bodies = changes.update(to: table.read()) { table.image(of: $0) }
            await sink.record(bodies.map { Observation($0, at: clock) })
        }
    }
}

/// Turns one look at the process table and the next into events.
struct ProcessChanges: Sendable {
    private let ownPid: Int
    private var known: [ProcessTable.Key: ProcessTable.Entry]
    /// Programs seen without a command line: they are being started, or hide it.
    private var waiting: Set<ProcessTable.Key> = []

    init(ownPid: Int, baseline: [ProcessTable.Key: ProcessTable.Entry]) {
        self.ownPid = ownPid
        known = baseline
    }

    /// What changed: ends first, then starts, each in the order of start times.
    mutating func update(
        to table: [ProcessTable.Key: ProcessTable.Entry], image: (Int) -> String
    ) -> [EventBody] {
        let before = known
        // A program that is just being started shows its command line at the next look; one that
        // has none then is told of without.
        let silent = table.filter { $0.value.commandLine.isEmpty && before[$0.key] == nil }
        let table = table.filter { silent[$0.key] == nil || waiting.contains($0.key) }
        waiting = Set(silent.keys).subtracting(waiting)
        known = table
        func parentImage(_ entry: ProcessTable.Entry) -> String {
            let parent = table.first { $0.key.pid == entry.parentPid }
            return parent?.value.image ?? image(entry.parentPid)
        }
        let ended = before.filter { table[$0.key]?.image != $0.value.image }
        let started = table.filter { before[$0.key]?.image != $0.value.image }
        return sorted(ended).map { key, entry in body(.end, key, entry, parentImage: "") }
            + sorted(started).map { key, entry in
                body(.start, key, entry, parentImage: parentImage(entry))
            }
    }

    private func sorted(_ entries: [ProcessTable.Key: ProcessTable.Entry])
        -> [(ProcessTable.Key, ProcessTable.Entry)]
    {
        entries.filter { $0.key.pid != ownPid }.map { ($0.key, $0.value) }
            .sorted { ($0.0.startTicks, $0.0.pid) < ($1.0.startTicks, $1.0.pid) }
    }

    private func body(
        _ action: EventBody.ProcessChange.Action, _ key: ProcessTable.Key,
        _ entry: ProcessTable.Entry, parentImage: String
    ) -> EventBody {
        .process(
            EventBody.ProcessChange(
                action: action, image: entry.image, commandLine: entry.commandLine,
                parentImage: parentImage, pid: key.pid, parentPid: entry.parentPid))
    }
}
