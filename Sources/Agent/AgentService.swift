public import Durable
import Events
public import Logging
public import ServiceLifecycle

/// The workstation's agent: notice, capture, spool, ship.
public struct AgentService: Service {
    /// What the agent works with; everything that touches the world outside is handed in.
    public struct Parts: Sendable {
        /// Files.
        public var files: any FileSystem
        /// Time.
        public var clock: any AgentClock
        /// Randomness.
        public var random: RandomSource
        /// The way to the collector.
        public var transport: any Transport
        /// Who shows the notice.
        public var presenter: any NoticePresenter
        /// What watches; made after the notice was shown.
        public var sources: @Sendable () throws -> [any EventSource]
        /// What makes this login this login: boot, display, account.
        public var loginKey: String
        /// The agent's own messages.
        public var logger: Logger

        /// The parts of an agent.
        public init(
            files: any FileSystem, clock: any AgentClock, random: RandomSource,
            transport: any Transport, presenter: any NoticePresenter,
            sources: @escaping @Sendable () throws -> [any EventSource], loginKey: String,
            logger: Logger
        ) {
            self.files = files
            self.clock = clock
            self.random = random
            self.transport = transport
            self.presenter = presenter
            self.sources = sources
            self.loginKey = loginKey
            self.logger = logger
        }
    }

    private let configuration: AgentConfiguration
    private let parts: Parts

    /// An agent with its configuration.
    public init(_ configuration: AgentConfiguration, parts: Parts) {
        self.configuration = configuration
        self.parts = parts
    }

    /// Runs until a graceful shutdown: the list of what an agent does.
    public func run() async throws {
        // 1. No text, no agent (P1).
        let notice = try MonitoringNotice(of: configuration, files: parts.files)
        // 2. Who we are; enrols when there is a code and no key (S1).
        guard let identity = try await unlessStopped({ try await identity() }) else { return }
        // 3. The spool, repaired.
        let recorder = try openRecorder(identity)
        let shipper = makeShipper(recorder)
        while true {
            // 4. The notice, before anything is looked at. Stopped before it was shown, nothing is
            //    recorded. What an earlier session left is shipped meanwhile.
            guard let action = try await unlessStopped({ try await show(notice, shipper) })
            else { return }
            // 5. Its event is the first.
            let (machine, student) = try names()
            try await recorder.begin(
                notice: notice.event(action), machine: machine, student: student,
                loginKey: parts.loginKey)
            parts.logger.info("capturing", metadata: ["notice.version": "\(notice.version)"])
            // 6. Capture, spool, ship.
            let isDisplayLost = try await capture(recorder, shipper)
            // 7. The end of the session is an event too. Whoever sits there when a lost display comes
            //    back may be another: they see the notice first.
            try await recorder.end(isDisplayLost ? ["displayLost": 1] : [:])
            guard isDisplayLost else { break }
        }
        // 8. The last batches leave if there is time.
        await shipLast(shipper)
        let left = await recorder.unsentCount
        parts.logger.info("stopped", metadata: ["batches.left": "\(left)"])
    }

    /// Sends the events of a file, or of a stream by its descriptor, and returns when all that the
    /// spool held is acknowledged.
    public func replay(_ input: ReplayInput) async throws -> ReplayResult {
        _ = try MonitoringNotice(of: configuration, files: parts.files)
        let identity = try await identity()
        let recorder = try openRecorder(identity)
        let shipper = makeShipper(recorder)
        let replay = Replay(
            recorder: recorder, clock: parts.clock, random: parts.random,
            batchEvents: configuration.batchEvents, windows: windows)
        let done = ReplayDone()
        var result = try await withThrowingTaskGroup(of: ReplayStep.self) { group in
            group.addTask {
                switch input {
                case .file(let path): .read(try await replay.run(file: path, files: parts.files))
                case .descriptor(let number): .read(try await replay.run(descriptor: number))
                }
            }
            group.addTask { .shipped(refusal: try await shipAll(shipper, until: done)) }
            var result = ReplayResult()
            while let step = try await group.next() {
                switch step {
                case .read(let outcome):
                    result.outcome = outcome
                    done.set()
                case .shipped(let refusal):
                    result.refusedStatus = refusal
                    // A refused replay reads no further: nothing would ever leave the spool.
                    group.cancelAll()
                    return result
                }
            }
            return result
        }
        result.acknowledged = await shipper.acknowledgedEvents
        result.quarantinedBatches = await shipper.quarantinedBatches
        return result
    }

    private enum ReplayStep: Sendable {
        case read(Replay.Outcome)
        case shipped(refusal: Int?)
    }

