import Events
import TestSupport
import Testing

@testable import Agent

/// A display of a test: windows are numbers, key codes are code points.
private final class FakeDesktop: DesktopReader {
    var active: UInt? = 1
    var focus: UInt = 1
    var places: [UInt: Place] = [
        1: Place(app: "Gedit", window: "essay"), 2: Place(app: "Firefox", window: "BBC Bitesize"),
        3: Place(app: "Ssh-askpass", window: "OpenSSH"),
        4: Place(app: "Firefox", window: "Log in - Hillside"),
    ]
    var watched: Set<UInt> = []
    var isPlaceChangeWaiting = false
    var terminals: [UInt: TerminalLook] = [:]
    var under: UInt = 0
    var rate: (delay: Int, interval: Int)? = (660, 40)

    func activeWindow() -> UInt? { active }
    func focusWindow() -> UInt { focus }
    func topLevel(of window: UInt) -> UInt { window }
    func place(of window: UInt) -> Place { places[window] ?? Place(app: "", window: "") }
    func watch(_ window: UInt) { watched.insert(window) }
    func pointer() -> (x: Int, y: Int, window: UInt) { (10, 20, under) }
    func meaning(of code: Int, modifiers: UInt32, group: Int) -> KeyMeaning {
        code == 0xFFE1 ? .modifier : KeyMeaning(symbol: UInt32(code))
    }
    func repeatRate(of code: Int) -> (delay: Int, interval: Int)? { rate }
    func hasPlaceChangeWaiting() -> Bool { isPlaceChangeWaiting }
    func isSameProgram(_ window: UInt, _ other: UInt) -> Bool { window == other }
    func terminal(of window: UInt, areKeysWaiting: Bool, at now: Int64) -> TerminalLook {
        terminals[window] ?? .notATerminal
    }

    func move(to window: UInt) -> DesktopSignal {
        active = window
        focus = window
        return .activeWindow(time: 0)
    }
}

@Suite struct DesktopObserverTests {
    private let desktop = FakeDesktop()

    private func observer(modifiers: UInt32 = 0) -> DesktopObserver {
        var observer = DesktopObserver(windows: SecretWindows())
        observer.begin(desktop, modifiers: modifiers, group: 0)
        _ = observer.settle(desktop, at: 0)
        return observer
    }

    private func press(_ text: String, at time: UInt = 0) -> [DesktopSignal] {
        text.unicodeScalars.flatMap { scalar -> [DesktopSignal] in
            [
                .keyDown(code: Int(scalar.value), time: time),
                .keyUp(code: Int(scalar.value), time: time + 10),
            ]
        }
    }

    private func key(_ name: String, _ window: UInt = 1, _ modifiers: Modifiers = [])
        -> EventBody
    {
        .key(KeyPress(key: name, place: desktop.place(of: window), modifiers: modifiers))
    }

    private func feed(_ observer: inout DesktopObserver, _ signals: [DesktopSignal]) -> [EventBody]
    {
        signals.forEach { observer.take($0, desktop) }
        return observer.settle(desktop, at: 0)
    }

    private func around(_ observer: inout DesktopObserver) -> [EventBody] {
        observer.lookAround(desktop)
        return observer.settle(desktop, at: 0)
    }

    @Test func `capture begins with the window that is there`() {
        var observer = DesktopObserver(windows: SecretWindows())
        observer.begin(desktop, modifiers: 0, group: 0)
        #expect(observer.settle(desktop, at: 0) == [.window(desktop.place(of: 1))])
        #expect(desktop.watched.contains(1))
    }

