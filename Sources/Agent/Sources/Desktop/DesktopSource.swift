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

    /// A source for a display; nil for the environment's.
    public init(display: String?, windows: SecretWindows, clock: any AgentClock) {
        self.display = display
        self.windows = windows
        self.clock = clock
    }

    /// Watches until cancelled, or until the display is gone, which is the end of the login session.
    public func run(into sink: any EventSink) async throws {
        let display = try X11Display(self.display)
        let state = try display.beginCapture()
        var observer = DesktopObserver(windows: windows)
        let first = observer.begin(display, modifiers: state.modifiers, group: state.group)
        await sink.record(first.map { Observation($0, at: clock) })
        while !Task.isCancelled, !display.isLost {
            display.wait(milliseconds: AgentLimits.desktopPollMilliseconds)
            var observations: [Observation] = []
            while let signal = display.next() {
                observations += observer.take(signal, display).map { Observation($0, at: clock) }
            }
            observations += observer.lookAround(display).map { Observation($0, at: clock) }
            if !observations.isEmpty { await sink.record(observations) }
            await Task.yield()
        }
    }
}
