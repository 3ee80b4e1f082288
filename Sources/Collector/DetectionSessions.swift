import Detection
import Events
import Storage
import Typing
import Wire

/// The login sessions that the detection line is in the middle of: passages being built, batch by batch.
///
/// It has no clock and touches no disk: batches in, work for the rules out. It knows from which leaf on
/// it would have to read again (``lowWater(next:)``) and what of that it has dealt with
/// (``marks(from:)``), so that a restart repeats and does not skip, and finds the same passages again.
struct DetectionSessions: Sendable {
    /// An event's place in the order of acceptance: its batch and its index in it.
    struct Position: Hashable, Comparable, Sendable, Codable {
        var leaf: UInt64
        var index: Int

        static func < (left: Position, right: Position) -> Bool {
            (left.leaf, left.index) < (right.leaf, right.index)
        }
    }

    /// Where a session goes on after a restart.
    struct Mark: Hashable, Sendable, Codable {
        var device: String
        var machine: String
        var student: String
        var session: String
        /// The first event to feed again: the open passage, and the messages that it may run on from.
        var feedFrom: Position
        /// The first event about which rules have not been asked yet.
        var askFrom: Position
    }

    /// Whose session it is.
    struct SessionKey: Hashable, Sendable {
        let device: DeviceName
        let context: SessionContext
    }

    /// Something that rules are run on, and where it was.
    struct Work: Sendable {
        enum Subject: Sendable {
            /// A passage and the messages just before it.
            case passage(Passage, recent: [Passage])
            /// A window, page or program.
            case event(Event)
        }
        let subject: Subject
        let key: SessionKey
        /// The batch of the first event.
        let leaf: UInt64
    }

    private var sessions: [SessionKey: OpenSession] = [:]
    /// One decoder for all: batches are long, so learning a window anew costs little.
    private var decoder = ContentDecoder()
    /// Events whose content could not be decoded: none, unless the store is damaged.
    private(set) var undecodable = 0

    /// No session, or those of stored marks.
    init(marks: [Mark] = []) {
        for mark in marks {
            guard let device = DeviceName(mark.device), let machine = MachineID(mark.machine),
                let student = StudentID(mark.student), let session = SessionID(mark.session)
            else { continue }
            let context = SessionContext(machine: machine, student: student, session: session)
            sessions[SessionKey(device: device, context: context)] = OpenSession(
                next: mark.feedFrom, askFrom: mark.askFrom)
        }
    }

    /// Feeds a batch; gives what rules have to be run on.
    mutating func take(_ batch: StoredBatch) -> [Work] {
        let key = SessionKey(device: batch.device, context: batch.context)
        var session = sessions.removeValue(forKey: key) ?? OpenSession()
        defer { sessions[key] = session }
        let columns = batch.upload.columns
        guard batch.leaf >= session.next.leaf else { return [] }
        let start = batch.leaf == session.next.leaf ? session.next.index : 0
        session.places.append(BatchPlace(leaf: batch.leaf, sequences: columns.sequences))
        session.lastReceived = max(session.lastReceived, batch.received)
        var work: [Work] = []
        for index in min(start, columns.count)..<columns.count {
            do {
                let event = try decoder.event(index, of: columns)
                session.feed(event, at: Position(leaf: batch.leaf, index: index), key, &work)
            } catch {
                undecodable += 1
            }
        }
        session.next = Position(leaf: batch.leaf + 1, index: 0)
        session.forgetPlaces()
        return work
    }

    /// Ends the passages of sessions from which nothing came since an instant of receipt.
    mutating func flush(silentSince instant: Instant) -> [Work] {
        var work: [Work] = []
        let silent = sessions.filter { $0.value.lastReceived < instant && $0.value.holdsSomething }
        for key in silent.keys.sorted(by: DetectionSessions.precedes) {
            guard var session = sessions[key] else { continue }
            session.endSilent(key, &work)
            sessions[key] = session
        }
        return work
    }

    /// Forgets sessions from which nothing came since an instant and that hold nothing.
    mutating func forget(silentSince instant: Instant) {
        sessions = sessions.filter { $0.value.lastReceived >= instant || $0.value.holdsSomething }
    }

    /// The first leaf that has to be read again after a restart, when everything before `next` was fed.
    func lowWater(next: UInt64) -> UInt64 {
        sessions.values.reduce(next) { lowest, session in
            session.holdsSomething ? min(lowest, session.feedFrom.leaf) : lowest
        }
    }

    /// Where each session goes on that has events at or after a leaf.
    func marks(from leaf: UInt64) -> [Mark] {
        sessions.compactMap { key, session in
            guard session.next.leaf > leaf else { return nil }
            return Mark(
                device: key.device.rawValue, machine: key.context.machine.rawValue,
                student: key.context.student.rawValue, session: key.context.session.rawValue,
                feedFrom: session.feedFrom, askFrom: session.askFromNow)
        }
    }

