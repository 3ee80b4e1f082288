import Durable
import Events
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Wire

@testable import Agent

/// A source that sees some things and then waits.
private struct ScriptedSource: EventSource {
    let name = "script"
    let bodies: [EventBody]
    let clock: any AgentClock

    func run(into sink: any EventSink) async throws {
        await sink.record(bodies.map { Observation($0, at: clock) })
        while true { try await clock.sleep(milliseconds: 1_000) }
    }
}

/// A source whose display goes once it has seen some things.
private struct LosingSource: EventSource {
    let name = "losing"
    let bodies: [EventBody]
    let clock: any AgentClock

    func run(into sink: any EventSink) async throws {
        await sink.record(bodies.map { Observation($0, at: clock) })
        throw AgentError.displayGone(name: ":0")
    }
}

/// A presenter that finds no display before each time that it shows the notice.
private struct BlindPresenter: NoticePresenter {
    let shown: Recorded<String>
    let attempts = Recorded<Int>()

    func show(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction {
        attempts.note(attempts.values.count)
        guard attempts.values.count.isMultiple(of: 4) else {
            throw AgentError.displayGone(name: ":0")
        }
        shown.note(notice.text)
        return .accepted
    }
}

private struct FixedPresenter: NoticePresenter {
    let shown: Recorded<String>
    let action: EventBody.NoticeAction

    func show(_ notice: MonitoringNotice) async -> EventBody.NoticeAction {
        shown.note(notice.text)
        return action
    }
}

/// A notice that nobody answers.
private struct WaitingPresenter: NoticePresenter {
    let shown: Recorded<String>

    func show(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction {
        shown.note(notice.text)
        while true { try await Task.sleep(for: .milliseconds(5)) }
    }
}

@Suite struct AgentServiceTests {
    let shown = Recorded<String>()

    func configuration() throws -> AgentConfiguration {
        try AgentConfiguration(
            parsing: Array(
                """
                {"collector":"https://a.example","keyFile":"k","spool":"spool","notice":"notice.txt",
                 "noticeVersion":"2026-09","school":"Hillside School","enrolmentCode":"CODE"}
                """.utf8), file: "/agent/agent.json",
            in: .init(host: "pc07", user: "e.varga", display: nil))
    }

    func service(
        _ files: any FileSystem, _ collector: FakeCollector, bodies: [EventBody] = [],
        made: Recorded<String> = Recorded(), presenter: (any NoticePresenter)? = nil,
        displayLosses: Int = 0
    ) throws -> AgentService {
        let clock = HastyClock()
        return AgentService(
            try configuration(),
            parts: AgentService.Parts(
                files: files, clock: clock, random: .seeded(1), transport: collector,
                presenter: presenter ?? FixedPresenter(shown: shown, action: .accepted),
                sources: {
                    made.note("sources")
                    return made.values.count <= displayLosses
                        ? [LosingSource(bodies: bodies, clock: clock)]
                        : [ScriptedSource(bodies: bodies, clock: clock)]
                }, loginKey: "boot", logger: AgentFixture.logger))
    }

