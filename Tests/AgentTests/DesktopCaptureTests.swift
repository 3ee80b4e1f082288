import Events
import Foundation
import TestSupport
import Testing

@testable import Agent

/// A sink that keeps everything.
private final class KeepingSink: EventSink {
    let seen = Recorded<EventBody>()
    func record(_ observations: [Observation]) async {
        observations.forEach { seen.note($0.body) }
    }
}

/// Xlib ends the whole process when a display goes, and with it every other test: so these run alone,
/// with `DAYBOOK_DESKTOP=1 swift test --filter DesktopCaptureTests`.
private let hasDesktop =
    ProcessInfo.processInfo.environment["DAYBOOK_DESKTOP"] != nil

/// Real keys on a real X server, into a real program.
@Suite(
    .serialized, .enabled(if: hasDesktop, "runs alone, with DAYBOOK_DESKTOP=1"))
struct DesktopCaptureTests {
    /// A virtual display with a British keyboard, and a source that watches it.
    private func withDesktop(
        _ body: (
            _ hand: @escaping ([String]) async throws -> Void, KeepingSink, DesktopSource, String
        ) async throws -> Void
    ) async throws {
        let server = try Tool(named: "Xvfb")
        try await server.with([
            "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset",
        ]) { running in
            let number = try await eventually("the display is up") {
                let text = running.output.trimmingCharacters(in: .whitespacesAndNewlines)
                return running.output.hasSuffix("\n") ? Int(text) : nil
            }
            let display = ":\(number)"
            let environment = ["DISPLAY": display]
            let layout = try await Tool(named: "setxkbmap").run(["gb"], environment: environment)
            #expect(layout.status == 0)
            let sink = KeepingSink()
            let source = DesktopSource(
                display: display, windows: SecretWindows(), clock: SystemClock())
            let watching = Task { try await source.run(into: sink) }
            defer { watching.cancel() }
            let hand = try Tool(named: "xdotool")
            try await body(
                { arguments in
                    let result = try await hand.run(arguments, environment: environment)
                    #expect(result.status == 0, "\(result.transcript)")
                }, sink, source, display)
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
}
