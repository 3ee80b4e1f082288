public import Events

/// Rebuilds the passages of one login session from its events, fed in the order of their sequence numbers.
///
/// A passage is cut by another window, Enter, a pause, a left click, a key that moves the caret out of
/// sight, a secret field, a change between the pupil's own keys and remote control (P4), and its greatest
/// length. All times are those of the events. An ordinary key costs two appends and no allocation;
/// strings are built once, at the cut.
public struct PassageBuilder: Sendable {
    private let options: PassageOptions
    private var model: EditModel
    /// Where the open passage was begun, and the title the same field was last seen under.
    private var place = Place(app: "", window: "")
    private var latestPlace = Place(app: "", window: "")
    /// Whether ``place`` says anything yet.
    private var hasPlace = false
    private var isRemote = false
    private var first: UInt64 = 0
    private var last: UInt64 = 0
    private var start = Instant(milliseconds: 0)
    private var end = Instant(milliseconds: 0)
    /// The last key's time on the clock in force: follows ``end``, and jumps when the clock does.
    private var activity = Instant(milliseconds: 0)
    /// What the clipboard holds, where this session's own keys put it there; nil when unknown.
    private var clipboard: [Unicode.Scalar]?
    /// A paste key whose `clipboard` event, if there is one, comes next.
    private var pendingPaste: PendingPaste?

    private struct PendingPaste: Sendable {
        var time: Instant
        var sequence: UInt64
    }

    /// What is known of the caret when a passage begins.
    private enum Beginning {
        /// A window that just got the focus, or a line just begun.
        case line
        /// The same field, after the text of the passage before.
        case insideLine
        /// Anywhere, in a field that something unseen may have changed.
        case unknown
    }

    /// A builder for one login session.
    public init(options: PassageOptions = PassageOptions()) {
        self.options = options
        model = EditModel(wordJump: options.wordJump)
    }

    /// The sequence number of the first event of the open passage; nil when none is open.
    ///
    /// A paste whose content is still to come counts: events from here on make the passage again.
    public var openSince: UInt64? { model.isEmpty ? pendingPaste?.sequence : first }

    /// The time of the last key of the open passage; nil when none is open.
    public var lastActivity: Instant? { model.isEmpty ? nil : activity }

    /// Takes the session's next event; gives the passages that it ended.
    public mutating func feed(_ event: Event) -> [Passage] {
        var passages: [Passage] = []
        // The event that tells of a jump of the clock bears the new time already.
        if case .clock(let before, let after) = event.body { shiftClock(from: before, to: after) }
        if !model.isEmpty, isIdle(at: event.time) { cut(.idle, then: .insideLine, &passages) }
        if pendingPaste != nil, settlePaste(with: event, &passages) { return passages }
        switch event.body {
        case .key(let press): key(press, of: event, &passages)
        default: other(event, &passages)
        }
        return passages
    }

    /// Ends the open passage if its last key came before an instant.
    public mutating func flush(idleBefore instant: Instant) -> [Passage] {
        var passages: [Passage] = []
        if !model.isEmpty, activity < instant { cut(.idle, then: .insideLine, &passages) }
        return passages
    }

    /// Ends the open passage because no more events come.
    public mutating func finish() -> [Passage] {
        var passages: [Passage] = []
        if let pendingPaste {
            applyPaste(text: clipboard, pendingPaste.time, pendingPaste.sequence)
        }
        pendingPaste = nil
        cut(.end, then: .unknown, &passages)
        return passages
    }

    // MARK: Keys

    private mutating func key(_ press: KeyPress, of event: Event, _ passages: inout [Passage]) {
        let action = KeyAction(press)
        // A lone modifier or a shortcut says where the keyboard is, but not that anything was typed.
        if action == .nothing { return }
        if press.place != latestPlace || !hasPlace { focus(on: press.place, &passages) }
        if event.isRemote != isRemote { changeHands(&passages) }
        let wasEmpty = model.isEmpty
        apply(action, press, of: event, &passages)
        if model.isEmpty { return }
        if wasEmpty { open(event.time, event.sequence) }
        touch(event.time, event.sequence)
        cutIfLong(&passages)
    }

