import Events

/// A value of a content that we write ourselves.
enum CanonicalValue {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case list([String])

    func write(to out: inout [UInt8]) {
        switch self {
        case .text(let text): JSONText.write(text.utf8, to: &out)
        case .integer(let value): out.append(contentsOf: String(value).utf8)
        case .boolean(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .list(let texts):
            out.append(0x5B)
            for (index, text) in texts.enumerated() {
                if index > 0 { out.append(0x2C) }
                JSONText.write(text.utf8, to: &out)
            }
            out.append(0x5D)
        }
    }
}

extension CanonicalContent {
    typealias Field = (name: String, value: CanonicalValue)

    /// The fields of a body, in no particular order (`events.md`, table Kinds).
    static func bodyFields(_ body: EventBody) -> [Field] {
        switch body {
        case .key(let press):
            var fields = placeFields(press.place) + [("key", .text(press.key))]
            if !press.modifiers.isEmpty {
                let held = Modifiers.names.filter { press.modifiers.contains($0.0) }.map(\.1)
                fields.append(("modifiers", .list(held)))
            }
            return fields
        case .secret(let count, let place):
            return placeFields(place) + [("count", .integer(Int64(count)))]
        case .click(let button, let x, let y, let place):
            return placeFields(place) + [
                ("button", .text(button.rawValue)), ("x", .integer(Int64(x))),
                ("y", .integer(Int64(y))),
            ]
        case .window(let place): return placeFields(place)
        case .process(let change):
            return [
                ("action", .text(change.action.rawValue)), ("image", .text(change.image)),
                ("commandLine", .text(change.commandLine)),
                ("parentImage", .text(change.parentImage)), ("pid", .integer(Int64(change.pid))),
                ("parentPid", .integer(Int64(change.parentPid))),
            ]
        case .url(let visit):
            return [
                ("url", .text(visit.url)), ("title", .text(visit.title)),
                ("app", .text(visit.app)), ("origin", .text(visit.origin.rawValue)),
            ]
        case .clipboard(let operation, let length, let text):
            var fields: [Field] = [
                ("operation", .text(operation.rawValue)), ("length", .integer(Int64(length))),
            ]
            if let text { fields.append(("text", .text(text))) }
            return fields
        case .session(let action): return [("action", .text(action.rawValue))]
        case .notice(let version, let action):
            return [("action", .text(action.rawValue)), ("version", .text(version))]
        case .filter(let change):
            return [
                ("action", .text(change.action.rawValue)), ("for", .text(change.person)),
                ("reason", .text(change.reason)), ("approver", .text(change.approver)),
                ("until", .text(change.until)),
            ]
        case .guest(let action, let sponsor, let until):
            return [
                ("action", .text(action.rawValue)), ("sponsor", .text(sponsor)),
                ("until", .text(until)),
            ]
        case .media(let action, let device):
            return [("action", .text(action.rawValue)), ("device", .text(device))]
        case .agent(let action, let counters):
            return [("action", .text(action.rawValue))]
                + counters.map { ($0.key, .integer(Int64($0.value))) }
        case .clock(let before, let after):
            return [
                ("before", .integer(before.milliseconds)), ("after", .integer(after.milliseconds)),
            ]
        case .gap(let first, let last, let cause):
            return [
                ("first", .integer(Int64(clamping: first))),
                ("last", .integer(Int64(clamping: last))), ("cause", .text(cause)),
            ]
        }
    }

    private static func placeFields(_ place: Place) -> [Field] {
        [("app", .text(place.app)), ("window", .text(place.window))]
    }
}