    private static func precedes(_ left: SessionKey, _ right: SessionKey) -> Bool {
        (left.device, left.context.machine, left.context.session)
            < (right.device, right.context.machine, right.context.session)
    }
}

/// Where the events of a batch lie: a passage may reach back over several.
private struct BatchPlace: Sendable {
    let leaf: UInt64
    private let first: UInt64
    private let count: Int
    /// All numbers, where they do not rise by one: simple clients leave holes and mix the order.
    private let irregular: [UInt64]?

    init(leaf: UInt64, sequences: [UInt64]) {
        self.leaf = leaf
        first = sequences.first ?? 0
        count = sequences.count
        let isRegular = zip(sequences, sequences.dropFirst()).allSatisfy { $0 &+ 1 == $1 }
        irregular = isRegular ? nil : sequences
    }

    /// The place of an event; nil when it is in another batch.
    func position(of sequence: UInt64) -> DetectionSessions.Position? {
        if let irregular {
            return irregular.firstIndex(of: sequence).map { .init(leaf: leaf, index: $0) }
        }
        guard sequence >= first, sequence - first < UInt64(count) else { return nil }
        return .init(leaf: leaf, index: Int(sequence - first))
    }
}

/// One login session that the line is in the middle of.
private struct OpenSession: Sendable {
    typealias Position = DetectionSessions.Position
    typealias Work = DetectionSessions.Work

    /// A message that the next one may run on from.
    private struct Message: Sendable {
        let passage: Passage
        let position: Position
    }

    var builder = PassageBuilder()
    var places: [BatchPlace] = []
    var lastReceived = Instant(milliseconds: 0)
    /// The first event not fed yet.
    var next = Position(leaf: 0, index: 0)
    /// Before it rules were asked already; only after a restart.
    private var askFrom = Position(leaf: 0, index: 0)
    private var recent: [Message] = []

    init() {}

    init(next: Position, askFrom: Position) {
        self.next = next
        self.askFrom = askFrom
    }

    /// Whether a passage is open or messages are kept that the next may run on from.
    var holdsSomething: Bool { builder.openSince != nil || !recent.isEmpty }

    /// The first event that would have to be fed again.
    var feedFrom: Position { min(recent.first?.position ?? askFromNow, askFromNow) }

    /// The first event about which rules were not asked yet: of the open passage, else the next.
    var askFromNow: Position {
        builder.openSince.flatMap(position) ?? max(next, askFrom)
    }

    mutating func feed(
        _ event: Event, at position: Position, _ key: DetectionSessions.SessionKey,
        _ work: inout [Work]
    ) {
        for passage in builder.feed(event) { take(passage, key, &work) }
        forgetMessages(at: event.time)
        switch event.kind {
        case .window, .url, .process:
            guard position >= askFrom else { return }
            work.append(Work(subject: .event(event), key: key, leaf: position.leaf))
        default: break
        }
    }

    mutating func endSilent(_ key: DetectionSessions.SessionKey, _ work: inout [Work]) {
        for passage in builder.flush(idleBefore: Instant(milliseconds: .max)) {
            take(passage, key, &work)
        }
        recent.removeAll()
        forgetPlaces()
    }

    /// Hands a passage to the rules and keeps it for the next.
    private mutating func take(
        _ passage: Passage, _ key: DetectionSessions.SessionKey, _ work: inout [Work]
    ) {
        let position = position(of: passage.sequences.lowerBound) ?? next
        if position >= askFrom {
            work.append(
                Work(
                    subject: .passage(passage, recent: recent.map(\.passage)), key: key,
                    leaf: position.leaf))
        }
        // Only a short message that was sent can run on into the next.
        guard passage.cut == .enter, passage.asLeft.text.utf8.count <= 80 else {
            recent.removeAll(keepingCapacity: true)
            return
        }
        recent.append(Message(passage: passage, position: position))
        if recent.count > DetectionLimits.conversationMessagesMaximum { recent.removeFirst() }
    }

    private mutating func forgetMessages(at time: Instant) {
        guard let last = recent.last else { return }
        let pause = time.milliseconds - last.passage.end.milliseconds
        // While a message is being typed the pause before it is still to be judged.
        guard builder.openSince == nil, pause > DetectionLimits.conversationMilliseconds else {
            return
        }
        recent.removeAll(keepingCapacity: true)
    }

    /// Drops the batches before everything that is still held.
    mutating func forgetPlaces() {
        let oldest = feedFrom
        places.removeAll { $0.leaf < oldest.leaf }
    }

    private func position(of sequence: UInt64) -> Position? {
        for place in places.reversed() {
            if let position = place.position(of: sequence) { return position }
        }
        return nil
    }
}
