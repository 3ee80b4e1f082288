import Events

/// Turns what the display tells into events: which key, in which window, and whether it is a secret.
///
/// Keys are given to the window that was active when the display saw them, not when we look: signals
/// come in the display's order. Where that cannot be known (the focus has moved on before its window
/// could be read, or a program has taken the keyboard for itself, as screen locks do) the key is
/// withheld and counted, since the one mistake that may not happen is a password in plain text (P22).
///
/// What was seen is held until ``settle(_:at:)`` has looked at the terminals it went to.
struct DesktopObserver {
    private var secrets: SecretFilter
    private var composer = KeyComposer()
    private var modifiers: UInt32 = 0
    private var group = 0
    private var window: UInt = 0
    private var place = Place(app: "", window: "")
    private var focus: UInt = 0
    private var focusPlace = Place(app: "", window: "")
    /// The last place that was told.
    private var told: Place?
    private var isUncertain = false
    private var isGrabbed = false
    private var held: HeldKey?
    private var seen: [Seen] = []
    private var echo = TerminalEcho()
    /// What the last look at the active window's terminal showed.
    private(set) var lastLook = TerminalLook.notATerminal

    /// A key that is down and may repeat.
    private struct HeldKey {
        var code: Int
        var since: UInt
        var body: EventBody
        var window: UInt
        var repeats = 0
    }

    /// Something that waits for a look at the terminal of its window.
    private struct Seen {
        var body: EventBody
        var window: UInt
    }

    init(windows: SecretWindows) { secrets = SecretFilter(windows) }

    /// Looks at what is there when capture begins.
    mutating func begin(_ reader: any DesktopReader, modifiers: UInt32, group: Int) {
        self.modifiers = modifiers
        self.group = group
        refresh(reader)
        see(tellPlace())
    }

    /// Takes one signal.
    mutating func take(_ signal: DesktopSignal, _ reader: any DesktopReader) {
        if let key = held {
            let repeats = settleRepeats(before: signal, reader)
            seen += repeats.map { Seen(body: $0, window: key.window) }
        }
        see(handle(signal, reader))
    }

    /// Looks around when nothing was signalled: without a window manager nothing else tells.
    mutating func lookAround(_ reader: any DesktopReader) {
        if reader.focusWindow() != focus { see(changed(reader)) }
    }

    /// Ends a round: looks at the terminals, and gives what was seen in it. Keys that may not be told
    /// are counts now, and what they were is forgotten.
    ///
    /// Before a round begins, everything that the display has to say must have been asked for
    /// (``TerminalEcho``).
    mutating func settle(_ reader: any DesktopReader, at now: Int64) -> [EventBody] {
        var presses: [(index: Int, press: KeyPress)] = []
        for (index, one) in seen.enumerated() {
            if case .key(let press) = one.body { presses.append((index, press)) }
        }
        let typedInto = Set(presses.map { seen[$0.index].window })
        var looks: [UInt: TerminalLook] = [:]
        for window in typedInto.union([window]) {
            looks[window] = reader.terminal(
                of: window, areKeysWaiting: typedInto.contains(window), at: now)
        }
        lastLook = looks[window] ?? .notATerminal
        let verdicts = echo.settle(
            presses.map { ($0.press.key, seen[$0.index].window) }, looks: looks, at: now)
        for (one, isSecret) in zip(presses, verdicts) where isSecret {
            seen[one.index].body = .secret(count: 1, place: one.press.place)
        }
        // Its repeats are no less secret, whenever they are counted.
        if verdicts.last == true, let place = presses.last?.press.place {
            held?.body = .secret(count: 1, place: place)
        }
        defer { seen.removeAll(keepingCapacity: true) }
        return seen.map(\.body)
    }

    private mutating func see(_ bodies: [EventBody]) {
        seen += bodies.map { Seen(body: $0, window: window) }
    }

    private mutating func handle(_ signal: DesktopSignal, _ reader: any DesktopReader)
        -> [EventBody]
    {
        switch signal {
        case .keyDown(let code, let time): return keyDown(code, time, reader)
        case .keyUp(let code, _):
            if held?.code == code { held = nil }
            return []
        case .buttonDown(let button, _): return click(button, reader)
        case .keyboardState(let modifiers, let group):
            self.modifiers = modifiers
            self.group = group
            return []
        case .keyboardMap: return []
        case .activeWindow: return changed(reader)
        case .title(let window, _): return window == self.window ? changed(reader) : []
        case .focusOut(_, let isGrab):
            if isGrab { isGrabbed = true }
            return isGrab ? [] : changed(reader)
        case .focusIn(let window, let isGrab, let isUngrab):
            if isUngrab { isGrabbed = false }
            // A program that grabs for its own menu or search box shows its own text to itself.
            if isGrab { isGrabbed = !reader.isSameProgram(window, self.window) }
            return isGrab || isUngrab ? [] : changed(reader)
        case .mapped(let window):
            reader.watch(window)
            return []
        }
    }

