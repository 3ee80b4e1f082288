import Detection
import Events
import Storage
import Typing
import Wire

/// The login sessions that the detection line is in the middle of: passages being built, batch by batch.
///
/// It has no clock and touches no disk: batches in, findings out. It knows from which leaf on it would
/// have to read again (``lowWater``) and what of that it has dealt with (``marks``), so that a
/// restart repeats and does not skip, and finds the same passages again.
struct DetectionSessions: Sendable {
    /// Where a session goes on after a restart: everything before it was dealt with.
    struct Mark: Hashable, Sendable, Codable {
        var device: String
        var machine: String
        var student: String
        var session: String
        /// The batch to go on in.
        var leaf: UInt64
        /// The event of it to go on with.
        var index: Int
    }

    /// Something that rules are run on: a passage or a single event, and where it was.
    struct Work: Sendable {
        enum Subject: Sendable {
            case passage(Passage)
            case event(Event)
        }
        let subject: Subject
        let key: SessionKey
        /// The batch of the first event.
        let leaf: UInt64
    }

    struct SessionKey: Hashable, Sendable {
        let device: DeviceName
        let context: SessionContext
    }

    /// A batch that an open passage may reach back into.
    private struct BatchPlace: Sendable {
        let leaf: UInt64
        let firstSequence: UInt64
        let lastSequence: UInt64
    }

    private struct OpenSession: Sendable {
        var builder = PassageBuilder()
        var places: [BatchPlace] = []
        var lastReceived = Instant(milliseconds: 0)
        /// The first event not yet fed, as leaf and index.
        var nextLeaf: UInt64 = 0
        var nextIndex = 0
    }

    private var sessions: [SessionKey: OpenSession] = [:]
    /// One decoder for all: most batches in a row come from other windows, and it costs little to relearn.
    private var decoder = ContentDecoder()
    /// Events whose content could not be decoded: none, unless the store is damaged.
    private(set) var undecodable = 0

    /// No session, or those of stored marks.
    init(marks: [Mark] = []) {
        for mark in marks {
            guard let device = DeviceName(mark.device), let machine = MachineID(mark.machine),
                let student = StudentID(mark.student), let session = SessionID(mark.session)
            else { continue }
            var open = OpenSession()
            open.nextLeaf = mark.leaf
            open.nextIndex = mark.index
            let context = SessionContext(machine: machine, student: student, session: session)
            sessions[SessionKey(device: device, context: context)] = open
        }
    }

    /// Feeds a batch; gives what rules have to be run on.
    mutating func take(_ batch: StoredBatch) -> [Work] {
        let key = SessionKey(device: batch.device, context: batch.context)
        let columns = batch.upload.columns
        var session = sessions.removeValue(forKey: key) ?? OpenSession()
        guard batch.leaf >= session.nextLeaf, let first = columns.sequences.first,
            let last = columns.sequences.last
        else {
            sessions[key] = session
            return []
        }
        let start = batch.leaf == session.nextLeaf ? session.nextIndex : 0
        session.places.append(
            BatchPlace(leaf: batch.leaf, firstSequence: first, lastSequence: last))
        session.lastReceived = max(session.lastReceived, batch.received)
        var work: [Work] = []
        for index in min(start, columns.count)..<columns.count {
            feed(index, of: batch, into: &session, key, &work)
        }
        session.nextLeaf = batch.leaf + 1
        session.nextIndex = 0
        DetectionSessions.forgetPlaces(&session)
        sessions[key] = session
        return work
    }

    private mutating func feed(
        _ index: Int, of batch: StoredBatch, into session: inout OpenSession, _ key: SessionKey,
        _ work: inout [Work]
    ) {
        let event: Event
        do {
            event = try decoder.event(index, of: batch.upload.columns)
        } catch {
            undecodable += 1
            return
        }
        let passages = session.builder.feed(event)
        for passage in passages { work.append(Self.work(on: passage, session, key)) }
        switch event.kind {
        case .window, .url, .process, .clipboard, .media, .filter:
            work.append(Work(subject: .event(event), key: key, leaf: batch.leaf))
        default: break
        }
    }

    /// Ends the passages of sessions from which nothing came since an instant of receipt.
    mutating func flush(silentSince instant: Instant) -> [Work] {
        var work: [Work] = []
        for key in sessions.keys.sorted(by: Self.precedes) {
            guard var session = sessions[key], session.lastReceived < instant else { continue }
            if session.builder.openSince != nil {
                for passage in session.builder.flush(idleBefore: Instant(milliseconds: .max)) {
                    work.append(Self.work(on: passage, session, key))
                }
            }
            Self.forgetPlaces(&session)
            sessions[key] = session
        }
        return work
    }

    /// Forgets sessions from which nothing came since an instant: their builders hold nothing open.
    mutating func forget(silentSince instant: Instant) {
        sessions = sessions.filter {
            $0.value.lastReceived >= instant || $0.value.builder.openSince != nil
        }
    }

    /// The first leaf that has to be read again after a restart, when everything before `next` was fed.
    func lowWater(next: UInt64) -> UInt64 {
        sessions.values.reduce(next) { lowest, session in
            guard session.builder.openSince != nil, let place = session.places.first else {
                return lowest
            }
            return min(lowest, place.leaf)
        }
    }

    /// Where each session goes on that has batches at or after a leaf.
    func marks(from leaf: UInt64) -> [Mark] {
        sessions.compactMap { key, session in
            let place = Self.resumePlace(session)
            guard session.nextLeaf > leaf, place.leaf > leaf || place.index > 0 else { return nil }
            return Mark(
                device: key.device.rawValue, machine: key.context.machine.rawValue,
                student: key.context.student.rawValue, session: key.context.session.rawValue,
                leaf: place.leaf, index: place.index)
        }
    }

    /// Sessions with an open passage, for the metrics.
    var openCount: Int { sessions.values.count { $0.builder.openSince != nil } }

    /// The first event of the open passage, else the first not fed.
    private static func resumePlace(_ session: OpenSession) -> (leaf: UInt64, index: Int) {
        guard let since = session.builder.openSince,
            let place = session.places.first(where: { $0.lastSequence >= since })
        else { return (session.nextLeaf, session.nextIndex) }
        return (place.leaf, Int(clamping: since - min(since, place.firstSequence)))
    }

    /// Drops the places before the open passage.
    private static func forgetPlaces(_ session: inout OpenSession) {
        guard let since = session.builder.openSince else {
            session.places.removeAll(keepingCapacity: true)
            return
        }
        session.places.removeAll { $0.lastSequence < since }
    }

    private static func work(on passage: Passage, _ session: OpenSession, _ key: SessionKey)
        -> Work
    {
        let first = passage.sequences.lowerBound
        let place = session.places.last { $0.firstSequence <= first && first <= $0.lastSequence }
        return Work(
            subject: .passage(passage), key: key,
            leaf: place?.leaf ?? session.places.first?.leaf ?? session.nextLeaf)
    }

    private static func precedes(_ left: SessionKey, _ right: SessionKey) -> Bool {
        (left.device, left.context.machine, left.context.session)
            < (right.device, right.context.machine, right.context.session)
    }
}
