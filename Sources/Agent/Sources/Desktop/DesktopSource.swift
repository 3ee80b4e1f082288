import Events

/// Watches keys, clicks and windows of an X display (P2).
public actor DesktopSource: EventSource {
    /// The name in messages.
    public nonisolated let name = "desktop"
    private let executor = DispatchExecutor(label: "daybook.agent.desktop")
    /// The actor runs on its own queue, since it waits for the display.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private let display: String?
    private let windows: SecretWindows
    private let clock: any AgentClock
    /// What the last two rounds saw of the active window's terminal, for tests.
    private(set) var lastLooks: [TerminalLook] = []

    /// A source for a display; nil for the environment's.
    public init(display: String?, windows: SecretWindows, clock: any AgentClock) {
        self.display = display
        self.windows = windows
        self.clock = clock
    }

    /// Watches until cancelled; throws ``AgentError/displayGone(name:)`` when the display goes, which is
    /// the end of the login session.
    public func run(into sink: any EventSink) async throws {
        let display = try X11Display(self.display)
        let state = try display.beginCapture()
        var observer = DesktopObserver(windows: windows)
        observer.begin(display, modifiers: state.modifiers, group: state.group)
        while !Task.isCancelled, !display.isLost {
            var observations = round(display, &observer)
            // The second look is older than whatever is typed while we wait (``TerminalEcho``).
            if observer.lastLook != .notATerminal { observations += round(display, &observer) }
            if !observations.isEmpty { await sink.record(observations) }
            await Task.yield()
            display.wait(milliseconds: AgentLimits.desktopPollMilliseconds)
        }
        try display.check()
    }

    private func round(_ display: X11Display, _ observer: inout DesktopObserver) -> [Observation] {
        display.synchronise()
        while let signal = display.next() { observer.take(signal, display) }
        observer.lookAround(display)
        let bodies = observer.settle(display, at: clock.monotonicMilliseconds)
        lastLooks = lastLooks.suffix(1) + [observer.lastLook]
        return bodies.map { Observation($0, at: clock) }
    }
}
