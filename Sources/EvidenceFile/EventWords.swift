import Events

/// Events in words, for tables that people read.
enum EventWords {
    /// One line that says what happened.
    static func text(_ body: EventBody) -> String {
        switch body {
        case .key(let press): key(press)
        case .secret(let count, _): "[\(count) keys in a secret field, not recorded]"
        case .click(let button, let x, let y, let place):
            "\(button.rawValue) click at \(x), \(y) in \(place.words)"
        case .window(let place): place.words
        case .process(let change):
            "\(change.action == .start ? "started" : "ended") \(change.image)"
                + (change.commandLine.isEmpty ? "" : " | \(change.commandLine)")
                + (change.parentImage.isEmpty ? "" : " | by \(change.parentImage)")
        case .url(let visit): "\(visit.url) | \(visit.title) | \(visit.origin.rawValue)"
        case .clipboard(let operation, let length, let text):
            "\(operation.rawValue) of \(length) characters" + (text.map { " | \($0)" } ?? "")
        case .session(let action): "session \(action.rawValue)"
        case .notice(let version, let action):
            "monitoring notice \(version) \(action.rawValue)"
        case .filter(let change):
            "filter \(change.action.rawValue)"
                + [change.person, change.reason, change.approver, change.until]
                .filter { !$0.isEmpty }.map { " | \($0)" }.joined()
        case .guest(let action, let sponsor, let until):
            "guest account \(action.rawValue) | \(sponsor) | \(until)"
        case .media(let action, let device): "\(device) \(action.rawValue)"
        case .agent(let action, let counters):
            "agent \(action.rawValue)"
                + counters.sorted { $0.key < $1.key }.map { " | \($0.key) \($0.value)" }.joined()
        case .clock(let before, let after):
            "clock set from \(before.rfc3339) to \(after.rfc3339)"
        case .gap(let first, let last, let cause): "events \(first) to \(last) missing | \(cause)"
        }
    }

    /// The text of a field that a rule can look at, by its Sigma name; nil when the body has none.
    static func field(_ name: String, of body: EventBody) -> String? {
        switch (body, name) {
        case (.url(let visit), "Url"): visit.url
        case (.url(let visit), "UrlTitle"): visit.title
        case (.url(let visit), "Application"): visit.app
        case (.process(let change), "Image"): change.image
        case (.process(let change), "CommandLine"): change.commandLine
        case (.process(let change), "ParentImage"): change.parentImage
        case (.clipboard(_, _, let text), "ClipboardText"): text
        case (_, "WindowTitle"): body.place?.window
        case (_, "Application"): body.place?.app
        default: nil
        }
    }

    /// What an auditor must know about what is missing or was switched off; nil for other events.
    static func disturbance(_ body: EventBody) -> String? {
        switch body {
        case .gap, .clock, .filter: text(body)
        case .agent(let action, _): action == .heartbeat ? nil : text(body)
        default: nil
        }
    }

    private static func key(_ press: KeyPress) -> String {
        let held = Modifiers.names.filter { press.modifiers.contains($0.0) && $0.0 != .shift }
            .map { $0.1 + "+" }.joined()
        return press.key.count == 1 && held.isEmpty ? press.key : "[\(held)\(press.key)]"
    }
}

extension EventBody {
    /// The window it happened in, where it has one.
    var place: Place? {
        switch self {
        case .key(let press): press.place
        case .secret(_, let place), .click(_, _, _, let place), .window(let place): place
        default: nil
        }
    }
}

extension Place {
    /// Program and title.
    fileprivate var words: String { window.isEmpty ? app : "\(app): \(window)" }
}