    /// Waits for something that comes before capture; nil when the agent is stopped meanwhile.
    private func unlessStopped<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        do {
            return try await cancelWhenGracefulShutdown(body)
        } catch is CancellationError {
            return nil
        }
    }

    /// Shows the notice, as soon as there is a display to show it on, and ships meanwhile.
    private func show(_ notice: MonitoringNotice, _ shipper: Shipper) async throws
        -> EventBody.NoticeAction?
    {
        try await withThrowingTaskGroup(of: EventBody.NoticeAction?.self) { group in
            group.addTask {
                try await shipper.run()
                return nil
            }
            group.addTask { try await showPatiently(notice) }
            let action = try await group.next() ?? nil
            group.cancelAll()
            return action
        }
    }

    private func showPatiently(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction {
        var backoff = configuration.backoff
        while true {
            do {
                return try await parts.presenter.show(notice)
            } catch let error as AgentError {
                guard case .displayGone = error else { throw error }
                if backoff.failures == 0 {
                    parts.logger.warning(
                        "waiting for a display to show the notice on, nothing is captured",
                        metadata: ["why": "\(error.message)"])
                }
                try await parts.clock.sleep(milliseconds: backoff.failed(random: parts.random))
            }
        }
    }

    /// Works until the agent is stopped or its display is lost; whether it was lost.
    private func capture(_ recorder: Recorder, _ shipper: Shipper) async throws -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await work(recorder, shipper) }
        } catch is CancellationError {
            // The shutdown that was asked for.
        } catch AgentError.displayGone(let name) {
            parts.logger.warning("the display is lost", metadata: ["display": "\(name)"])
            return true
        }
        return false
    }

    private func identity() async throws -> DeviceIdentity {
        try await enrolment.identity(
            code: configuration.enrolmentCode, device: configuration.device,
            backoff: configuration.backoff, clock: parts.clock, logger: parts.logger)
    }

    private var windows: SecretWindows { SecretWindows(adding: configuration.secretWindows) }

    private var enrolment: Enrolment {
        Enrolment(
            keyFile: DeviceKeyFile(path: configuration.keyFile, files: parts.files),
            transport: parts.transport, random: parts.random)
    }

    private func openRecorder(_ identity: DeviceIdentity) throws(AgentError) -> Recorder {
        Recorder(
            spool: try Spool.open(
                directory: configuration.spool, identity: identity, files: parts.files,
                random: parts.random, sizeMaximum: configuration.spoolSizeMaximum),
            cutter: BatchCutter(
                eventsMaximum: configuration.batchEvents, seconds: configuration.batchSeconds),
            windows: windows, clock: parts.clock, random: parts.random, logger: parts.logger)
    }

    private func makeShipper(_ recorder: Recorder) -> Shipper {
        Shipper(
            recorder: recorder, transport: parts.transport, clock: parts.clock,
            random: parts.random, backoff: configuration.backoff, logger: parts.logger)
    }

    private func names() throws(AgentError) -> (MachineID, StudentID) {
        guard let machine = MachineID(configuration.host),
            let student = StudentID(configuration.user)
        else {
            throw .configuration(
                file: "", why: "host and user must have 1 to \(MachineID.maximumSize) bytes")
        }
        return (machine, student)
    }

    private func work(_ recorder: Recorder, _ shipper: Shipper) async throws {
        let sources = try parts.sources()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { try await source.run(into: recorder) } }
            group.addTask { try await shipper.run() }
            group.addTask {
                while !Task.isCancelled {
                    try await parts.clock.sleep(milliseconds: AgentService.tickMilliseconds)
                    try await recorder.tick()
                }
            }
            // Whichever ends, ends all: a source that stops would leave a hole that nobody sees.
            _ = try await group.next()
            group.cancelAll()
        }
    }

    /// How often the recorder looks at the time, in milliseconds.
    private static let tickMilliseconds = 1_000

    private func shipLast(_ shipper: Shipper) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // try?: what does not leave now leaves at the next start.
                while case .acknowledged? = try? await shipper.step() {}
            }
            group.addTask {
                // try?: cancelled when everything has left.
                try? await parts.clock.sleep(milliseconds: AgentLimits.stopShippingMilliseconds)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ships until everything that a finished replay left is acknowledged; the status of a refusal.
    private func shipAll(_ shipper: Shipper, until done: ReplayDone) async throws -> Int? {
        while true {
            // Asked before the step: a batch stored after it is still shipped by the next one.
            let isDone = done.isSet
            switch try await shipper.step() {
            case .acknowledged, .quarantined: continue
            case .refused(let status, _): return status
            case .failed(let wait): try await parts.clock.sleep(milliseconds: wait)
            case .nothing:
                if isDone { return nil }
                try await parts.clock.sleep(milliseconds: 5)
            }
        }
    }
}

/// Where a replay reads.
public enum ReplayInput: Sendable {
    /// A file, by its path.
    case file(String)
    /// A stream, by its descriptor.
    case descriptor(Int32)
}

/// What a replay came to.
public struct ReplayResult: Sendable, Equatable {
    /// Events that this run put into batches, and lines that are no events.
    public var outcome = Replay.Outcome()
    /// Events acknowledged in this run, with those that an earlier run had left in the spool.
    public var acknowledged = 0
    /// Batches that the collector refused for ever.
    public var quarantinedBatches = 0
    /// The status with which the collector refused this device.
    public var refusedStatus: Int?

    /// Whether every line of the input is an acknowledged event.
    public var isComplete: Bool {
        refusedStatus == nil && quarantinedBatches == 0 && outcome.rejected.isEmpty
    }
}