    @Test func `keys go to the active window, with their modifiers`() {
        var observer = observer()
        let events = feed(
            &observer,
            press("a") + [.keyDown(code: 0xFFE1, time: 0)]
                + [.keyboardState(modifiers: 1, group: 0)] + press("B")
                + [.keyboardState(modifiers: 4, group: 0)] + press("c")
                + [.keyboardState(modifiers: 8 | 64 | 128 | 2 | 16, group: 0)] + press("d"))
        #expect(
            events == [
                key("a"), key("B", 1, .shift), key("c", 1, .control),
                key("d", 1, [.alt, .meta, .altGraph]),
            ])
    }

    @Test func `a change of window or title is told once`() {
        var observer = observer()
        #expect(feed(&observer, [.title(window: 1, time: 0)]).isEmpty)
        desktop.places[1]?.window = "*essay"
        let renamed = feed(
            &observer, [.title(window: 1, time: 0), .title(window: 1, time: 0)])
        #expect(renamed == [.window(Place(app: "Gedit", window: "*essay"))])
        let moved = feed(&observer, [desktop.move(to: 2), .activeWindow(time: 0)])
        #expect(moved == [.window(desktop.place(of: 2))])
        #expect(feed(&observer, [.title(window: 1, time: 0)]).isEmpty)
    }

    @Test func `keys of a secret window are withheld here already (P22)`() {
        var observer = observer()
        let events = feed(&observer, [desktop.move(to: 3)] + press("pw"))
        let secret = desktop.place(of: 3)
        #expect(
            events == [
                .window(secret), .secret(count: 1, place: secret), .secret(count: 1, place: secret),
            ])
    }

    @Test func `keys are withheld while the window they went to is not known`() {
        var observer = observer()
        desktop.isPlaceChangeWaiting = true
        let during = feed(&observer, [desktop.move(to: 2)] + press("pw"))
        #expect(during.allSatisfy { $0.kind == .secret })
        #expect(during.count == 2)
        desktop.isPlaceChangeWaiting = false
        let after = feed(&observer, [.activeWindow(time: 0)] + press("a"))
        #expect(after == [.window(desktop.place(of: 2)), key("a", 2)])
    }

    @Test func `the focus decides too: a dialog the window manager has not named yet is secret`() {
        var observer = observer()
        desktop.focus = 3
        let events = feed(&observer, press("p"))
        #expect(events == [.secret(count: 1, place: desktop.place(of: 3))])
    }

    @Test func `without a window manager the focus tells the window`() {
        desktop.active = nil
        var observer = observer()
        desktop.focus = 2
        #expect(around(&observer) == [.window(desktop.place(of: 2))])
        #expect(around(&observer).isEmpty)
        #expect(feed(&observer, press("a")) == [key("a", 2)])
        desktop.focus = 4
        let events = feed(&observer, press("b"))
        #expect(
            events == [
                .window(desktop.place(of: 4)), .secret(count: 1, place: desktop.place(of: 4)),
            ])
    }

    @Test func `a screen locker takes the keyboard: its keys are withheld until it gives it back`()
    {
        var observer = observer()
        let locked = feed(
            &observer, [.focusOut(window: 1, isGrab: true)] + press("secret"))
        #expect(locked.count == 6)
        #expect(locked.allSatisfy { $0.kind == .secret })
        let unlocked = feed(
            &observer, [.focusIn(window: 1, isGrab: false, isUngrab: true)] + press("a"))
        #expect(unlocked == [key("a")])
    }

    @Test func `a program that takes the keyboard for its own window keeps its keys`() {
        var observer = observer()
        let events = feed(
            &observer,
            [
                .focusOut(window: 1, isGrab: true),
                .focusIn(window: 1, isGrab: true, isUngrab: false),
            ] + press("a"))
        #expect(events == [key("a")])
    }

    @Test func `a password prompt in a terminal is withheld up to its Enter`() {
        desktop.terminals = [1: .echoing]
        var observer = observer()
        _ = feed(&observer, [])
        #expect(feed(&observer, press("sudo")) == [key("s"), key("u"), key("d"), key("o")])
        // The prompt is up before the Enter that started it is read here.
        desktop.terminals = [1: .silent]
        let enter = feed(&observer, [.keyDown(code: 0xFF0D, time: 0)])
        #expect(enter == [key("Enter")])
        var secret = feed(&observer, press("hun"))
        // And it is over before its last keys are.
        desktop.terminals = [1: .echoing]
        secret += feed(&observer, press("ter2") + [.keyDown(code: 0xFF0D, time: 0)])
        #expect(secret.count == 8)
        #expect(secret.allSatisfy { $0.kind == .secret })
        _ = feed(&observer, [])
        _ = feed(&observer, [])
        #expect(feed(&observer, press("x")) == [key("x")])
    }

    @Test func `a held key of a prompt is withheld as often as it repeats, also after the prompt`()
    {
        desktop.terminals = [1: .silent]
        var observer = observer()
        let down = feed(&observer, [.keyDown(code: 0x61, time: 0)])
        desktop.terminals = [1: .echoing]
        for _ in 0..<3 { #expect(feed(&observer, []).isEmpty) }
        let repeats = feed(&observer, [.keyUp(code: 0x61, time: 1_000)])
        let secret = EventBody.secret(count: 1, place: desktop.place(of: 1))
        #expect(down + repeats == Array(repeating: secret, count: 10))
        #expect(feed(&observer, press("x")) == [key("x")])
    }

    @Test func `a key counts for the window it went to when the focus has moved on since`() {
        desktop.terminals = [1: .silent]
        var observer = observer()
        _ = feed(&observer, [])
        press("p").forEach { observer.take($0, desktop) }
        let events = feed(&observer, [desktop.move(to: 2)] + press("q"))
        #expect(
            events == [
                .secret(count: 1, place: desktop.place(of: 1)), .window(desktop.place(of: 2)),
                key("q", 2),
            ])
    }

    @Test func `a held key repeats as the display repeats it`() {
        var observer = observer()
        let down = DesktopSignal.keyDown(code: 0x61, time: 1_000)
        #expect(feed(&observer, [down, .keyUp(code: 0x61, time: 1_600)]) == [key("a")])
        // 660 ms, then every 40 ms: at 660, 700, ... 1,000 that are ten with the first.
        let held = feed(&observer, [down, .keyUp(code: 0x61, time: 2_000)])
        #expect(held == Array(repeating: key("a"), count: 10))
    }

    @Test func `another key ends the repeats, and those before it come before it`() {
        var observer = observer()
        let events = feed(
            &observer,
            [
                .keyDown(code: 0x61, time: 1_000), .keyDown(code: 0x62, time: 1_700),
                .keyUp(code: 0x61, time: 9_000), .keyUp(code: 0x62, time: 9_001),
            ])
        #expect(events.prefix(4) == [key("a"), key("a"), key("a"), key("b")])
        #expect(!events.dropFirst(3).contains(key("a")))
    }

    @Test func `repeats are told with the window they went to`() {
        var observer = observer()
        let down = DesktopSignal.keyDown(code: 0x61, time: 0)
        desktop.active = 2
        let events = feed(&observer, [down]) + feed(&observer, [.activeWindow(time: 680)])
        #expect(events.filter { $0 == key("a") }.count >= 2)
    }

    @Test func `keys that do not repeat, and lost releases, repeat nothing`() {
        desktop.rate = nil
        var observer = observer()
        let still = feed(
            &observer, [.keyDown(code: 0x61, time: 0), .keyUp(code: 0x61, time: 5_000)])
        #expect(still == [key("a")])
        desktop.rate = (660, 40)
        let lost = feed(
            &observer, [.keyDown(code: 0x61, time: 0), .keyDown(code: 0x62, time: 900_000)])
        #expect(lost == [key("a"), key("b")])
    }

    @Test func `a held key in a secret window is withheld as often as it repeats`() {
        desktop.focus = 3
        desktop.active = 3
        var observer = observer()
        let events = feed(
            &observer, [.keyDown(code: 0x61, time: 0), .keyUp(code: 0x61, time: 1_000)])
        #expect(
            events == Array(repeating: .secret(count: 1, place: desktop.place(of: 3)), count: 10))
    }

    @Test func `clicks are left, middle and right, at their point and window (P2)`() {
        var observer = observer()
        desktop.under = 2
        let events = feed(
            &observer, (1...9).map { DesktopSignal.buttonDown(button: $0, time: 0) })
        let place = desktop.place(of: 2)
        #expect(
            events == [
                .click(button: .left, x: 10, y: 20, place: place),
                .click(button: .middle, x: 10, y: 20, place: place),
                .click(button: .right, x: 10, y: 20, place: place),
            ])
        desktop.under = 0
        #expect(
            feed(&observer, [.buttonDown(button: 1, time: 0)])
                == [.click(button: .left, x: 10, y: 20, place: desktop.place(of: 1))])
    }

    @Test func `a dead key is forgotten when the window changes`() {
        var observer = observer()
        var events = feed(&observer, [.keyDown(code: 0xFE51, time: 0)])
        events += feed(&observer, [desktop.move(to: 2), .keyDown(code: 0x65, time: 0)])
        #expect(events == [key("Dead", 1), .window(desktop.place(of: 2)), key("e", 2)])
    }

    @Test func `no order of signals lets a key of a secret window through`() throws {
        try forAll(
            runs: 300,
            { random in
                (0..<40).map { _ in random.int(in: 0...9) }
            }
        ) { steps in
            let desktop = FakeDesktop()
            var observer = DesktopObserver(windows: SecretWindows())
            observer.begin(desktop, modifiers: 0, group: 0)
            for step in steps {
                switch step {
                case 0...3: observer.take(desktop.move(to: UInt(step + 1)), desktop)
                case 4: observer.take(.focusOut(window: 1, isGrab: true), desktop)
                case 5:
                    observer.take(
                        .focusIn(window: 1, isGrab: false, isUngrab: true), desktop)
                default:
                    // Only in secret windows is this key ever pressed.
                    guard let active = desktop.active, active >= 3 else { continue }
                    observer.take(.keyDown(code: 0x7A, time: 0), desktop)
                    let events = observer.settle(desktop, at: 0)
                    #expect(!events.contains { $0.kind == .key })
                }
            }
        }
    }
}
