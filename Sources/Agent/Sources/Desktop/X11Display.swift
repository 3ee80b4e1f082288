import CX11
import Events
import Glibc

/// A connection to an X display. It has one owner, which uses it from one thread at a time.
///
/// Strict rules of Xlib are kept here: errors about windows that have vanished are ignored, and a lost
/// display sets ``isLost`` instead of ending the process.
@safe final class X11Display {
    let name: String
    private let display: OpaquePointer
    /// The connection for drawing on, as long as this object lives.
    @unsafe var handle: OpaquePointer { unsafe display }
    private let root: Window
    private let lostFlag: UnsafeMutablePointer<Int32>
    private let keyboardEvent: Int32
    private let inputOpcode: Int32
    private var queue: [DesktopSignal] = []
    private var watched: Set<UInt> = []
    private let atoms: Atoms
    private let prompts = TerminalPrompts()

    private struct Atoms {
        var activeWindow: Atom
        var title: Atom
        var pid: Atom
        var utf8: Atom
        var state: Atom
    }

    /// Opens a display; nil for the environment's.
    init(_ name: String?) throws(AgentError) {
        self.name = name ?? "(DISPLAY)"
        // Notice and capture have a connection each, on different threads.
        XInitThreads()
        let lostFlag = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        unsafe lostFlag.initialize(to: 0)
        var (input, keyboard): (Int32, Int32) = (-1, -1)
        guard let display = unsafe cx11_open(name, lostFlag, &input, &keyboard) else {
            unsafe lostFlag.deallocate()
            throw .displayGone(name: self.name)
        }
        unsafe self.display = display
        unsafe self.lostFlag = unsafe lostFlag
        root = unsafe cx11_root(display)
        inputOpcode = input
        keyboardEvent = keyboard
        atoms = Atoms(
            activeWindow: unsafe XInternAtom(display, "_NET_ACTIVE_WINDOW", 0),
            title: unsafe XInternAtom(display, "_NET_WM_NAME", 0),
            pid: unsafe XInternAtom(display, "_NET_WM_PID", 0),
            utf8: unsafe XInternAtom(display, "UTF8_STRING", 0),
            state: unsafe XInternAtom(display, "WM_STATE", 0))
    }

    deinit {
        unsafe XCloseDisplay(display)
        unsafe lostFlag.deallocate()
    }

    /// Whether the display has gone: the X session is over. Nothing that is asked has an answer then.
    var isLost: Bool { unsafe lostFlag.pointee != 0 }

    /// Throws when the display has gone.
    func check() throws(AgentError) {
        if isLost { throw .displayGone(name: name) }
    }

    /// Asks for raw keys and buttons, modifiers, the active window and new windows; gives the
    /// modifiers and the group of now.
    func beginCapture() throws(AgentError) -> (modifiers: UInt32, group: Int) {
        try check()
        guard inputOpcode >= 0, keyboardEvent >= 0 else {
            throw .display(name: name, why: "has no XInput 2.1 or no XKB, keys cannot be seen")
        }
        unsafe cx11_select_raw(display)
        unsafe cx11_select_keyboard(display)
        unsafe XSelectInput(display, root, PropertyChangeMask | SubstructureNotifyMask)
        var state = XkbStateRec()
        unsafe XkbGetState(display, UInt32(XkbUseCoreKbd), &state)
        unsafe XSync(display, 0)
        return (UInt32(state.mods), Int(state.group))
    }

    /// Waits until the display says something, at most so long.
    func wait(milliseconds: Int) {
        guard queue.isEmpty else { return }
        waitForInput(milliseconds: milliseconds)
    }

    /// Waits until there are bytes to read, at most so long.
    func waitForInput(milliseconds: Int) {
        guard !isLost, unsafe XPending(display) == 0 else { return }
        var descriptor = pollfd(
            fd: unsafe cx11_descriptor(display), events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, Int32(milliseconds))
    }

    /// Asks for every signal of what has happened up to now.
    func synchronise() {
        unsafe XSync(display, 0)
        pull()
    }

    /// The next signal in the display's order; nil when none waits.
    func next() -> DesktopSignal? {
        if queue.isEmpty { pull() }
        return queue.isEmpty ? nil : queue.removeFirst()
    }

