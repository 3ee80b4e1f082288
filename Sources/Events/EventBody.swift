/// Where on the screen something happened.
public struct Place: Hashable, Sendable {
    /// The program, as its window class or image name.
    public var app: String
    /// The window's title.
    public var window: String

    /// A place from program and window title; either may be empty when unknown.
    public init(app: String, window: String) {
        self.app = app
        self.window = window
    }
}

/// Modifier keys held down with another key.
public struct Modifiers: OptionSet, Hashable, Sendable {
    /// The set as bits; stored, so bits are never reused.
    public let rawValue: UInt8
    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// W3C `Shift`.
    public static let shift = Modifiers(rawValue: 1)
    /// W3C `Control`.
    public static let control = Modifiers(rawValue: 2)
    /// W3C `Alt`.
    public static let alt = Modifiers(rawValue: 4)
    /// W3C `Meta` (the Windows or Command key).
    public static let meta = Modifiers(rawValue: 8)
    /// W3C `AltGraph`.
    public static let altGraph = Modifiers(rawValue: 16)

    /// The W3C name of each single modifier, in the order in which they are written.
    public static let names: [(Modifiers, String)] = [
        (.alt, "Alt"), (.altGraph, "AltGraph"), (.control, "Control"), (.meta, "Meta"),
        (.shift, "Shift"),
    ]
}

/// One key pressed: the W3C UI Events `KeyboardEvent.key` value and where it went.
public struct KeyPress: Hashable, Sendable {
    /// `"a"`, `"A"`, `"é"`, `"Backspace"`, `"ArrowLeft"`, `"Dead"` and so on.
    public var key: String
    /// The window that had the focus.
    public var place: Place
    /// Modifier keys held down.
    public var modifiers: Modifiers

    /// A key press in a window.
    public init(key: String, place: Place, modifiers: Modifiers = []) {
        self.key = key
        self.place = place
        self.modifiers = modifiers
    }
}

/// The data of an event, one case for each kind of `events.md`.
public enum EventBody: Hashable, Sendable {
    /// A key was pressed.
    case key(KeyPress)
    /// Keys were withheld in a secret field: how many, never which.
    case secret(count: Int, place: Place)
    /// A mouse button was pressed at a point of the screen, in pixels.
    case click(button: MouseButton, x: Int, y: Int, place: Place)
    /// The focus moved to a window.
    case window(Place)
    /// A program started or ended.
    case process(ProcessChange)
    /// A page was shown.
    case url(PageVisit)
    /// The clipboard was used; `length` in characters.
    case clipboard(operation: ClipboardOperation, length: Int, text: String?)
    /// A login session changed.
    case session(SessionAction)
    /// The monitoring notice was shown or answered (P1).
    case notice(version: String, action: NoticeAction)
    /// The web filter was switched or blocked something (P8, P9).
    case filter(FilterChange)
    /// A guest account was issued or ended (P7).
    case guest(action: GuestAction, sponsor: String, until: String)
    /// A removable medium came or went (P12).
    case media(action: MediaAction, device: String)
    /// The agent speaks of itself (P11), with named counters.
    case agent(action: AgentAction, counters: [String: Int])
    /// The wall clock jumped; both in Unix milliseconds.
    case clock(before: Instant, after: Instant)
    /// Events are missing: their first and last sequence number, and why.
    case gap(first: UInt64, last: UInt64, cause: String)

    /// A mouse button.
    public enum MouseButton: String, Sendable { case left, right, middle }
    /// What was done with the clipboard.
    public enum ClipboardOperation: String, Sendable { case copy, cut, paste }
    /// What happened to a login session.
    public enum SessionAction: String, Sendable { case start, end, lock, unlock, `switch` }
    /// What became of the notice.
    public enum NoticeAction: String, Sendable { case shown, accepted, declined }
    /// What became of a guest account.
    public enum GuestAction: String, Sendable { case issued, expired }
    /// What became of a removable medium.
    public enum MediaAction: String, Sendable { case inserted, removed }
    /// What the agent reports about itself.
    public enum AgentAction: String, Sendable { case start, stop, heartbeat, tamper, update }

    /// A program that started or ended; Sigma's `process_creation` maps from here.
    public struct ProcessChange: Hashable, Sendable {
        /// Whether it started or ended.
        public enum Action: String, Sendable { case start, end }
        /// Whether it started or ended.
        public var action: Action
        /// Path of the program.
        public var image: String
        /// Its command line; empty when unknown.
        public var commandLine: String
        /// Path of the program that started it; empty when unknown.
        public var parentImage: String
        /// Process id.
        public var pid: Int
        /// Process id of the parent; 0 when unknown.
        public var parentPid: Int

        /// A program that started or ended.
        public init(
            action: Action, image: String, commandLine: String, parentImage: String, pid: Int,
            parentPid: Int
        ) {
            self.action = action
            self.image = image
            self.commandLine = commandLine
            self.parentImage = parentImage
            self.pid = pid
            self.parentPid = parentPid
        }
    }

    /// A page that was shown.
    public struct PageVisit: Hashable, Sendable {
        /// How the page came: only `navigated` counts against anybody.
        public enum Origin: String, Sendable { case navigated, embedded, background }
        /// The page's address.
        public var url: String
        /// The page's title.
        public var title: String
        /// The browser.
        public var app: String
        /// How the page came.
        public var origin: Origin

        /// A page that was shown.
        public init(url: String, title: String, app: String, origin: Origin) {
            self.url = url
            self.title = title
            self.app = app
            self.origin = origin
        }
    }

    /// A change of the web filter, or something it did.
    public struct FilterChange: Hashable, Sendable {
        /// What happened.
        public enum Action: String, Sendable { case off, on, blocked, listChanged = "list-changed" }
        /// What happened.
        public var action: Action
        /// For whom.
        public var person: String
        /// Why.
        public var reason: String
        /// Who allowed it.
        public var approver: String
        /// Until when, as the ledger says it.
        public var until: String

        /// A change of the filter; empty strings where the sender said nothing.
        public init(
            action: Action, person: String, reason: String, approver: String, until: String
        ) {
            self.action = action
            self.person = person
            self.reason = reason
            self.approver = approver
            self.until = until
        }
    }

    /// The kind this body belongs to.
    public var kind: EventKind {
        switch self {
        case .key: .key
        case .secret: .secret
        case .click: .click
        case .window: .window
        case .process: .process
        case .url: .url
        case .clipboard: .clipboard
        case .session: .session
        case .notice: .notice
        case .filter: .filter
        case .guest: .guest
        case .media: .media
        case .agent: .agent
        case .clock: .clock
        case .gap: .gap
        }
    }
}