    private mutating func apply(
        _ action: KeyAction, _ press: KeyPress, of event: Event, _ passages: inout [Passage]
    ) {
        let sequence = event.sequence
        switch action {
        case .insert(let scalar): model.insert(scalar, from: sequence)
        case .insertAll:
            model.insert(contentsOf: press.key.unicodeScalars.filter(Self.isText), from: sequence)
        case .backspace(let byWord): model.backspace(byWord: byWord, from: sequence)
        case .delete(let byWord): model.delete(byWord: byWord, from: sequence)
        case .newline: model.insert("\n", from: sequence)
        case .tab: model.insert("\t", from: sequence)
        case .enter: enter(event, &passages)
        case .move(let move, let extending): model.move(move, extending: extending)
        case .selectAll: model.selectAll()
        case .copy: copySelection()
        case .cut:
            copySelection()
            // With nothing of ours selected, text that we do not know may go.
            if model.selection.isEmpty { model.clearExact() }
            model.removeSelection(from: sequence)
        case .paste: pendingPaste = PendingPaste(time: event.time, sequence: sequence)
        case .loseCaret: loseCaret(event, &passages)
        case .unknown: model.clearExact()
        case .nothing: break
        }
    }

    /// Enter belongs to the passage that it ends, but is not part of its text.
    private mutating func enter(_ event: Event, _ passages: inout [Passage]) {
        guard options.cutsAtEnter else { return model.insert("\n", from: event.sequence) }
        // An editor would put the new line in place of a selection, a chat sends it whole.
        if !model.selection.isEmpty { model.clearExact() }
        if !model.isEmpty { touch(event.time, event.sequence) }
        cut(.enter, then: .line, &passages)
    }

    private mutating func loseCaret(_ event: Event, _ passages: inout [Passage]) {
        if !model.isEmpty { touch(event.time, event.sequence) }
        cut(.caret, then: .insideLine, &passages)
    }

    private mutating func open(_ time: Instant, _ sequence: UInt64) {
        first = sequence
        start = time
    }

    private mutating func touch(_ time: Instant, _ sequence: UInt64) {
        last = sequence
        end = time
        activity = time
    }

    // MARK: Clipboard

    private mutating func copySelection() {
        let range = model.selection
        clipboard = range.isEmpty ? nil : model.text[range].map(\.scalar)
    }

    /// A paste key is followed by the `clipboard` event that tells what came, or by anything else;
    /// says whether the event was the former.
    private mutating func settlePaste(with event: Event, _ passages: inout [Passage]) -> Bool {
        guard let paste = pendingPaste else { return false }
        pendingPaste = nil
        if case .clipboard(.paste, let length, let text) = event.body {
            pasted(length, text, event, &passages)
            return true
        }
        applyPaste(text: clipboard, paste.time, paste.sequence)
        cutIfLong(&passages)
        return false
    }

    private mutating func pasted(
        _ length: Int, _ text: String?, _ event: Event, _ passages: inout [Passage]
    ) {
        if event.isRemote != isRemote { changeHands(&passages) }
        let scalars = text.map { Array($0.unicodeScalars) } ?? known(length)
        applyPaste(text: scalars, event.time, event.sequence)
        cutIfLong(&passages)
    }

