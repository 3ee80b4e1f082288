import Bytes
import Events
import Foundation
import Proofs
import SimulatedSchool
import Wire

/// What is sent: for each machine its bodies, in order, made before any clock runs.
struct Workload: Sendable {
    /// A body, compressed.
    struct Body: Sendable {
        var bytes: [UInt8]
        var events: Int
    }

    /// A machine and what it sends.
    struct Lane: Sendable {
        var machine: Int
        var name: String
        var bodies: [Body] = []
    }

    private(set) var lanes: [Lane] = []
    private(set) var eventCount = 0
    /// Whose events of which day they are, each pair once, in order of first event.
    private(set) var studentDays: [StudentDay] = []
    let school: School

    /// A pupil's day.
    struct StudentDay: Hashable, Sendable {
        var student: StudentID
        var day: SchoolDay
    }

    /// How hard bodies are compressed: what agents do.
    static let compressionLevel: Int32 = 3

    /// A school of the size that a benchmark asks for, from the last Monday of November 2026 on.
    static func school(_ options: SchoolOptions) -> School {
        let monday = SchoolDay(CivilDate(daysSinceEpoch: 20_780))
        return School(
            seed: options.seed,
            pupils: School.pupilCount(events: options.events, days: options.days),
            days: School.weekdays(from: monday, count: options.days))
    }

    /// Makes every body; `body` gives the bytes of one for a machine of the school.
    init(
        _ options: SchoolOptions, school: School,
        body: (_ machine: Int, _ context: SessionContext, _ events: ArraySlice<Event>) throws ->
            [UInt8]
    ) rethrows {
        self.school = school
        var laneOf: [Int: Int] = [:]
        var seen = Set<StudentDay>()
        for session in school.sessions() {
            let events = session.events.prefix(options.events - eventCount)
            guard let first = events.first else { break }
            let lane = laneOf[session.deviceNumber] ?? lanes.count
            if lane == lanes.count {
                laneOf[session.deviceNumber] = lane
                lanes.append(
                    Lane(
                        machine: session.deviceNumber,
                        name: session.context.machine.rawValue))
            }
            let pupilDay = StudentDay(
                student: session.context.student, day: SchoolDay(containing: first.time))
            if seen.insert(pupilDay).inserted { studentDays.append(pupilDay) }
            var start = events.startIndex
            while start < events.endIndex {
                let end = min(events.endIndex, start + options.batch)
                let bytes = try body(session.deviceNumber, session.context, events[start..<end])
                lanes[lane].bodies.append(
                    Body(
                        bytes: Zstd.compress(bytes, level: Workload.compressionLevel),
                        events: end - start))
                start = end
            }
            eventCount += events.count
        }
    }

    var bodyCount: Int { lanes.reduce(0) { $0 + $1.bodies.count } }

    var sentSize: Int { lanes.reduce(0) { $0 + $1.bodies.reduce(0) { $0 + $1.bytes.count } } }

    /// The bodies of the open door.
    static func lines(_ options: SchoolOptions) -> Workload {
        Workload(options, school: school(options)) { _, context, events in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(events.count * 200)
            for event in events { NDJSONLine.append(event, context, to: &bytes) }
            return bytes
        }
    }

    /// The signed bodies of devices.
    static func batches(
        _ options: SchoolOptions, school: School, devices: [Int: BenchDevice]
    ) throws -> Workload {
        var devices = devices
        return try Workload(options, school: school) { machine, context, events in
            guard let bytes = try devices[machine]?.batch(context, events) else {
                throw BenchFault.notUnderstood("machine \(machine) is not enrolled")
            }
            return bytes
        }
    }
}

/// An enrolled machine: its key, and the chain of its batches.
struct BenchDevice: Sendable {
    let name: String
    let origin: String
    private let signer: NoteSigner
    private var number: UInt64 = 0
    private var previous = Hash.zero
    private var session: SessionContext?
    private var sessionSeed: [UInt8] = []
    private var sessionStart: Int64 = 0

    /// The key of a machine. Everybody can compute it: it protects nothing but a benchmark.
    static func key(machine: Int) throws -> SigningKey {
        guard let key = SigningKey(seed: Hash.sha256(Array("bench \(machine)".utf8)).bytes) else {
            throw BenchFault.notUnderstood("a key's seed")
        }
        return key
    }

    init(name: String, origin: String, key: SigningKey) throws {
        self.name = name
        self.origin = origin
        signer = try NoteSigner(name: name, signingKey: key)
    }

    /// The next signed upload.
    mutating func batch(_ context: SessionContext, _ events: ArraySlice<Event>) throws -> [UInt8] {
        guard let first = events.first, let last = events.last else {
            throw BenchFault.notUnderstood("an empty batch")
        }
        if session != context {
            session = context
            sessionSeed = Hash.sha256(Array(context.session.rawValue.utf8)).bytes
            sessionStart = first.time.roundedDownToSecond.milliseconds
        }
        let seed = Commitment.batchSeed(sessionSeed: sessionSeed, batchNumber: number)
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        var uploads: [UploadEvent] = []
        uploads.reserveCapacity(events.count)
        for event in events {
            let upload = upload(event)
            commitments.append(
                sequence: upload.sequence, wallMilliseconds: upload.wallMilliseconds,
                monoMilliseconds: upload.monoMilliseconds, kind: Array(upload.kind.name.utf8),
                contentIn: upload.content, at: 0..<upload.content.count)
            uploads.append(upload)
        }
        let note = BatchStatement(
            origin: origin, device: name, session: context.session.rawValue,
            host: context.machine.rawValue, user: context.student.rawValue, number: number,
            firstSequence: first.sequence, lastSequence: last.sequence,
            firstWall: first.time.milliseconds, lastWall: last.time.milliseconds,
            root: commitments.root(), previous: previous
        ).signed(by: signer)
        number += 1
        previous = BatchStatement.hash(ofFile: Array(note.utf8))
        return BatchUpload.encode(seed: seed, statement: note, events: uploads)
    }

    private func upload(_ event: Event) -> UploadEvent {
        var mono = max(0, event.time.milliseconds - sessionStart)
        if event.kind == .key { mono = mono / 1_000 * 1_000 }
        return UploadEvent(
            sequence: event.sequence, wallMilliseconds: event.time.milliseconds,
            monoMilliseconds: mono, kind: event.kind, content: CanonicalContent.encode(event))
    }
}
