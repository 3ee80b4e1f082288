import Events

/// One thing that the display told, in the order in which the display saw it.
enum DesktopSignal: Equatable, Sendable {
    /// A key went down.
    case keyDown(code: Int, time: UInt)
    /// A key went up.
    case keyUp(code: Int, time: UInt)
    /// A mouse button went down.
    case buttonDown(button: Int, time: UInt)
    /// Modifiers or group of the keyboard changed.
    case keyboardState(modifiers: UInt32, group: Int)
    /// The meaning of keys changed.
    case keyboardMap
    /// The active window became another one.
    case activeWindow(time: UInt)
    /// A title changed.
    case title(window: UInt, time: UInt)
    /// The focus moved, or something took the keyboard for itself (`isGrab`).
    case focusOut(window: UInt, isGrab: Bool)
    /// The focus came, or the keyboard was given back (`isUngrab`).
    case focusIn(window: UInt, isGrab: Bool, isUngrab: Bool)
    /// A window came up.
    case mapped(window: UInt)

    /// Whether it can change which window the keys after it go to.
    var changesPlace: Bool {
        switch self {
        case .activeWindow, .title: true
        case .focusOut(_, let isGrab): !isGrab
        case .focusIn(_, let isGrab, let isUngrab): !isGrab && !isUngrab
        default: false
        }
    }

    /// The server's time of it in milliseconds; nil when it carries none.
    var time: UInt? {
        switch self {
        case .keyDown(_, let time), .keyUp(_, let time), .buttonDown(_, let time),
            .activeWindow(let time), .title(_, let time):
            time
        default: nil
        }
    }
}

/// What the observer asks of the display; answers are of now, which may be later than the signal.
protocol DesktopReader: AnyObject {
    /// The window that the window manager calls active; nil when no window manager says.
    func activeWindow() -> UInt?
    /// The window that has the keyboard focus; 0 for none.
    func focusWindow() -> UInt
    /// The window of an application that a window belongs to; 0 for none.
    func topLevel(of window: UInt) -> UInt
    /// Program and title of an application's window.
    func place(of window: UInt) -> Place
    /// Asks for changes of title and focus of a window.
    func watch(_ window: UInt)
    /// Where the mouse is, and over which application's window (0 for none).
    func pointer() -> (x: Int, y: Int, window: UInt)
    /// What a key means under modifiers and group.
    func meaning(of code: Int, modifiers: UInt32, group: Int) -> KeyMeaning
    /// How a held key repeats, in milliseconds; nil when it does not.
    func repeatRate(of code: Int) -> (delay: Int, interval: Int)?
    /// Whether signals wait that change which window keys go to.
    func hasPlaceChangeWaiting() -> Bool
    /// Whether two windows belong to one program.
    func isSameProgram(_ window: UInt, _ other: UInt) -> Bool
    /// What a look at the terminals of a window's program shows, at a time of the monotonic clock;
    /// `areKeysWaiting` asks for more care.
    func terminal(of window: UInt, areKeysWaiting: Bool, at now: Int64) -> TerminalLook
}
