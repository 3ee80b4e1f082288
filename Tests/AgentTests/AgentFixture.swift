import Bytes
import Durable
import Events
import Foundation
import Logging
import Proofs
import Synchronization
public import TestSupport
import Testing
import Wire

@testable public import Agent

extension FakeClock: AgentClock {
    /// The monotonic time in milliseconds.
    public var monotonicMilliseconds: Int64 {
        let (seconds, attoseconds) = now.sinceStart.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// Waits until the clock was moved on so far.
    public func sleep(milliseconds: Int) async throws {
        try await sleep(until: now.advanced(by: .milliseconds(milliseconds)), tolerance: nil)
    }
}

/// A clock on which waiting takes no time: for loops that must not wait for a test.
final class HastyClock: AgentClock {
    let clock = FakeClock()
    var wall: Events.Instant { clock.wall }
    var monotonicMilliseconds: Int64 { clock.monotonicMilliseconds }
    func sleep(milliseconds: Int) async throws {
        try Task.checkCancellation()
        clock.advance(by: .milliseconds(milliseconds))
        // A yield alone lets timers that tick for ever crowd out the work between their ticks.
        try await Task.sleep(for: .milliseconds(1))
    }
}

extension RandomSource {
    /// Random bytes that are the same in every run.
    static func seeded(_ seed: UInt64) -> RandomSource {
        let random = Mutex(SeededRandom(seed: seed))
        return RandomSource { count in random.withLock { $0.bytes(count: count) } }
    }
}

/// A collector that checks everything a real one checks, and answers what a test wants it to.
final class FakeCollector: Transport {
    enum Behaviour: Equatable {
        /// Takes the batch and says so.
        case accept
        /// Takes the batch and loses the answer.
        case acceptSilently
        /// Answers with a status.
        case status(Int, retryAfterSeconds: Int?, body: String)
        /// Cannot be reached.
        case unreachable
    }

    struct Unreachable: Error {}

    struct State {
        var behaviours: [Behaviour] = []
        var statements: [UInt64: [UInt8]] = [:]
        var events: [UploadEvent] = []
        var sessions: [SessionContext] = []
        var requests = 0
        var duplicates = 0
        var faults: [String] = []
        var enrolments: [String] = []
    }

    let state = Mutex(State())
    let key: NoteKey?

    init(key: NoteKey? = nil) { self.key = key }

    var events: [UploadEvent] { state.withLock { $0.events } }
    var faults: [String] { state.withLock { $0.faults } }
    var requests: Int { state.withLock { $0.requests } }
    var sessions: [SessionContext] { state.withLock { $0.sessions } }
    var duplicates: Int { state.withLock { $0.duplicates } }
    var enrolments: [String] { state.withLock { $0.enrolments } }

    func behave(_ behaviours: [Behaviour]) { state.withLock { $0.behaviours += behaviours } }

    func post(_ request: TransportRequest, timeoutMilliseconds: Int) async throws
        -> TransportAnswer
    {
        let behaviour = state.withLock { state in
            state.requests += 1
            return state.behaviours.isEmpty ? .accept : state.behaviours.removeFirst()
        }
        switch behaviour {
        case .unreachable: throw Unreachable()
        case .status(let status, let wait, let body):
            return TransportAnswer(
                status: status, retryAfterSeconds: wait, body: Array(body.utf8))
        case .accept: return try take(request)
        case .acceptSilently:
            _ = try take(request)
            throw Unreachable()
        }
    }