    /// What the clipboard holds, if it can be what a paste of that many characters took from it.
    private func known(_ length: Int) -> [Unicode.Scalar]? {
        guard let clipboard else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: clipboard)
        let text = String(view)
        let counts = [text.count, clipboard.count, text.utf16.count, text.utf8.count]
        return counts.contains(length) ? clipboard : nil
    }

    private mutating func applyPaste(
        text: [Unicode.Scalar]?, _ time: Instant, _ sequence: UInt64
    ) {
        let wasEmpty = model.isEmpty
        if let text {
            model.insert(contentsOf: Self.lines(text), from: sequence)
        } else {
            model.removeSelection(from: sequence)
            model.closeRun()
            model.clearExact()
        }
        guard !model.isEmpty else { return }
        if wasEmpty { open(time, sequence) }
        touch(time, sequence)
    }

    /// A field holds every end of line as one newline.
    private static func lines(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains("\r") else { return scalars }
        var result: [Unicode.Scalar] = []
        for (index, scalar) in scalars.enumerated() {
            if scalar == "\n", index > 0, scalars[index - 1] == "\r" { continue }
            result.append(scalar == "\r" ? "\n" : scalar)
        }
        return result
    }

    /// A key's value types no control characters.
    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
    }

    // MARK: Everything else

    private mutating func other(_ event: Event, _ passages: inout [Passage]) {
        switch event.body {
        case .window(let place): focus(on: place, &passages)
        case .click(let button, _, _, let place): click(button, place, &passages)
        case .secret(_, let place):
            cut(isHere(place) ? .caret : .window, then: .insideLine, &passages)
            move(to: place)
        case .clipboard(let operation, let length, let text):
            if operation == .paste {
                pasted(length, text, event, &passages)
            } else {
                clipboard = text.map { Array($0.unicodeScalars) } ?? known(length)
            }
        case .session(let action):
            cut(action == .end ? .end : .window, then: .line, &passages)
            hasPlace = false
            clipboard = nil
        case .gap:
            // Keys may be among what is missing, before the cut and after it.
            model.clearExact()
            cut(.caret, then: .unknown, &passages)
            clipboard = nil
        case .agent(.stop, _), .agent(.tamper, _): cut(.end, then: .unknown, &passages)
        default: break
        }
    }

    private mutating func click(
        _ button: EventBody.MouseButton, _ place: Place, _ passages: inout [Passage]
    ) {
        // Any click may choose "Copy" or "Paste" in a menu.
        clipboard = nil
        switch button {
        case .left:
            if isHere(place) {
                cut(.caret, then: .insideLine, &passages)
            } else {
                focus(on: place, &passages)
            }
        case .middle:
            // On X11 the middle button pastes the selection, at a place that only the screen knows.
            cut(isHere(place) ? .caret : .window, then: .unknown, &passages)
            move(to: place)
        case .right: break
        }
    }

    private mutating func shiftClock(from before: Instant, to after: Instant) {
        let (offset, overflow) = after.milliseconds.subtractingReportingOverflow(
            before.milliseconds)
        if !overflow { activity = activity.advanced(byMilliseconds: offset) }
    }

    // MARK: Cutting

    private func isIdle(at time: Instant) -> Bool {
        time > activity.advanced(byMilliseconds: options.idleMilliseconds)
    }

    private func isHere(_ other: Place) -> Bool {
        hasPlace && (other == latestPlace || PlaceIdentity.isSameField(other, latestPlace))
    }

    /// The keys go to a place now: another one ends the passage.
    private mutating func focus(on other: Place, _ passages: inout [Passage]) {
        if isHere(other) {
            latestPlace = other
            return
        }
        if hasPlace { cut(.window, then: .line, &passages) }
        move(to: other)
    }

    private mutating func move(to other: Place) {
        place = other
        latestPlace = other
        hasPlace = true
    }

    /// The pupil's own keys and those of a remote session never share a passage (P4).
    private mutating func changeHands(_ passages: inout [Passage]) {
        cut(.caret, then: .unknown, &passages)
        isRemote.toggle()
    }

    private mutating func cutIfLong(_ passages: inout [Passage]) {
        if model.typed.count >= options.scalarsMaximum {
            cut(.length, then: .insideLine, &passages)
        }
    }

    private mutating func cut(
        _ cut: Passage.Cut, then beginning: Beginning, _ passages: inout [Passage]
    ) {
        if !model.isEmpty {
            model.closeRun()
            passages.append(
                Passage(
                    place: place, start: start.roundedDownToSecond, end: end.roundedDownToSecond,
                    sequences: min(first, last)...max(first, last), asTyped: model.asTyped,
                    asLeft: model.asLeft, deletedRuns: model.deletedRuns, cut: cut,
                    isExact: model.isExact, isRemote: isRemote))
        }
        model.restart(isExact: beginning != .unknown, beginsInsideLine: beginning != .line)
    }
}