    private func pull() {
        while !isLost, unsafe XPending(display) > 0 {
            let event = unsafe cx11_next(display, keyboardEvent, inputOpcode)
            if let signal = signal(event) { queue.append(signal) }
        }
    }

    private func signal(_ event: cx11_event) -> DesktopSignal? {
        switch event.raw_type {
        case XI_RawKeyPress: return .keyDown(code: Int(event.detail), time: event.time)
        case XI_RawKeyRelease: return .keyUp(code: Int(event.detail), time: event.time)
        case XI_RawButtonPress: return .buttonDown(button: Int(event.detail), time: event.time)
        default: break
        }
        if event.is_keyboard_map != 0 { return .keyboardMap }
        if event.is_keyboard_state != 0 {
            return .keyboardState(modifiers: event.modifiers, group: Int(event.group))
        }
        switch event.type {
        case PropertyNotify:
            if event.window == root {
                return event.atom == atoms.activeWindow ? .activeWindow(time: event.time) : nil
            }
            let isTitle = event.atom == atoms.title || event.atom == XA_WM_NAME
            return isTitle ? .title(window: event.window, time: event.time) : nil
        case FocusOut: return .focusOut(window: event.window, isGrab: event.mode == NotifyGrab)
        case FocusIn:
            return .focusIn(
                window: event.window, isGrab: event.mode == NotifyGrab,
                isUngrab: event.mode == NotifyUngrab)
        case MapNotify: return .mapped(window: event.window)
        case DestroyNotify, UnmapNotify:
            watched.remove(event.window)
            return nil
        default: return nil
        }
    }
}

extension X11Display: DesktopReader {
    func activeWindow() -> UInt? { longs(root, atoms.activeWindow)?.first }

    func focusWindow() -> UInt {
        var (window, revert): (Window, Int32) = (0, 0)
        unsafe XGetInputFocus(display, &window, &revert)
        // 1 is PointerRoot: the focus follows the mouse.
        return window == 1 ? pointer().window : window
    }

    func topLevel(of window: UInt) -> UInt {
        var current = window
        // Deeper than any real tree of windows: a loop cannot be endless.
        for _ in 0..<64 {
            guard current > 1, current != root else { return 0 }
            if text(current, XA_WM_CLASS) != nil { return current }
            guard let parent = tree(current).parent else { return 0 }
            current = parent
        }
        return 0
    }

    func place(of window: UInt) -> Place {
        guard window > 1 else { return Place(app: "", window: "") }
        let names = (text(window, XA_WM_CLASS) ?? []).split(separator: 0)
        // WM_CLASS is the instance's name and the class's name; the class is the program.
        let app = names.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let title = text(window, atoms.title) ?? text(window, XA_WM_NAME) ?? []
        return Place(
            app: app.cut(toSize: AgentLimits.textSizeMaximum),
            window: String(decoding: title, as: UTF8.self)
                .cut(toSize: AgentLimits.textSizeMaximum))
    }

    func watch(_ window: UInt) {
        guard window > 1, window != root, watched.insert(window).inserted else { return }
        unsafe XSelectInput(
            display, window, PropertyChangeMask | FocusChangeMask | StructureNotifyMask)
    }

    func pointer() -> (x: Int, y: Int, window: UInt) {
        var (rootReturn, child): (Window, Window) = (0, 0)
        var (x, y, innerX, innerY, mask): (Int32, Int32, Int32, Int32, UInt32) = (0, 0, 0, 0, 0)
        unsafe XQueryPointer(
            display, root, &rootReturn, &child, &x, &y, &innerX, &innerY, &mask)
        return (Int(x), Int(y), client(in: child))
    }

    func meaning(of code: Int, modifiers: UInt32, group: Int) -> KeyMeaning {
        var used: UInt32 = 0
        let symbol = unsafe cx11_keysym(display, Int32(code), modifiers, Int32(group), &used)
        if cx11_is_modifier(symbol) != 0 { return .modifier }
        let meaning = KeyMeaning(symbol: UInt32(truncatingIfNeeded: symbol))
        // Caps Lock where the key's type does not know of it (X protocol, XKB section 12.1.4).
        if case .text(let text) = meaning, modifiers & 2 != 0, used & 2 == 0,
            text.uppercased().unicodeScalars.count == 1
        {
            return .text(text.uppercased())
        }
        return meaning
    }