    private func take(_ request: TransportRequest) throws -> TransportAnswer {
        if request.path == "/v1/enrol" {
            state.withLock { $0.enrolments.append(String(decoding: request.body, as: UTF8.self)) }
            return TransportAnswer(
                status: 200,
                body: Array(#"{"device":"device/7f3a9c21","origin":"a.test/log1"}"#.utf8))
        }
        let plain = try Zstd.decompress(request.body, sizeMaximum: 8 << 20)
        let upload = try BatchUpload.parse(plain)
        let note = try SignedNote(parsing: upload.statement)
        let statement = try BatchStatement(parsing: note.text)
        return state.withLock { state in
            if let known = state.statements[statement.number] {
                guard known == upload.statement else { return TransportAnswer(status: 409) }
                state.duplicates += 1
                return FakeCollector.receipt(statement.number, isDuplicate: true)
            }
            check(upload, note, statement, &state)
            state.statements[statement.number] = upload.statement
            for index in 0..<upload.columns.count {
                state.events.append(
                    UploadEvent(
                        sequence: upload.columns.sequences[index],
                        wallMilliseconds: upload.columns.wallMilliseconds[index],
                        monoMilliseconds: upload.columns.monoMilliseconds[index],
                        kind: upload.columns.kinds[index],
                        content: Array(upload.columns.content(index))))
                if let machine = MachineID(statement.host), let student = StudentID(statement.user),
                    let session = SessionID(statement.session)
                {
                    state.sessions.append(
                        SessionContext(machine: machine, student: student, session: session))
                }
            }
            return FakeCollector.receipt(statement.number, isDuplicate: false)
        }
    }

    private func check(
        _ upload: BatchUpload, _ note: SignedNote, _ statement: BatchStatement,
        _ state: inout State
    ) {
        if let key, note.verdict(of: key) != .valid(unixSeconds: nil) {
            state.faults.append("bad signature")
        }
        let columns = upload.columns
        let root = BatchCommitments.compute(
            seed: upload.seed, count: columns.count, contents: columns.contents
        ) { index in
            BatchCommitments.Parts(
                sequence: columns.sequences[index],
                wallMilliseconds: columns.wallMilliseconds[index],
                monoMilliseconds: columns.monoMilliseconds[index],
                kind: Array(columns.kinds[index].name.utf8), content: columns.contentRange(index))
        }.root
        if root != statement.root { state.faults.append("wrong root") }
        if statement.firstSequence != columns.sequences.first { state.faults.append("first") }
        if statement.lastSequence != columns.sequences.last { state.faults.append("last") }
        let before = statement.number == 0 ? nil : state.statements[statement.number - 1]
        let previous = before.map { BatchStatement.hash(ofFile: $0) } ?? .zero
        if statement.number > 0, before == nil { state.faults.append("skipped a number") }
        if statement.previous != previous { state.faults.append("wrong previous") }
        if let last = state.events.last, statement.firstSequence <= last.sequence {
            state.faults.append("sequence \(statement.firstSequence) after \(last.sequence)")
        }
    }

    static func receipt(_ leaf: UInt64, isDuplicate: Bool) -> TransportAnswer {
        TransportAnswer(
            status: 200,
            body: Array(
                """
                {"leaf":\(leaf),"received":"2026-11-24T09:00:00.000Z","duplicate":\(isDuplicate)}
                """.utf8))
    }
}

/// What most tests of the agent stand on.
enum AgentFixture {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func identity(device: String = "device/7f3a9c21") throws -> DeviceIdentity {
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        return try DeviceIdentity(key: key, device: device, origin: "a.test/log1")
    }

    static func collector() throws -> FakeCollector {
        FakeCollector(key: try identity().signer().key)
    }

    static func spool(
        _ files: any FileSystem, seed: UInt64 = 1,
        sizeMaximum: Int = AgentLimits.spoolSizeMaximum
    ) throws -> Spool {
        try Spool.open(
            directory: "/spool", identity: try identity(), files: files, random: .seeded(seed),
            sizeMaximum: sizeMaximum)
    }

    static func recorder(
        _ files: any FileSystem, clock: any AgentClock, seed: UInt64 = 1, batchEvents: Int = 8,
        sizeMaximum: Int = AgentLimits.spoolSizeMaximum
    ) throws -> Recorder {
        Recorder(
            spool: try spool(files, seed: seed, sizeMaximum: sizeMaximum),
            cutter: BatchCutter(eventsMaximum: batchEvents, seconds: 30),
            windows: SecretWindows(), clock: clock, random: .seeded(seed + 1_000),
            logger: logger)
    }

    static func shipper(
        _ recorder: Recorder, _ transport: any Transport, clock: any AgentClock,
        backoff: Backoff = Backoff()
    ) -> Shipper {
        Shipper(
            recorder: recorder, transport: transport, clock: clock, random: .seeded(9),
            backoff: backoff, logger: logger)
    }

    static func begin(_ recorder: Recorder, user: String = "e.varga", login: String = "boot|:0")
        async throws
    {
        try await recorder.begin(
            notice: .notice(version: "2026-09", action: .shown),
            machine: try #require(MachineID("room12-pc07")),
            student: try #require(StudentID(user)), loginKey: login)
    }

    static func key(_ name: String, _ place: Place = Place(app: "Gedit", window: "essay"))
        -> EventBody
    {
        .key(KeyPress(key: name, place: place))
    }

    static func numbered(_ sequence: UInt64, session: Session, text: String = "a") -> NumberedEvent
    {
        let event = Event(
            time: FakeClock.wallStart, sequence: sequence, body: key(text))
        return NumberedEvent(
            session: session,
            upload: UploadEvent(
                sequence: sequence, wallMilliseconds: FakeClock.wallStart.milliseconds,
                monoMilliseconds: 0, kind: .key, content: CanonicalContent.encode(event)))
    }

    static func session(_ id: String = "s1") throws -> Session {
        Session(
            context: SessionContext(
                machine: try #require(MachineID("room12-pc07")),
                student: try #require(StudentID("e.varga")), session: try #require(SessionID(id))),
            seed: [UInt8](repeating: 3, count: 32))
    }

    /// Ships until nothing is left, or a step was neither success nor emptiness.
    static func shipAll(_ shipper: Shipper) async throws -> Shipper.Step {
        while true {
            let step = try await shipper.step()
            if step != .acknowledged && step != .quarantined { return step }
        }
    }
}
