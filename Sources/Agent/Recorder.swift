public import Events
public import Logging
import Wire

/// The one owner of the spool: gives what was seen its number, withholds secrets, and cuts batches.
///
/// Sources hand it observations and wait for it; the ``Shipper`` takes batches from it. Its first
/// event is the notice (P1): before ``begin(notice:machine:student:loginKey:)`` it takes nothing.
public actor Recorder: EventSink {
    /// What an agent counts; told by heartbeats (S31).
    struct Counters: Equatable {
        var recorded = 0
        var keys = 0
        var clicks = 0
        var withheld = 0
        var lost = 0
        var batches = 0
        var acknowledged = 0
        var quarantined = 0
    }

    private let executor = DispatchExecutor(label: "daybook.agent.recorder")
    /// The actor runs on its own queue, since it syncs files.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private let clock: any AgentClock
    private let random: RandomSource
    private let logger: Logger
    // All of this is the actor's alone.
    private var spool: Spool
    private var cutter: BatchCutter
    private var filter: SecretFilter
    private var session: SessionFile?
    private var lastHeartbeat: Int64 = 0
    private var lastClocks: (wall: Int64, monotonic: Int64)?
    private var waitingRemarks: [EventBody] = []
    private(set) var failure: AgentError?
    private(set) var counters = Counters()

    /// A recorder on an open spool.
    public init(
        spool: consuming Spool, cutter: BatchCutter, windows: SecretWindows,
        clock: any AgentClock, random: RandomSource, logger: Logger
    ) {
        self.spool = spool
        self.cutter = cutter
        self.clock = clock
        self.random = random
        self.logger = logger
        filter = SecretFilter(windows)
    }

    // MARK: - Capture

    /// Stores what a killed agent left, opens or continues the login session, and records that the
    /// notice was shown, that the agent started and that the session did.
    public func begin(
        notice: EventBody, machine: MachineID, student: StudentID, loginKey: String
    ) throws(AgentError) {
        let recovered = try storeRecovered()
        let now = clock.monotonicMilliseconds
        let before = spool.readSession()
        let isSameLogin =
            before?.loginKey == loginKey && before?.session.context.student == student
            && before?.session.context.machine == machine
        let current = try isSameLogin ? before : newSession(machine, student, loginKey, now)
        try spool.writeSession(current)
        session = current
        lastHeartbeat = now
        admit([Observation(notice, at: clock)])
        let start = EventBody.agent(
            action: .start,
            counters: [
                "recovered": recovered, "damaged": spool.damagedCount,
                "unsent": spool.unsent.count,
            ])
        admit([Observation(start, at: clock)])
        if !isSameLogin { admit([Observation(.session(.start), at: clock)]) }
        try throwFailure()
    }

    /// Records observations; nothing of a withheld key is kept.
    public func record(_ observations: [Observation]) {
        for observation in observations {
            if case .secret(let count, _) = observation.body { counters.withheld += count }
            admit(filter.pass(observation))
        }
    }

    /// Does what time asks for: counts of withheld keys, clock jumps, heartbeats, cuts, syncs.
    public func tick() throws(AgentError) {
        let now = clock.monotonicMilliseconds
        admit(filter.due(monotonicMilliseconds: now))
        admit(clockJump(now))
        admit(waitingRemarks.map { Observation($0, at: clock) })
        waitingRemarks = []
        if now - lastHeartbeat >= Int64(AgentLimits.heartbeatSeconds) * 1_000 {
            lastHeartbeat = now
            admit([Observation(.agent(action: .heartbeat, counters: heartbeat()), at: clock)])
        }
        if cutter.isDue(monotonicMilliseconds: now) { cut() }
        try throwFailure()
        try spool.synchronize()
    }

    /// Records the end of the session and of capture, with why it ended, and closes the last batch;
    /// another ``begin(notice:machine:student:loginKey:)`` may follow.
    public func end(_ why: [String: Int] = [:]) throws(AgentError) {
        guard session != nil else { return }
        admit(filter.flush())
        admit([Observation(.session(.end), at: clock)])
        let counters = heartbeat().merging(why) { _, new in new }
        admit([Observation(.agent(action: .stop, counters: counters), at: clock)])
        cut()
        session = nil
        try throwFailure()
        try spool.writeSession(nil)
        try spool.synchronize()
    }

    // MARK: - Replay

    /// Events of a file that are ready for batches, in the order of their batches.
    struct Replayed: Sendable {
        var context: SessionContext
        var events: [(wall: Instant, kind: EventKind, content: [UInt8])]
        var mark: ReplayMark
    }

    /// Stores what a killed agent left; how many events that were.
    @discardableResult
    func storeRecovered() throws(AgentError) -> Int {
        let events = spool.recovered
        guard !events.isEmpty else { return 0 }
        try spool.store(events)
        spool.forgetRecovered()
        counters.batches += 1
        return events.count
    }

    /// How far a file was replayed.
    func mark(of key: String) -> ReplayMark? { spool.chain.mark(of: key) }

    /// Remembers a position of a file that needs no batch.
    func remember(_ mark: ReplayMark) throws(AgentError) { try spool.remember(mark) }

    /// Whether a replay may store another batch now; it waits while the spool is full.
    var hasRoom: Bool { spool.hasRoom }

    /// Stores one batch of replayed events together with the position it reaches.
    func store(_ replayed: Replayed, seed: [UInt8]) throws(AgentError) {
        let session = Session(context: replayed.context, seed: seed)
        var events: [NumberedEvent] = []
        events.reserveCapacity(replayed.events.count)
        for event in replayed.events {
            let upload = UploadEvent(
                sequence: spool.takeSequence(), wallMilliseconds: event.wall.milliseconds,
                monoMilliseconds: 0, kind: event.kind, content: event.content)
            events.append(NumberedEvent(session: session, upload: upload))
        }
        try spool.store(events, reaching: replayed.mark)
        counters.batches += 1
        counters.recorded += events.count
    }

    // MARK: - Shipping

    /// The oldest batch to be sent; nil when all are acknowledged.
    func oldestUnsent() throws(AgentError) -> SpooledBatch? {
        let damaged = spool.damagedCount
        let batch = try spool.oldestUnsent()
        if spool.damagedCount > damaged {
            remark(.agent(action: .tamper, counters: ["damagedBatches": spool.damagedCount]))
        }
        return batch
    }

    /// Removes a batch that has its receipt.
    func acknowledge(_ number: UInt64) throws(AgentError) {
        try spool.acknowledge(number)
        counters.acknowledged += 1
    }

    /// Sets aside a batch that was refused for ever, and says so in an event.
    func quarantine(_ number: UInt64, status: Int) throws(AgentError) {
        try spool.quarantine(number)
        counters.quarantined += 1
        // A conflict means that another agent signs with our numbers, or that ours went back (S5).
        remark(
            .agent(
                action: status == 409 ? .tamper : .heartbeat,
                counters: [
                    "quarantinedBatch": Int(clamping: number), "status": status,
                    "quarantined": counters.quarantined,
                ]))
    }

    /// How many batches wait.
    var unsentCount: Int { spool.unsent.count }

    // MARK: - Inside

    private func admit(_ observations: [Observation]) {
        guard !observations.isEmpty, failure == nil else { return }
        guard let session else { preconditionFailure("nothing is recorded before the notice (P1)") }
        do throws(AgentError) {
            try leaveGap(session)
            var batch: [NumberedEvent] = []
            for observation in observations {
                // Once full it stays so until ``leaveGap(_:)``: the numbers of a gap are one range.
                guard spool.chain.gap == nil, spool.hasRoom else {
                    try enterGap(&batch)
                    continue
                }
                let event = number(observation, in: session)
                if cutter.mustCut(before: event) { try flush(&batch, cutting: true) }
                batch.append(event)
                let isFull = cutter.add(
                    event, monotonicMilliseconds: observation.monotonicMilliseconds)
                count(observation.body)
                if isFull { try flush(&batch, cutting: true) }
            }
            try flush(&batch, cutting: false)
        } catch {
            // The tick or the end throws it, which ends the agent; what is on disk is recovered.
            failure = error
            logger.error("the spool failed", metadata: ["error": "\(error.message)"])
        }
    }

    private func number(_ observation: Observation, in session: SessionFile) -> NumberedEvent {
        var wall = observation.wall
        var mono = max(0, observation.monotonicMilliseconds - session.startMilliseconds)
        switch observation.body {
        case .key, .secret:
            // G1: no stored field may allow typing rhythm to be measured.
            wall = wall.roundedDownToSecond
            mono = mono / 1_000 * 1_000
        default: break
        }
        let sequence = spool.takeSequence()
        let event = Event(time: wall, sequence: sequence, body: observation.body)
        let upload = UploadEvent(
            sequence: sequence, wallMilliseconds: wall.milliseconds, monoMilliseconds: mono,
            kind: event.kind, content: CanonicalContent.encode(event))
        return NumberedEvent(session: session.session, upload: upload)
    }

    private func flush(_ batch: inout [NumberedEvent], cutting: Bool) throws(AgentError) {
        if cutting {
            // What waits here is in the cutter too and goes into the batch file at once.
            batch = []
            try storeCut()
        } else {
            try spool.append(batch)
            batch = []
        }
    }

    private func storeCut() throws(AgentError) {
        let events = cutter.cut()
        guard !events.isEmpty else { return }
        try spool.store(events)
        counters.batches += 1
    }

    private func cut() {
        guard failure == nil else { return }
        do throws(AgentError) {
            try storeCut()
        } catch {
            failure = error
        }
    }

    private func throwFailure() throws(AgentError) {
        if let failure { throw failure }
    }

    private func enterGap(_ batch: inout [NumberedEvent]) throws(AgentError) {
        if spool.chain.gap == nil {
            try flush(&batch, cutting: true)
            logger.error("the spool is full, events are being lost")
        }
        spool.countLost()
        counters.lost += 1
    }

    /// Once there is room again, says in an event which numbers are missing and why.
    private func leaveGap(_ session: SessionFile) throws(AgentError) {
        guard let gap = spool.chain.gap, spool.hasMuchRoom else { return }
        let last = gap.first + max(gap.count, 1) - 1
        let body = EventBody.gap(first: gap.first, last: last, cause: "spool full")
        let event = number(Observation(body, at: clock), in: session)
        if cutter.mustCut(before: event) { try storeCut() }
        _ = cutter.add(event, monotonicMilliseconds: clock.monotonicMilliseconds)
        try spool.append([event])
        spool.closeGap()
        counters.recorded += 1
        logger.warning("the spool has room again")
    }

    private func count(_ body: EventBody) {
        counters.recorded += 1
        switch body {
        case .key: counters.keys += 1
        case .click: counters.clicks += 1
        default: break
        }
    }

    private func heartbeat() -> [String: Int] {
        [
            "acknowledgedBatches": counters.acknowledged, "batches": counters.batches,
            "clicks": counters.clicks, "events": counters.recorded, "keys": counters.keys,
            "lost": counters.lost, "quarantined": spool.quarantinedCount,
            "spoolBytes": spool.usedSize, "unsentBatches": spool.unsent.count,
            "withheldKeys": counters.withheld,
        ]
    }

    private func remark(_ body: EventBody) {
        // Told at the next tick: the shipper must not wait for a cut, and there may be no session.
        if session != nil { waitingRemarks.append(body) }
    }

    private func clockJump(_ now: Int64) -> [Observation] {
        let wall = clock.wall.milliseconds
        defer { lastClocks = (wall, now) }
        guard let last = lastClocks else { return [] }
        let expected = last.wall + (now - last.monotonic)
        guard abs(wall - expected) > AgentLimits.clockJumpMilliseconds else { return [] }
        let body = EventBody.clock(
            before: Instant(milliseconds: expected), after: Instant(milliseconds: wall))
        return [Observation(body, at: clock)]
    }

    private func newSession(
        _ machine: MachineID, _ student: StudentID, _ loginKey: String, _ now: Int64
    ) throws(AgentError) -> SessionFile {
        let id = Base32.encode(random.bytes(10))
        guard let sessionID = SessionID(id) else { preconditionFailure("never empty") }
        let session = Session(
            context: SessionContext(machine: machine, student: student, session: sessionID),
            seed: random.bytes(Session.seedSize))
        return SessionFile(loginKey: loginKey, session: session, startMilliseconds: now)
    }
}

/// Session ids in few characters that no one mistakes for another (RFC 4648 base32, lower case).
enum Base32 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var text = ""
        var bits = 0
        var value = 0
        for byte in bytes {
            value = value << 8 | Int(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[value >> bits & 31])
            }
            value &= (1 << bits) - 1
        }
        if bits > 0 { text.append(alphabet[value << (5 - bits) & 31]) }
        return text
    }
}
