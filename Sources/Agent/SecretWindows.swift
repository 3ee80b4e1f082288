public import Events

/// Which windows hold secrets: log-in dialogs, password managers, lock screens (P22, S41).
///
/// A pattern is text in which `*` stands for any run of characters. It is looked for in the program's
/// name and in the window's title, without regard to case, and only where whole words begin and end:
/// `log in` is found in "Log in - Hillside" and not in "blog inside". `app:` or `window:` in front
/// looks only there.
public struct SecretWindows: Sendable {
    /// The built-in list; a configuration can add to it and not take from it.
    public static let builtIn: [String] = [
        // Dialogs that ask for a password.
        "app:pinentry*", "app:ssh-askpass*", "app:ssh_askpass*", "app:gnome-ssh-askpass*",
        "app:ksshaskpass*", "app:gksu*", "app:gksudo*", "app:kdesu*", "app:kdesudo*",
        "app:lxqt-sudo*", "app:lxsudo*", "app:polkit*", "app:*polkit*agent*", "app:gcr-prompter*",
        "app:gnome-keyring*", "app:kwallet*", "app:seahorse*",
        // Password managers.
        "app:keepass*", "app:bitwarden*", "app:1password*", "app:lastpass*", "app:dashlane*",
        "app:enpass*", "app:nordpass*", "app:protonpass*", "app:proton pass*", "app:secrets",
        "app:authenticator*", "app:qtpass*", "app:passwordsafe*", "app:revelation*",
        "keepass", "keepassxc", "bitwarden", "1password", "lastpass", "dashlane", "nordpass",
        "proton pass",
        // Lock screens and greeters.
        "app:i3lock*", "app:xscreensaver*", "app:light-locker*", "app:xlock*", "app:slock*",
        "app:swaylock*", "app:*greeter*", "app:kscreenlocker*", "app:gnome-screensaver*",
        "app:mate-screensaver*", "app:xfce4-screensaver*", "app:cinnamon-screensaver*",
        // What titles of log-in pages and dialogs say.
        "log in", "log-in", "login", "log on", "log-on", "logon", "logging in", "sign in",
        "sign-in", "signin", "sign on", "sign-on", "sign up", "single sign-on", "create account",
        "create an account", "create your account", "password", "passwords", "passcode",
        "passphrase", "pass phrase", "pass-phrase", "passwort", "mot de passe", "pin code",
        "your pin", "enter pin", "pin entry", "credential*", "authenticat*", "authoris*",
        "authoriz*", "two-factor", "two-step", "two factor", "2-step*", "2fa", "mfa", "verify it*",
        "verification code", "verify your identity", "security code", "security key",
        "one-time code", "unlock", "keyring",
        "recovery key", "secret key", "private key", "account recovery", "sso", "card details",
        "payment details",
    ]

    /// A part of the screen that a pattern is looked for in.
    private enum Scope { case app, window, both }

    private struct Pattern {
        let scope: Scope
        let pieces: [[Character]]
        /// Whether the pattern must begin or end where a word does; a `*` there lifts it.
        let isWordStart: Bool
        let isWordEnd: Bool
    }

    private let patterns: [Pattern]

    /// The built-in patterns and some more; empty ones are left out.
    public init(adding more: [String] = []) {
        patterns = (SecretWindows.builtIn + more).compactMap(SecretWindows.compile)
    }

    /// Whether keys that go to this place must be withheld.
    public func contain(_ place: Place) -> Bool {
        let app = SecretWindows.fold(place.app)
        let window = SecretWindows.fold(place.window)
        return patterns.contains { pattern in
            switch pattern.scope {
            case .app: SecretWindows.matches(pattern, app)
            case .window: SecretWindows.matches(pattern, window)
            case .both:
                SecretWindows.matches(pattern, window) || SecretWindows.matches(pattern, app)
            }
        }
    }

    private static func compile(_ text: String) -> Pattern? {
        var rest = fold(text)[...]
        var scope = Scope.both
        for (prefix, named) in [("app:", Scope.app), ("window:", Scope.window)]
        where rest.starts(with: Array(prefix)) {
            scope = named
            rest = rest.dropFirst(prefix.count)
        }
        let pieces = rest.split(separator: "*").map(Array.init)
        guard let first = rest.first, let last = rest.last, !pieces.isEmpty else { return nil }
        return Pattern(
            scope: scope, pieces: pieces, isWordStart: first != "*", isWordEnd: last != "*")
    }

