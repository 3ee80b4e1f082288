import Events

/// What a look at a window's terminals showed.
enum TerminalLook: Equatable, Sendable {
    /// The window's program has no terminal.
    case notATerminal
    /// What is typed is shown, or goes to a line editor, which shows it.
    case echoing
    /// A program reads a line without echo: a password prompt.
    case silent
    /// Whether it is shown cannot be known.
    case unseen

    /// Whether keys may be told as far as this look goes.
    var mayTell: Bool { self == .notATerminal || self == .echoing }
}

/// Holds keys until the terminal they went to was looked at, and lets only those through that were
/// shown on the screen.
///
/// Reading goes in rounds. A round asks the display for everything that has happened, and then looks
/// at the terminals. So a key of one round was pressed after the look of the last round but one, and
/// before the look of its own; the look of the last round fell somewhere around it. A key is told when
/// all three say that keys are shown, and when no more than
/// ``AgentLimits/echoLooksMilliseconds`` lie between the first and the last of them. Otherwise the key
/// is withheld and counted: also where a look is missing, because the window is new, or came late,
/// because the machine is busy.
///
/// An Enter that comes before a prompt is told although the prompt is up when the terminal is looked
/// at: it is the Enter that started the command, and it says nothing. The Enter that ends a prompt
/// is counted.
///
/// What remains: a prompt that comes and goes between two looks; a password that is typed before its
/// prompt is up, which the terminal shows too; a program that takes keys one by one and shows stars,
/// which looks like an editor (`read -s -n 1`, `dialog`, `npm login`); a terminal whose window does
/// not say its process (`_NET_WM_PID`), or says one of another computer.
struct TerminalEcho {
    /// The looks of the last two rounds, the older one first.
    private var rounds: [(looks: [UInt: TerminalLook], at: Int64)] = []

    /// Whether each of these keys must be withheld, in their order; the looks were taken after them,
    /// at a time of the monotonic clock.
    mutating func settle(
        _ keys: [(key: String, window: UInt)], looks: [UInt: TerminalLook], at now: Int64
    ) -> [Bool] {
        let verdicts = keys.map { mustWithhold($0.key, $0.window, looks, now) }
        rounds.append((looks, now))
        if rounds.count > 2 { rounds.removeFirst() }
        return verdicts
    }

    private func mustWithhold(
        _ key: String, _ window: UInt, _ looks: [UInt: TerminalLook], _ now: Int64
    ) -> Bool {
        let after = looks[window] ?? .unseen
        let before = rounds.compactMap { $0.looks[window] }
        guard ([after] + before).contains(where: { $0 != .notATerminal }) else { return false }
        guard let first = rounds.first, before.count == 2, before[0].mayTell,
            now - first.at <= AgentLimits.echoLooksMilliseconds
        else { return true }
        // A prompt that came up since and is still up was not ended by this Enter.
        if key == "Enter", !after.mayTell { return false }
        return !before[1].mayTell || !after.mayTell
    }
}
