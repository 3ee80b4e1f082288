public import Events

/// Turns canonical contents back into typed bodies.
///
/// It keeps the last place it met, since thousands of keys in a row go to the same window: their
/// program and title are then the same two strings and cost nothing. One decoder has one owner.
public struct ContentDecoder: Sendable {
    private var members: [JSONMember] = []
    private var lastApp: [UInt8] = []
    private var lastWindow: [UInt8] = []
    private var lastPlace = Place(app: "", window: "")
    private var keys = KeyForms()

    /// A decoder that has met nothing yet.
    public init() {}

    /// The body of a content that lies in a range of some bytes.
    public mutating func body(kind: EventKind, in bytes: [UInt8], _ range: Range<Int>)
        throws(WireError) -> EventBody
    {
        try scan(bytes, range, kind: kind)
        return body(kind: kind, in: bytes)
    }

    /// The body of a content.
    public mutating func body(kind: EventKind, content: [UInt8]) throws(WireError) -> EventBody {
        try body(kind: kind, in: content, 0..<content.count)
    }

    /// A whole event from its envelope's facts and a content that lies in a range of some bytes.
    public mutating func event(
        time: Instant, sequence: UInt64, kind: EventKind, in bytes: [UInt8], _ range: Range<Int>
    ) throws(WireError) -> Event {
        if kind == .key, let (saying, key) = keys.match(bytes, range) {
            let press = KeyPress(key: key, place: saying.place, modifiers: saying.modifiers)
            return Event(
                time: time, sequence: sequence, body: .key(press), isOnSite: saying.isOnSite,
                isRemote: saying.isRemote)
        }
        try scan(bytes, range, kind: kind)
        let site = find(.site, in: bytes).map { text($0, in: bytes) }
        let remote = find(.remote, in: bytes).map { bytes[$0.value.lowerBound] == 0x74 }
        let event = Event(
            time: time, sequence: sequence, body: body(kind: kind, in: bytes),
            isOnSite: site.map { $0 == "on" }, isRemote: remote ?? false)
        if case .key(let press) = event.body, let member = find(.key, in: bytes),
            member.type == .string, member.flags.isEmpty
        {
            let name = member.value.lowerBound + 1..<member.value.upperBound - 1
            keys.learn(event, press, bytes, range, name: name)
        }
        return event
    }

    /// A whole event from its envelope's facts and its content.
    public mutating func event(
        time: Instant, sequence: UInt64, kind: EventKind, content: [UInt8]
    ) throws(WireError) -> Event {
        try event(
            time: time, sequence: sequence, kind: kind, in: content, 0..<content.count)
    }

    /// An event of columns.
    public mutating func event(_ index: Int, of columns: EventColumns) throws(WireError) -> Event {
        try event(
            time: Instant(milliseconds: columns.wallMilliseconds[index]),
            sequence: columns.sequences[index], kind: columns.kinds[index],
            in: columns.contents, columns.contentRange(index))
    }

    private mutating func scan(_ bytes: [UInt8], _ range: Range<Int>, kind: EventKind)
        throws(WireError)
    {
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        try scanner.object(into: &members)
        try ContentSchema.check(members, of: bytes, kind: kind)
    }

    /// The body of the members just scanned and checked.
    private mutating func body(kind: EventKind, in bytes: [UInt8]) -> EventBody {
        func string(_ name: FieldName) -> String {
            find(name, in: bytes).map { text($0, in: bytes) } ?? ""
        }
        func number(_ name: FieldName) -> Int {
            find(name, in: bytes).flatMap { integer(in: bytes, $0.value) }.map { Int($0) } ?? 0
        }
        switch kind {
        case .key:
            return .key(
                KeyPress(
                    key: string(.key), place: place(in: bytes), modifiers: modifiers(in: bytes)))
        case .secret: return .secret(count: number(.count), place: place(in: bytes))
        case .click:
            return .click(
                button: .init(rawValue: string(.button)) ?? .left, x: number(.x),
                y: number(.y), place: place(in: bytes))
        case .window: return .window(place(in: bytes))
        case .process:
            return .process(
                .init(
                    action: .init(rawValue: string(.action)) ?? .start, image: string(.image),
                    commandLine: string(.commandLine), parentImage: string(.parentImage),
                    pid: number(.pid), parentPid: number(.parentPid)))
        case .url:
            return .url(
                .init(
                    url: string(.url), title: string(.title), app: string(.app),
                    origin: .init(rawValue: string(.origin)) ?? .navigated))
        case .clipboard:
            return .clipboard(
                operation: .init(rawValue: string(.operation)) ?? .copy,
                length: number(.length),
                text: find(.text, in: bytes).map { text($0, in: bytes) })
        case .session: return .session(.init(rawValue: string(.action)) ?? .start)
        case .notice:
            return .notice(
                version: string(.version), action: .init(rawValue: string(.action)) ?? .shown)
        case .filter:
            return .filter(
                .init(
                    action: .init(rawValue: string(.action)) ?? .blocked, person: string(.person),
                    reason: string(.reason), approver: string(.approver),
                    until: string(.until)))
        case .guest:
            return .guest(
                action: .init(rawValue: string(.action)) ?? .issued, sponsor: string(.sponsor),
                until: string(.until))
        case .media:
            return .media(
                action: .init(rawValue: string(.action)) ?? .inserted, device: string(.device))
        case .agent:
            return .agent(
                action: .init(rawValue: string(.action)) ?? .heartbeat,
                counters: counters(in: bytes))
        case .clock:
            return .clock(
                before: instant(.before, in: bytes), after: instant(.after, in: bytes))
        case .gap:
            return .gap(
                first: UInt64(number(.first)), last: UInt64(number(.last)),
                cause: string(.cause))
        }
    }