    /// Lower case, and every run of spaces as one, so that a no-break space does not hide a log-in.
    private static func fold(_ text: String) -> [Character] {
        var out: [Character] = []
        for character in text.lowercased() {
            if !character.isWhitespace {
                out.append(character)
            } else if out.last != " " {
                out.append(" ")
            }
        }
        return out
    }

    private static func matches(_ pattern: Pattern, _ text: [Character]) -> Bool {
        guard let first = pattern.pieces.first, let last = pattern.pieces.last else { return false }
        for start in text.indices where stands(first, in: text, at: start) {
            guard !pattern.isWordStart || start == 0 || !isWord(text[start - 1]) else { continue }
            guard pattern.pieces.count > 1 else {
                if endsWell(pattern, text, at: start + first.count) { return true }
                continue
            }
            // A star takes any run, so the first place of each piece is as good as any later one:
            // no way back has to be tried. Only where the last one ends may matter.
            var at = start + first.count
            for piece in pattern.pieces.dropFirst().dropLast() {
                guard let found = place(of: piece, in: text, from: at) else { return false }
                at = found + piece.count
            }
            while let found = place(of: last, in: text, from: at) {
                if endsWell(pattern, text, at: found + last.count) { return true }
                at = found + 1
            }
            return false
        }
        return false
    }

    private static func endsWell(_ pattern: Pattern, _ text: [Character], at end: Int) -> Bool {
        !pattern.isWordEnd || end == text.count || !isWord(text[end])
    }

    private static func place(of piece: [Character], in text: [Character], from start: Int)
        -> Int?
    {
        (start..<max(start, text.count)).first { stands(piece, in: text, at: $0) }
    }

    private static func stands(_ piece: [Character], in text: [Character], at start: Int) -> Bool {
        guard start + piece.count <= text.count else { return false }
        for offset in piece.indices where text[start + offset] != piece[offset] { return false }
        return true
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }
}

/// Puts counts in the place of keys that go to secret windows.
///
/// Every observation passes here before anything of it is kept: what a withheld key was is forgotten
/// at once. A count goes out when the focus leaves the window, when anything else happens in another
/// window, and every ``AgentLimits/secretSeconds``.
public struct SecretFilter: Sendable {
    private let windows: SecretWindows
    private var withheld: Withheld?
    private var known: [Place: Bool] = [:]

    private struct Withheld {
        var count: Int
        var place: Place
        var since: Int64
        var last: Observation
    }

    /// A filter for some windows.
    public init(_ windows: SecretWindows) { self.windows = windows }

    /// Whether keys that go to this place are withheld.
    public mutating func isSecret(_ place: Place) -> Bool {
        if let answer = known[place] { return answer }
        // Titles come from outside: a page that changes its title all the time must not fill memory.
        if known.count >= 256 { known.removeAll(keepingCapacity: true) }
        let answer = windows.contain(place)
        known[place] = answer
        return answer
    }

    /// Takes an observation and returns what may be recorded instead of it.
    public mutating func pass(_ observation: Observation) -> [Observation] {
        switch observation.body {
        case .key(let press) where isSecret(press.place):
            return withhold(1, press.place, observation)
        case .secret(let count, let place):
            return withhold(count, place, observation)
        case .window(let place) where place == withheld?.place: return [observation]
        case .window, .key, .click, .session: return flush() + [observation]
        default: return [observation]
        }
    }

    /// The count that is due by a time of the monotonic clock, if any.
    public mutating func due(monotonicMilliseconds now: Int64) -> [Observation] {
        guard let withheld, now - withheld.since >= Int64(AgentLimits.secretSeconds) * 1_000
        else { return [] }
        return flush()
    }

    /// The count that is open, if any.
    public mutating func flush() -> [Observation] {
        guard let open = withheld else { return [] }
        withheld = nil
        return [
            Observation(
                wall: open.last.wall, monotonicMilliseconds: open.last.monotonicMilliseconds,
                body: .secret(count: open.count, place: open.place))
        ]
    }

    private mutating func withhold(_ count: Int, _ place: Place, _ observation: Observation)
        -> [Observation]
    {
        let before = withheld?.place == place ? [] : flush()
        var open =
            withheld
            ?? Withheld(
                count: 0, place: place, since: observation.monotonicMilliseconds,
                last: observation)
        open.count += count
        // Only its times are used later: the key itself must not stay in memory.
        open.last = Observation(
            wall: observation.wall.roundedDownToSecond,
            monotonicMilliseconds: observation.monotonicMilliseconds / 1_000 * 1_000,
            body: .secret(count: 0, place: place))
        withheld = open
        return before + due(monotonicMilliseconds: observation.monotonicMilliseconds)
    }
}
