public import Events
import Typing

/// What one pupil does in one login session, event by event, on a clock of its own.
public struct Scene: Sendable {
    /// Who is where.
    public let context: SessionContext
    /// What happened so far; sequence numbers are given when it is sent.
    public private(set) var events: [Event] = []
    /// The workstation's clock.
    public private(set) var time: Instant

    private var place = Place(app: "writer", window: "Essay - Writer")

    /// A session that starts at an instant.
    public init(_ user: String, at machine: String, session: String, from start: Instant) {
        guard let machine = MachineID(machine), let student = StudentID(user),
            let session = SessionID(session)
        else { preconditionFailure("an empty name in a test scene") }
        context = SessionContext(machine: machine, student: student, session: session)
        time = start
    }

    /// The monitoring notice is shown and accepted.
    public mutating func seesNotice() {
        add(.notice(version: "2026-1", action: .shown))
        add(.notice(version: "2026-1", action: .accepted))
    }

    /// The focus moves to a window.
    public mutating func opens(_ app: String, _ window: String) {
        place = Place(app: app, window: window)
        add(.window(place))
    }

    /// Keys are pressed; `⌫` is Backspace, a newline is Enter.
    public mutating func types(_ text: String) {
        for event in KeystrokeText.events(from: text, place: place, start: time) {
            events.append(event)
            time = event.time
        }
        waits(seconds: 1)
    }

    /// A page is visited.
    public mutating func visits(_ url: String, title: String) {
        add(.url(.init(url: url, title: title, app: place.app, origin: .navigated)))
    }

    /// A program starts.
    public mutating func starts(_ image: String, _ commandLine: String) {
        add(
            .process(
                .init(
                    action: .start, image: image, commandLine: commandLine,
                    parentImage: "/usr/bin/sh", pid: 4_000, parentPid: 1)))
    }

    /// Time passes.
    public mutating func waits(seconds: Int64) {
        time = time.advanced(byMilliseconds: seconds * 1_000)
    }

    /// Something else happens.
    public mutating func add(_ body: EventBody) {
        events.append(Event(time: time, sequence: 0, body: body))
        waits(seconds: 1)
    }
}
