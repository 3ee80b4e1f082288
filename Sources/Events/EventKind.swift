/// What sort of thing happened. The raw values are stored: they never change and are never reused.
public enum EventKind: UInt8, CaseIterable, Sendable {
    case key = 1
    case secret = 2
    case click = 3
    case window = 4
    case process = 5
    case url = 6
    case clipboard = 7
    case session = 8
    case notice = 9
    case filter = 10
    case guest = 11
    case media = 12
    case agent = 13
    case clock = 14
    case gap = 15

    /// The name on the wire and in envelopes (`events.md`).
    public var name: String {
        switch self {
        case .key: "key"
        case .secret: "secret"
        case .click: "click"
        case .window: "window"
        case .process: "process"
        case .url: "url"
        case .clipboard: "clipboard"
        case .session: "session"
        case .notice: "notice"
        case .filter: "filter"
        case .guest: "guest"
        case .media: "media"
        case .agent: "agent"
        case .clock: "clock"
        case .gap: "gap"
        }
    }

    /// The kind of a wire name; nil when there is no such kind.
    public init?(name: String) {
        guard let kind = EventKind.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}
