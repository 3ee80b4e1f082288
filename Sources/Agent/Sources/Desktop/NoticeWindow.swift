import CX11
public import Events
import Glibc

/// Shows the notice in a window of the X display, with a button, a key or a time to close it.
public actor NoticeWindowPresenter: NoticePresenter {
    private let executor = DispatchExecutor(label: "daybook.agent.notice")
    /// The actor runs on its own queue, since it waits for the display.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private let display: String?
    private let seconds: Int
    private let clock: any AgentClock

    /// A presenter on a display; the notice closes by itself after some seconds, or never for 0.
    public init(display: String?, seconds: Int, clock: any AgentClock) {
        self.display = display
        self.seconds = seconds
        self.clock = clock
    }

    /// Shows the window until someone accepts the notice, closes it, or its time is over; throws
    /// ``AgentError/displayGone(name:)`` when there is no display to show it on.
    public func show(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction {
        let window = try PaintedWindow(display: display, title: "Monitoring notice")
        let pages = NoticeLayout(notice: notice, columns: NoticeWindowPresenter.columns)
        window.open(
            lines: pages.lines, button: "I have read this  (Enter)", isSign: false)
        let end = clock.monotonicMilliseconds + Int64(seconds) * 1_000
        while seconds == 0 || clock.monotonicMilliseconds < end {
            try Task.checkCancellation()
            switch window.wait(milliseconds: 100) {
            case .accepted: return .accepted
            case .closed: return .shown
            case .nothing: await Task.yield()
            }
            try window.check()
        }
        try window.check()
        return .shown
    }

    /// The width of the text in characters: what is read without losing the line.
    static let columns = 76
}

/// Keeps a small sign on the display as long as the agent captures (S52).
public actor MonitoringSign: EventSource {
    /// The name in messages.
    public nonisolated let name = "sign"
    private let executor = DispatchExecutor(label: "daybook.agent.sign")
    /// The actor runs on its own queue, since it waits for the display.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private let display: String?
    private let school: String

    /// A sign on a display.
    public init(display: String?, school: String) {
        self.display = display
        self.school = school
    }

    /// Shows the sign until cancelled; throws ``AgentError/displayGone(name:)`` when the display goes.
    public func run(into sink: any EventSink) async throws {
        let window = try PaintedWindow(display: display, title: "Monitoring sign")
        window.open(
            lines: ["This computer is monitored - \(school)"], button: nil, isSign: true)
        while !Task.isCancelled {
            _ = window.wait(milliseconds: 250)
            try window.check()
            await Task.yield()
        }
    }
}

/// The notice's text broken into lines.
struct NoticeLayout {
    let lines: [String]

    init(notice: MonitoringNotice, columns: Int) {
        var lines = [notice.school, ""]
        let paragraphs = notice.text.split(separator: "\n", omittingEmptySubsequences: false)
        for paragraph in paragraphs {
            lines += NoticeLayout.wrap(paragraph, columns: columns)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines + ["", "Notice version \(notice.version)"]
    }

    private static func wrap(_ paragraph: Substring, columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in paragraph.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty, line.count + 1 + word.count > columns {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// The text in ISO 8859-1, which the server's own fonts have; typographic signs become plain.
    static func latin1(_ text: String) -> [UInt8] {
        let plain: [Unicode.Scalar: String] = [
            "‘": "'", "’": "'", "“": "\"", "”": "\"", "–": "-", "—": "-", "…": "...", "•": "*",
            "€": "EUR",
        ]
        return text.unicodeScalars.flatMap { scalar in
            if let replacement = plain[scalar] { return Array(replacement.utf8) }
            return [scalar.value < 256 ? UInt8(scalar.value) : UInt8(ascii: "?")]
        }
    }
}

/// A window with lines of text and perhaps one button, drawn with what every X server has.
@safe private final class PaintedWindow {
    enum Answer { case nothing, accepted, closed }

    private let connection: X11Display
    private let display: OpaquePointer
    private let title: String
    private var window: Window = 0
    private var context: GC?
    private var font: UnsafeMutablePointer<XFontStruct>?
    private var lines: [[UInt8]] = []
    private var button: [UInt8]?
    private var buttonTop = 0
    private var buttonWidth = 0
    private var width = 0
    private var closing: Atom = 0

    init(display name: String?, title: String) throws(AgentError) {
        connection = try X11Display(name)
        unsafe display = connection.handle
        self.title = title
    }

    /// Throws when the display has gone.
    func check() throws(AgentError) { try connection.check() }

    func open(lines texts: [String], button label: String?, isSign: Bool) {
        lines = texts.map(NoticeLayout.latin1)
        button = label.map(NoticeLayout.latin1)
        let candidates =
            isSign ? ["fixed"] : ["9x15", "-*-fixed-medium-r-*--15-*-iso8859-1", "fixed"]
        for candidate in candidates where unsafe font == nil {
            unsafe font = unsafe XLoadQueryFont(display, candidate)
        }
        let margin = isSign ? 4 : 24
        let widest = lines.map(textWidth).max() ?? 0
        width = max(widest, button.map(textWidth) ?? 0) + 2 * margin
        buttonTop = margin + lines.count * lineHeight + 8
        let height = button == nil ? 2 * margin + lineHeight : buttonTop + lineHeight + 16 + margin
        create(width: width, height: height, margin: margin, isSign: isSign)
        unsafe XMapRaised(display, window)
        unsafe XFlush(display)
    }

    /// Waits a moment for someone to answer, and paints what was uncovered.
    func wait(milliseconds: Int) -> Answer {
        connection.waitForInput(milliseconds: milliseconds)
        while !connection.isLost, unsafe XPending(display) > 0 {
            let event = unsafe cx11_next(display, -1, -1)
            guard event.window == window else { continue }
            switch event.type {
            case Expose: paint()
            case ButtonPress where isOnButton(event): return .accepted
            case KeyPress where isAccepting(event): return .accepted
            case ClientMessage where event.atom == closing: return .closed
            case MapNotify: takeFocusWithoutWindowManager()
            default: break
            }
        }
        return .nothing
    }

    private func create(width: Int, height: Int, margin: Int, isSign: Bool) {
        let screen = unsafe XDefaultScreen(display)
        let (across, down) = unsafe (
            Int(XDisplayWidth(display, screen)), Int(XDisplayHeight(display, screen))
        )
        let x = isSign ? across - width : (across - width) / 2
        let y = isSign ? down - height : (down - height) / 3
        let white = unsafe XWhitePixel(display, screen)
        let black = unsafe XBlackPixel(display, screen)
        window = unsafe XCreateSimpleWindow(
            display, XDefaultRootWindow(display), Int32(max(0, x)), Int32(max(0, y)),
            UInt32(width), UInt32(height), 1, black, isSign ? black : white)
        unsafe XStoreName(display, window, title)
        unsafe cx11_set_class(display, window, "daybook-agent", "Daybook-agent")
        if isSign { unsafe cx11_set_unmanaged(display, window) }
        closing = unsafe XInternAtom(display, "WM_DELETE_WINDOW", 0)
        var protocols = closing
        unsafe XSetWMProtocols(display, window, &protocols, 1)
        let mask = ExposureMask | KeyPressMask | ButtonPressMask | StructureNotifyMask
        unsafe XSelectInput(display, window, mask)
        unsafe context = XCreateGC(display, window, 0, nil)
        unsafe XSetForeground(display, context, isSign ? white : black)
        unsafe XSetBackground(display, context, isSign ? black : white)
        if let font = unsafe font { unsafe XSetFont(display, context, font.pointee.fid) }
        self.margin = margin
    }

    private var margin = 0

    private var lineHeight: Int {
        guard let font = unsafe font else { return 13 }
        return unsafe Int(font.pointee.ascent + font.pointee.descent) + 2
    }

    private func textWidth(_ text: [UInt8]) -> Int {
        guard let font = unsafe font else { return text.count * 6 }
        return unsafe text.withUnsafeBytes { bytes in
            unsafe Int(
                XTextWidth(
                    font, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(text.count)))
        }
    }

    private func paint() {
        for (index, line) in lines.enumerated() {
            draw(line, x: margin, y: margin + index * lineHeight)
        }
        guard let button else { return }
        buttonWidth = textWidth(button) + 24
        unsafe XDrawRectangle(
            display, window, context, Int32(margin), Int32(buttonTop), UInt32(buttonWidth),
            UInt32(lineHeight + 12))
        draw(button, x: margin + 12, y: buttonTop + 6)
    }

    private func draw(_ text: [UInt8], x: Int, y: Int) {
        let baseline = y + (unsafe font.map { unsafe Int($0.pointee.ascent) } ?? 11)
        unsafe text.withUnsafeBytes { bytes in
            _ = unsafe XDrawString(
                display, window, context, Int32(x), Int32(baseline),
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count))
        }
    }

    private func isOnButton(_ event: cx11_event) -> Bool {
        guard button != nil, event.detail == 1 else { return false }
        return (margin...margin + max(buttonWidth, 1)).contains(Int(event.x))
            && (buttonTop...buttonTop + lineHeight + 12).contains(Int(event.y))
    }

    private func isAccepting(_ event: cx11_event) -> Bool {
        guard button != nil else { return false }
        let meaning = connection.meaning(of: Int(event.detail), modifiers: 0, group: 0)
        // Not the space bar: whoever types on while the notice comes up has not read it.
        return meaning == .named("Enter")
    }

    private func takeFocusWithoutWindowManager() {
        guard button != nil, connection.activeWindow() == nil else { return }
        unsafe XSetInputFocus(display, window, RevertToParent, UInt(CurrentTime))
    }
}