    func repeatRate(of code: Int) -> (delay: Int, interval: Int)? {
        var (delay, interval): (UInt32, UInt32) = (0, 0)
        guard unsafe cx11_repeats(display, Int32(code)) != 0,
            unsafe XkbGetAutoRepeatRate(display, UInt32(XkbUseCoreKbd), &delay, &interval) != 0
        else { return nil }
        return (Int(delay), Int(interval))
    }

    func hasPlaceChangeWaiting() -> Bool {
        // Answers come after all events that the display had made by then, so what could have moved
        // the focus before our question was answered is in the queue now.
        pull()
        return isLost || queue.contains(where: \.changesPlace)
    }

    func isSameProgram(_ window: UInt, _ other: UInt) -> Bool {
        // The high bits of a window's id name the client that made it.
        let client = ~(unsafe cx11_resource_mask(display))
        return window > 1 && other > 1 && window & client == other & client
    }

    func terminal(of window: UInt, areKeysWaiting: Bool, at now: Int64) -> TerminalLook {
        guard window > 1 else { return .notATerminal }
        guard let pid = longs(window, atoms.pid)?.first else {
            return isLost ? .unseen : .notATerminal
        }
        return prompts.look(below: Int(pid), areKeysWaiting: areKeysWaiting, at: now)
    }

    /// The application's window in a frame of the window manager.
    private func client(in frame: UInt) -> UInt {
        guard frame > 1 else { return 0 }
        var level = [frame]
        // Window managers wrap a window in one to three frames.
        for _ in 0..<4 {
            if let client = level.first(where: { hasState($0) }) { return client }
            level = level.flatMap { tree($0).children }
        }
        return topLevel(of: frame)
    }

    /// Whether a window manager looks after the window as an application's.
    private func hasState(_ window: UInt) -> Bool { longs(window, atoms.state) != nil }

    private func tree(_ window: UInt) -> (parent: UInt?, children: [UInt]) {
        var (rootReturn, parent): (Window, Window) = (0, 0)
        var children: UnsafeMutablePointer<Window>?
        var count: UInt32 = 0
        guard
            unsafe XQueryTree(display, window, &rootReturn, &parent, &children, &count) != 0
        else { return (nil, []) }
        defer { if let children = unsafe children { unsafe XFree(children) } }
        let list = unsafe Array(UnsafeBufferPointer(start: children, count: Int(count)))
        return (parent, list)
    }

    /// The bytes of a property of 8-bit units; nil when it is not there.
    private func text(_ window: UInt, _ name: Atom) -> [UInt8]? {
        unsafe property(window, name, 8) { pointer, count in
            unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
        }
    }

    /// The values of a property of 32-bit units; nil when it is not there.
    private func longs(_ window: UInt, _ name: Atom) -> [UInt]? {
        unsafe property(window, name, 32) { pointer, count in
            // Xlib hands 32-bit units out as longs.
            unsafe pointer.withMemoryRebound(to: UInt.self, capacity: count) {
                unsafe Array(UnsafeBufferPointer(start: $0, count: count))
            }
        }
    }

    private func property<Value>(
        _ window: UInt, _ name: Atom, _ width: Int32,
        _ body: (UnsafeMutablePointer<UInt8>, Int) -> Value
    ) -> Value? {
        var (type, format, count, rest): (Atom, Int32, UInt, UInt) = (0, 0, 0, 0)
        var value: UnsafeMutablePointer<UInt8>?
        let result = unsafe XGetWindowProperty(
            display, window, name, 0, 1_024, 0, Atom(AnyPropertyType), &type, &format, &count,
            &rest, &value)
        guard result == 0, let pointer = unsafe value else { return nil }
        defer { unsafe XFree(pointer) }
        guard format == width else { return nil }
        return unsafe body(pointer, Int(count))
    }
}