    // MARK: - Windows

    private mutating func changed(_ reader: any DesktopReader) -> [EventBody] {
        let before = window
        refresh(reader)
        if window != before { composer.reset() }
        return tellPlace()
    }

    private mutating func tellPlace() -> [EventBody] {
        // A place that may be wrong is not told: the signal that waits will tell the right one.
        let isNothing = place.app.isEmpty && place.window.isEmpty
        guard !isUncertain, place != told, told != nil || !isNothing else { return [] }
        told = place
        return [.window(place)]
    }

    private mutating func refresh(_ reader: any DesktopReader) {
        focus = reader.focusWindow()
        let focused = reader.topLevel(of: focus)
        let active = reader.activeWindow() ?? 0
        window = active != 0 ? active : focused
        reader.watch(window)
        reader.watch(focus)
        place = reader.place(of: window)
        focusPlace = focused == window ? place : reader.place(of: focused)
        isUncertain = reader.hasPlaceChangeWaiting()
    }

    // MARK: - Keys

    private mutating func keyDown(_ code: Int, _ time: UInt, _ reader: any DesktopReader)
        -> [EventBody]
    {
        var before: [EventBody] = []
        if reader.focusWindow() != focus { before = changed(reader) }
        let meaning = reader.meaning(of: code, modifiers: modifiers, group: group)
        guard meaning != .modifier else { return before }
        let body = body(of: meaning)
        held = HeldKey(code: code, since: time, body: body, window: window)
        return before + [body]
    }

    private mutating func body(of meaning: KeyMeaning) -> EventBody {
        if let secret = secretPlace() { return .secret(count: 1, place: secret) }
        let held = DesktopObserver.modifiers(modifiers)
        let isShortcut = !held.isDisjoint(with: [.control, .alt, .meta])
        let key = composer.key(meaning, isShortcut: isShortcut) ?? "Unidentified"
        return .key(KeyPress(key: key, place: place, modifiers: held))
    }

    /// The place that withholds the key; nil when it may be told.
    private mutating func secretPlace() -> Place? {
        if isUncertain || isGrabbed || secrets.isSecret(place) { return place }
        return secrets.isSecret(focusPlace) ? focusPlace : nil
    }

    /// The X modifier bits as W3C modifiers (the usual assignment of Mod1, Mod4 and Mod5).
    static func modifiers(_ bits: UInt32) -> Modifiers {
        var modifiers: Modifiers = []
        if bits & 1 != 0 { modifiers.insert(.shift) }
        if bits & 4 != 0 { modifiers.insert(.control) }
        if bits & 8 != 0 { modifiers.insert(.alt) }
        if bits & 64 != 0 { modifiers.insert(.meta) }
        if bits & 128 != 0 { modifiers.insert(.altGraph) }
        return modifiers
    }

    // MARK: - Repeats

    /// A key held longer than this did not repeat all the time: its release was lost, in milliseconds.
    private static let holdMaximumMilliseconds = 60_000

    /// The repeats of the held key up to a signal. The display tells of keys going down and up, and
    /// makes the repeats for programs by itself; so they are counted from how long the key was held.
    private mutating func settleRepeats(before signal: DesktopSignal, _ reader: any DesktopReader)
        -> [EventBody]
    {
        guard let key = held, let time = signal.time else { return [] }
        let duration = Int(time &- key.since)
        // The shortest delay before repeats that keyboards are set to.
        guard duration >= 100, duration <= DesktopObserver.holdMaximumMilliseconds,
            let rate = reader.repeatRate(of: key.code), duration >= rate.delay
        else { return [] }
        let due = (duration - rate.delay) / max(1, rate.interval) + 1
        let count = max(0, due - key.repeats)
        held?.repeats = max(due, key.repeats)
        return Array(repeating: key.body, count: count)
    }

    // MARK: - Clicks

    private mutating func click(_ button: Int, _ reader: any DesktopReader) -> [EventBody] {
        let buttons: [Int: EventBody.MouseButton] = [1: .left, 2: .middle, 3: .right]
        guard let name = buttons[button] else { return [] }
        let pointer = reader.pointer()
        let clicked =
            pointer.window == 0 || pointer.window == window
            ? place : reader.place(of: pointer.window)
        return [.click(button: name, x: pointer.x, y: pointer.y, place: clicked)]
    }
}
