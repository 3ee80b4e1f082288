import Events

/// A computer under a pupil's hands: the clock runs, the focus moves, events are written down.
struct Desk {
    private(set) var events: [Event] = []
    /// The wall clock in Unix milliseconds. Only the agent's rounding sees it (G1).
    private(set) var clock: Int64
    private(set) var place = Place(app: "explorer.exe", window: "Desktop")
    private var sequence: UInt64
    /// Set while a teacher holds the keyboard from afar (P4).
    var isRemote = false

    init(clock: Instant, sequence: UInt64) {
        self.clock = clock.milliseconds
        self.sequence = sequence
        events.reserveCapacity(4_096)
    }

    /// The sequence number of the next event.
    var nextSequence: UInt64 { sequence }

    mutating func wait(milliseconds: Int) { clock += Int64(milliseconds) }

    mutating func press(_ key: String, _ modifiers: Modifiers = []) {
        add(.key(KeyPress(key: key, place: place, modifiers: modifiers)), isKey: true)
    }

    /// Moves the focus; nothing happens when it is there already.
    mutating func focus(_ app: String, _ window: String) {
        let other = Place(app: app, window: window)
        guard other != place else { return }
        place = other
        add(.window(place))
    }

    mutating func click(_ button: EventBody.MouseButton = .left, x: Int, y: Int) {
        add(.click(button: button, x: x, y: y, place: place))
    }

    mutating func note(_ body: EventBody) { add(body) }

    private mutating func add(_ body: EventBody, isKey: Bool = false) {
        let time = Instant(milliseconds: clock)
        events.append(
            Event(
                time: isKey ? time.roundedDownToSecond : time, sequence: sequence, body: body,
                isRemote: isRemote && isKey))
        sequence += 1
    }
}
