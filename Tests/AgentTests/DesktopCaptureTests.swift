import Events
import Foundation
import TestSupport
import Testing

@testable import Agent

/// A sink that keeps everything, on a queue of its own as the recorder is.
private actor KeepingSink: EventSink {
    private let executor = DispatchExecutor(label: "daybook.test.sink")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    nonisolated let seen = Recorded<EventBody>()

    func record(_ observations: [Observation]) {
        observations.forEach { seen.note($0.body) }
    }
}

/// Real keys on a real X server, into a real program.
@Suite(.serialized) struct DesktopCaptureTests {
    /// A virtual display with a British keyboard, and a source that watches it.
    private func withDesktop(
        _ body: (
            _ hand: @escaping ([String]) async throws -> Void, KeepingSink, DesktopSource, String
        ) async throws -> Void
    ) async throws {
        try await withServer { server, display in
            let environment = ["DISPLAY": display]
            let layout = try await Tool(named: "setxkbmap").run(["gb"], environment: environment)
            #expect(layout.status == 0)
            let sink = KeepingSink()
            let source = DesktopSource(
                display: display, windows: SecretWindows(), clock: SystemClock())
            let watching = Task { try await source.run(into: sink) }
            let hand = try Tool(named: "xdotool")
            try await body(
                { arguments in
                    let result = try await hand.run(arguments, environment: environment)
                    #expect(result.status == 0, "\(result.transcript)")
                }, sink, source, display)
            // The display goes while it is watched, as at the end of every login.
            server.signal(.kill)
            await #expect(throws: AgentError.displayGone(name: display)) {
                try await watching.value
            }
        }
    }

    /// A virtual display.
    private func withServer(
        _ body: (_ server: RunningTool, _ display: String) async throws -> Void
    ) async throws {
        try await Tool(named: "Xvfb").with([
            "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset",
        ]) { running in
            let number = try await eventually("the display is up") {
                let text = running.output.trimmingCharacters(in: .whitespacesAndNewlines)
                return running.output.hasSuffix("\n") ? Int(text) : nil
            }
            try await body(running, ":\(number)")
        }
    }

    private func text(_ bodies: [EventBody]) -> String {
        bodies.map { body in
            guard case .key(let press) = body else { return "" }
            return press.key.count == 1 ? press.key : "<\(press.key)>"
        }.joined()
    }

    @Test func `what is typed into a terminal is seen as the terminal got it, its prompt is not`()
        async throws
    {
        try await withDesktop { hand, sink, source, display in
            try await TemporaryDirectory.with { folder in
                let script = """
                    read -r line; printf '%s' "$line" > line
                    stty -echo; printf 'Password: '; touch asked; read -r secret; stty echo
                    printf '%s' "$secret" > secret; read -r last; printf '%s' "$last" > last
                    sleep 60
                    """
                let terminal = try Tool(named: "xterm")
                try await terminal.with(
                    ["-e", "sh", "-c", script],
                    environment: ["DISPLAY": display, "LC_ALL": "C.UTF-8"],
                    workingDirectory: folder
                ) { _ in
                    func written(_ name: String) async throws -> String {
                        try await eventually(name) {
                            // try?: not written yet.
                            try? String(
                                contentsOf: folder.appending(path: name), encoding: .utf8)
                        }
                    }
                    try await eventually("xterm is seen") {
                        sink.seen.values.contains { body in
                            if case .window(let place) = body {
                                place.app == "XTerm"
                            } else {
                                false
                            }
                        }
                    }
                    try await hand(["type", "--delay", "15", "Hullo wrld 5"])
                    try await hand(["key", "--delay", "15", "BackSpace", "BackSpace"])
                    try await hand(["type", "--delay", "15", "x, \"@#~\" (£)"])
                    try await hand(["key", "Return"])
                    let line = try await written("line")
                    _ = try await written("asked")
                    func withheld() -> Int {
                        sink.seen.values.filter { $0.kind == .secret }.count
                    }
                    try await hand(["type", "--delay", "15", "hunter2"])
                    try await eventually("the password is withheld") { withheld() >= 7 }
                    #expect(withheld() == 7)
                    try await hand(["key", "Return"])
                    #expect(try await written("secret") == "hunter2")
                    // Keys are told again once the agent has seen that they are shown again.
                    try await eventually("the echo is seen") {
                        await source.lastLooks == [.echoing, .echoing]
                    }
                    try await hand(["type", "--delay", "15", "after"])
                    try await hand(["key", "Return"])
                    #expect(try await written("last") == "after")
                    try await eventually("the last Enter is seen") {
                        text(sink.seen.values).hasSuffix("after<Enter>")
                    }
                    #expect(line == "Hullo wrldx, \"@#~\" (£)")
                    #expect(
                        text(sink.seen.values)
                            == "Hullo wrld 5<Backspace><Backspace>x, \"@#~\" (£)<Enter>"
                            + "after<Enter>")
                    // The Enter that ended the prompt is counted too.
                    #expect(withheld() == 8)
                }
            }
        }
    }

    @Test func `clicks of three buttons are seen at their points`() async throws {
        try await withDesktop { hand, sink, _, _ in
            try await eventually("capture runs") {
                try await hand(["mousemove", "11", "12", "click", "1"])
                return sink.seen.values.contains { $0.kind == .click }
            }
            try await hand(["mousemove", "50", "60", "click", "3", "click", "2", "click", "4"])
            try await eventually("the clicks are seen") {
                sink.seen.values.suffix(2).map(\.kind) == [.click, .click]
            }
            let nowhere = Place(app: "", window: "")
            let clicks = sink.seen.values.filter { $0.kind == .click }
            #expect(clicks.first == .click(button: .left, x: 11, y: 12, place: nowhere))
            #expect(
                clicks.suffix(2) == [
                    .click(button: .right, x: 50, y: 60, place: nowhere),
                    .click(button: .middle, x: 50, y: 60, place: nowhere),
                ])
        }
    }

    @Test func `the notice stands in a window until it is accepted`() async throws {
        try await withDesktop { hand, _, _, display in
            let presenter = NoticeWindowPresenter(
                display: display, seconds: 0, clock: SystemClock())
            let notice = try MonitoringNotice(
                school: "Hillside School", text: "We record what you type.", version: "7")
            let shown = Recorded<EventBody.NoticeAction>()
            let showing = Task { shown.note(try await presenter.show(notice)) }
            try await hand(["search", "--sync", "--name", "Monitoring notice"])
            #expect(shown.values.isEmpty)
            try await eventually("the notice is accepted") {
                try await hand(["key", "Return"])
                return shown.values == [.accepted]
            }
            _ = try await showing.value
        }
    }

    @Test func `a notice with a time closes by itself as shown`() async throws {
        try await withDesktop { _, _, _, display in
            let presenter = NoticeWindowPresenter(
                display: display, seconds: 1, clock: SystemClock())
            let notice = try MonitoringNotice(
                school: "Hillside School", text: "We record what you type.", version: "7")
            #expect(try await presenter.show(notice) == .shown)
        }
    }

    @Test func `a display that is not there is named`() async throws {
        let source = DesktopSource(
            display: ":4711", windows: SecretWindows(), clock: SystemClock())
        await #expect {
            try await source.run(into: KeepingSink())
        } throws: { error in
            (error as? AgentError)?.message.contains(":4711") == true
        }
    }

    @Test func `a display that goes while the notice is on view has not shown it`() async throws {
        try await withServer { server, display in
            let presenter = NoticeWindowPresenter(
                display: display, seconds: 0, clock: SystemClock())
            let notice = try MonitoringNotice(
                school: "Hillside School", text: "We record what you type.", version: "7")
            let showing = Task { try await presenter.show(notice) }
            let found = try await Tool(named: "xdotool").run(
                ["search", "--sync", "--name", "Monitoring notice"],
                environment: ["DISPLAY": display])
            #expect(found.status == 0)
            server.signal(.kill)
            await #expect(throws: AgentError.displayGone(name: display)) {
                try await showing.value
            }
        }
    }

    /// Xlib would end the process at any of these.
    @Test func `a display that goes after any number of bytes ends the source and nothing else`()
        async throws
    {
        try await withServer { _, server in
            let cuts = [-9_000, -1] + Array(stride(from: 0, to: 1_500, by: 30))
            let relay = ["-c", relayScript, "/tmp/.X11-unix/X" + server.dropFirst()]
            try await Tool(named: "python3").with(relay + cuts.map { "\($0)" }) { relay in
                let display = try await eventually("the relay is up") {
                    relay.output.hasSuffix("\n") ? ":" + relay.output.dropLast() : nil
                }
                for cut in cuts {
                    let source = DesktopSource(
                        display: display, windows: SecretWindows(), clock: SystemClock())
                    await #expect(
                        throws: AgentError.displayGone(name: display), "after \(cut) bytes"
                    ) {
                        try await source.run(into: KeepingSink())
                    }
                }
                // All of them came so far and no further.
                let answers = try await eventually("the relay is done") {
                    let answers = relay.output.split(separator: "\n").dropFirst()
                    return answers.count == cuts.count ? answers : nil
                }
                #expect(answers.allSatisfy { $0 == "0" })
            }
        }
    }
}

/// Passes bytes on between a client and an X server, and hangs up once the server has sent so many
/// after its first answer: the n-th connection has the n-th number.
private let relayScript = """
    import socket, sys, threading

    def listen():
        for number in range(1000, 2000):
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind("\\0/tmp/.X11-unix/X%d" % number)
            except OSError:
                continue
            listener.listen(5)
            print(number, flush=True)
            return listener

    listener = listen()

    def pass_on(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass

    for cut in map(int, sys.argv[2:]):
        client, _ = listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(sys.argv[1])
        threading.Thread(target=pass_on, args=(client, server), daemon=True).start()
        head = server.recv(8, socket.MSG_WAITALL)
        left = 8 + 4 * int.from_bytes(head[6:8], sys.byteorder) + cut - len(head)
        try:
            client.sendall(head)
            while left > 0:
                data = server.recv(min(left, 65536))
                client.sendall(data)
                left -= len(data)
        except OSError:
            pass
        print(left, flush=True)
        for end in (client, server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    """