    private func find(_ name: FieldName, in bytes: [UInt8]) -> JSONMember? {
        let wanted = FieldName.bytes[name.rawValue]
        return members.first { isKey(wanted, of: $0, in: bytes) }
    }

    private func text(_ member: JSONMember, in bytes: [UInt8]) -> String {
        guard member.type == .string else { return "" }
        let inner = member.value.lowerBound + 1..<member.value.upperBound - 1
        if member.flags.contains(.hasEscape) {
            var wasRepaired = false
            let decoded = JSONText.decode(bytes, inner, wasRepaired: &wasRepaired)
            return String(decoding: decoded, as: UTF8.self)
        }
        return String(decoding: bytes[inner], as: UTF8.self)
    }

    private mutating func place(in bytes: [UInt8]) -> Place {
        let app = find(.app, in: bytes)
        let window = find(.window, in: bytes)
        let appRange = app?.value ?? 0..<0
        let windowRange = window?.value ?? 0..<0
        if isEqual(lastApp, bytes, appRange), isEqual(lastWindow, bytes, windowRange) {
            return lastPlace
        }
        lastApp = Array(bytes[appRange])
        lastWindow = Array(bytes[windowRange])
        lastPlace = Place(
            app: app.map { text($0, in: bytes) } ?? "",
            window: window.map { text($0, in: bytes) } ?? "")
        return lastPlace
    }

    private func modifiers(in bytes: [UInt8]) -> Modifiers {
        guard let member = find(.modifiers, in: bytes) else { return [] }
        var held: Modifiers = []
        let value = String(decoding: bytes[member.value], as: UTF8.self)
        // Names are plain words, whether they come as a list or joined by a separator.
        for word in value.split(whereSeparator: { !$0.isLetter }) {
            if let known = Modifiers.names.first(where: { $0.1 == word }) {
                held.insert(known.0)
            } else if word == "Ctrl" {
                held.insert(.control)
            }
        }
        return held
    }

    private func counters(in bytes: [UInt8]) -> [String: Int] {
        var counters: [String: Int] = [:]
        for member in members where member.type == .integer {
            guard let value = integer(in: bytes, member.value) else { continue }
            counters[String(decoding: bytes[member.key], as: UTF8.self)] = Int(value)
        }
        return counters
    }

    private func instant(_ name: FieldName, in bytes: [UInt8]) -> Instant {
        guard let member = find(name, in: bytes) else { return Instant(milliseconds: 0) }
        if member.type == .integer {
            return Instant(milliseconds: integer(in: bytes, member.value) ?? 0)
        }
        return Instant(rfc3339: text(member, in: bytes)) ?? Instant(milliseconds: 0)
    }
}

/// The names of content fields that are decoded.
private enum FieldName: Int, CaseIterable {
    case action, after, app, approver, before, button, cause, commandLine, count, device, first,
        image, key, last, length, modifiers, operation, origin, parentImage, parentPid, person, pid,
        reason, remote, site, sponsor, text, title, until, url, version, window, x, y

    /// The names as they stand on the wire, by raw value.
    static let bytes: [[UInt8]] = allCases.map { name in
        Array((name == .person ? "for" : "\(name)").utf8)
    }
}