    /// Runs a service, waits as told, and stops it; it may also end by itself then.
    private func stopping(
        _ service: AgentService, after wait: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(
                            service: service,
                            successTerminationBehavior: .gracefullyShutdownGroup)
                    ], logger: AgentFixture.logger))
            tasks.addTask { try await group.run() }
            try await wait()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    func files(notice: String?) throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.makeDirectory("/agent")
        if let notice { try files.replace("/agent/notice.txt", with: Array(notice.utf8)) }
        return files
    }

    @Test(arguments: [nil, "", "  \n\t\n", "- * -"])
    func `without a notice text nothing starts: no enrolment, no source, no spool (P1)`(
        notice: String?
    ) async throws {
        let files = try files(notice: notice)
        let collector = FakeCollector()
        let made = Recorded<String>()
        let service = try service(files, collector, made: made)
        await #expect {
            try await service.run()
        } throws: { error in
            (error as? AgentError)?.message.hasPrefix("no monitoring notice") == true
        }
        await #expect(throws: AgentError.self) { try await service.replay(.file("/x")) }
        #expect(collector.requests == 0)
        #expect(made.values.isEmpty)
        #expect(shown.values.isEmpty)
        #expect(!files.exists("/agent/spool"))
    }

    @Test func `the notice is shown and recorded first, then capture runs, then all is shipped`()
        async throws
    {
        let files = try files(notice: "We record what you type.")
        let collector = FakeCollector()
        let bodies = (0..<300).map { AgentFixture.key("K\($0)") }
        let service = try service(files, collector, bodies: bodies)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let group = ServiceGroup(
                configuration: .init(services: [service], logger: AgentFixture.logger))
            tasks.addTask { try await group.run() }
            try await eventually("the first batch is shipped") { !collector.events.isEmpty }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(shown.values == ["We record what you type."])
        #expect(collector.faults == [])
        #expect(collector.enrolments.count == 1)
        let events = collector.events
        #expect(events.first?.kind == .notice)
        #expect(
            events.first.map { String(decoding: $0.content, as: UTF8.self) }
                == #"{"action":"accepted","version":"2026-09"}"#)
        #expect(events.filter { $0.kind == .key }.count == 300)
        #expect(events.suffix(2).map(\.kind) == [.session, .agent])
        #expect(events.map(\.sequence) == Array(0..<UInt64(events.count)))
    }

    @Test
    func `a lost display ends the session; when it is back the notice comes first again (P1)`()
        async throws
    {
        let collector = FakeCollector()
        let made = Recorded<String>()
        let presenter = BlindPresenter(shown: shown)
        let service = try service(
            try files(notice: "We record what you type."), collector,
            bodies: (0..<10).map { AgentFixture.key("K\($0)") }, made: made, presenter: presenter,
            displayLosses: 2)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let group = ServiceGroup(
                configuration: .init(services: [service], logger: AgentFixture.logger))
            tasks.addTask { try await group.run() }
            try await eventually("the third session is shipped") {
                collector.events.filter { $0.kind == .key }.count == 30
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(made.values.count == 3)
        #expect(shown.values.count == 3)
        #expect(presenter.attempts.values.count == 12)
        #expect(collector.faults == [])
        #expect(Set(collector.sessions.map(\.session)).count == 3)
        // The hasty clock jumps, and brings heartbeats.
        let told = collector.events.filter { event in
            event.kind != .key && event.kind != .clock
                && !String(decoding: event.content, as: UTF8.self).contains("heartbeat")
        }
        #expect(
            told.map(\.kind)
                == Array(
                    repeating: [.notice, .agent, .session, .session, .agent], count: 3
                ).flatMap(\.self))
        let stops = told.map { String(decoding: $0.content, as: UTF8.self) }
            .filter { $0.contains(#""action":"stop""#) }
        #expect(stops.map { $0.contains(#""displayLost":1"#) } == [true, true, false])
    }

    @Test func `an agent that waits for a display can be stopped, and has recorded nothing`()
        async throws
    {
        struct NoDisplay: NoticePresenter {
            let asked: Recorded<String>

            func show(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction {
                asked.note(notice.text)
                throw AgentError.displayGone(name: ":0")
            }
        }
        let collector = FakeCollector()
        let made = Recorded<String>()
        let service = try service(
            try files(notice: "We record what you type."), collector, made: made,
            presenter: NoDisplay(asked: shown))
        try await stopping(service) {
            try await eventually("it has asked twice") { shown.values.count > 1 }
        }
        #expect(made.values.isEmpty)
        #expect(collector.events.isEmpty)
    }

    @Test func `stopped while the notice is on view, the agent has recorded nothing (P1)`()
        async throws
    {
        let files = try files(notice: "We record what you type.")
        let collector = FakeCollector()
        let made = Recorded<String>()
        let service = try service(
            files, collector, made: made, presenter: WaitingPresenter(shown: shown))
        try await stopping(service) {
            try await eventually("the notice is shown") { !shown.values.isEmpty }
        }
        #expect(made.values.isEmpty)
        #expect(collector.events.isEmpty)
    }

    @Test func `a replay ends when everything is acknowledged`() async throws {
        let files = try files(notice: "We record what you type.")
        try files.replace(
            "/e.ndjson", with: Array(ReplayTests.lines(40).joined(separator: "\n").utf8))
        let collector = FakeCollector()
        collector.behave([
            .accept, .unreachable, .status(503, retryAfterSeconds: 1, body: ""), .acceptSilently,
        ])
        let result = try await service(files, collector).replay(.file("/e.ndjson"))
        #expect(result.isComplete)
        #expect(result.outcome.sent == 40)
        #expect(result.acknowledged == 40)
        #expect(collector.events.count == 40)
        #expect(collector.faults == [])
    }

    @Test func `a replay of a refused device ends and says so`() async throws {
        let files = try files(notice: "We record what you type.")
        try files.replace(
            "/e.ndjson", with: Array(ReplayTests.lines(40).joined(separator: "\n").utf8))
        let collector = FakeCollector()
        collector.behave([.accept, .status(401, retryAfterSeconds: nil, body: "")])
        let result = try await service(files, collector).replay(.file("/e.ndjson"))
        #expect(!result.isComplete)
        #expect(result.refusedStatus == 401)
    }
}

@Suite struct MonitoringNoticeTests {
    @Test func `lines are broken between words and paragraphs are kept`() throws {
        let notice = try MonitoringNotice(
            school: "Hillside", text: "one two three\n\nfour\n\n\n", version: "7")
        let layout = NoticeLayout(notice: notice, columns: 8)
        #expect(
            layout.lines
                == ["Hillside", "", "one two", "three", "", "four", "", "Notice version 7"])
    }

    @Test func `what a plain font lacks is written plainly`() {
        #expect(
            NoticeLayout.latin1("“it’s £5” – é…") == Array("\"it's ".utf8) + [0xA3]
                + Array("5\" - ".utf8) + [0xE9] + Array("...".utf8))
        #expect(NoticeLayout.latin1("字") == Array("?".utf8))
    }

    @Test func `a terminal shows school, text and version`() async throws {
        let out = Recorded<String>()
        let presenter = TerminalPresenter { out.note($0) }
        let notice = try MonitoringNotice(school: "Hillside", text: "We record.", version: "7")
        #expect(await presenter.show(notice) == .shown)
        let text = out.values.joined()
        #expect(text.contains("Hillside") && text.contains("We record.") && text.contains("7"))
    }
}
