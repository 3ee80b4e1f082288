import Events
import TestSupport
import Testing

@testable import Agent

@Suite struct SecretWindowsTests {
    /// Windows that ask for secrets: none of their keys may ever be kept (P22, S41).
    static let secret: [(app: String, window: String)] = [
        ("Ssh-askpass", "OpenSSH"), ("Gnome-ssh-askpass", ""), ("Ksshaskpass", "Ksshaskpass"),
        ("Pinentry-gtk-2", "pinentry"), ("pinentry-qt", ""), ("Pinentry", "Enter PIN"),
        ("Gksu", "gksu"), ("Gksudo", ""), ("Kdesudo", "Run as root"), ("lxqt-sudo", "LXQt Sudo"),
        ("Polkit-gnome-authentication-agent-1", "Authenticate"),
        ("Polkit-mate-authentication-agent-1", "Authenticate"),
        ("lxqt-policykit-agent", "Authentication Required"), ("Gcr-prompter", "Unlock Keyring"),
        ("Zenity", "Type your password"), ("zenity", "Password"), ("Yad", "Enter password"),
        ("KeePassXC", "home.kdbx [Locked] - KeePassXC"), ("keepassx", ""), ("KeePass2", "x"),
        ("Bitwarden", "Bitwarden"), ("1Password", "1Password"), ("Seahorse", "Seahorse"),
        ("Kwalletmanager5", ""), ("Enpass", "Enpass"), ("Proton Pass", "Proton Pass"),
        ("i3lock", "i3lock"), ("XScreenSaver", "xscreensaver"), ("XLock", ""), ("slock", ""),
        ("Lightdm-gtk-greeter", ""), ("kscreenlocker_greet", ""), ("Light-locker", ""),
        ("Mate-screensaver", ""), ("Xfce4-screensaver", ""), ("Cinnamon-screensaver", ""),
        ("Firefox", "Log in | Hillside VLE - Mozilla Firefox"),
        ("Firefox", "Log In - Hillside"), ("Firefox", "LOGIN - Mozilla Firefox"),
        ("Firefox", "Log\u{A0}in to Moodle"), ("Firefox", "Hillside: Log-in"),
        ("Firefox", "Logging in..."), ("Firefox", "Log on to the library"),
        ("Firefox", "Logon"), ("Google-chrome", "Sign in - Google Accounts - Google Chrome"),
        ("Google-chrome", "Sign in to your Microsoft account"),
        ("Google-chrome", "Sign-in | Example"), ("Google-chrome", "Signin"),
        ("Google-chrome", "Sign up for Example"), ("Google-chrome", "Single sign-on"),
        ("Google-chrome", "School SSO"), ("Chromium", "Enter your password"),
        ("Chromium", "Change Password | Example"), ("Chromium", "Forgotten passwords"),
        ("Chromium", "Reset your passphrase"), ("Chromium", "Create an account - Example"),
        ("Chromium", "Create your account"), ("Chromium", "Create account"),
        ("Chromium", "Two-factor authentication"), ("Chromium", "2-Step Verification"),
        ("Chromium", "Two-step login"), ("Chromium", "2FA"), ("Chromium", "MFA required"),
        ("Chromium", "Verify your identity"), ("Chromium", "Verify it's you"),
        ("Chromium", "Enter the verification code"), ("Chromium", "One-time code"),
        ("Chromium", "Enter your security code"), ("Chromium", "Use your security key"),
        ("Chromium", "Account recovery"), ("Chromium", "Your recovery key"),
        ("Chromium", "Authenticate with Example"), ("Chromium", "Authorise application"),
        ("Chromium", "Authorize application"), ("Chromium", "Windows Security: credentials"),
        ("Chromium", "Payment details - Shop"), ("Chromium", "Card details"),
        ("Chromium", "PIN code"), ("Chromium", "Enter your PIN"), ("Chromium", "PIN entry"),
        ("Chromium", "Passcode"), ("Thunderbird", "Mail Server Password Required"),
        ("Evolution", "Mail authentication request"), ("Soffice", "Enter Password"),
        ("LibreOffice", "Set Password"), ("Xfce4-session", "Unlock the session"),
        ("Nm-applet", "Wi-Fi Network Authentication Required"),
        ("Org.gnome.Shell", "Authentication required by Wi-Fi network"),
        ("File-roller", "Password required for \"a.zip\""), ("Evince", "Enter password"),
        ("Virt-manager", "Unlock keyring"), ("Gnome-terminal", "Login"),
        ("Remmina", "Enter RDP authentication credentials"), ("Vncviewer", "VNC authentication"),
        ("Steam", "Sign in to Steam"), ("Discord", "Discord - Log in"),
        ("Teams", "Sign in to your account"), ("Zoom", "Sign In"), ("Secrets", "x"),
        ("Authenticator", ""), ("Firefox", "Mot de passe"), ("Firefox", "Passwort vergessen?"),
        ("firefox", "Bitwarden - Mozilla Firefox"), ("Cryptsetup", "Unlock encrypted disk"),
        ("Gparted", "Authentication is needed"),
        ("Blueman", "Pairing: enter PIN"),
    ]

    /// Windows of ordinary work: what is typed there is what the school promised to record (P2).
    static let ordinary: [(app: String, window: String)] = [
        ("Gedit", "essay.txt"), ("L3afpad", "*history homework"), ("XTerm", "xterm"),
        ("Firefox", "My blog inside out - Mozilla Firefox"),
        ("Firefox", "Catalogue in progress"), ("Firefox", "Dialog in French - BBC Bitesize"),
        ("Firefox", "Logs in Norway: timber"), ("Firefox", "Design inspiration"),
        ("Firefox", "Significant figures - Maths"), ("Firefox", "Signs in nature"),
        ("Firefox", "Passport photos"), ("Firefox", "Passing the ball"),
        ("Firefox", "Pins and needles"), ("Firefox", "Spinning wheels"),
        ("Firefox", "Author interview"), ("Firefox", "Unlocked: a novel"),
        ("Libreoffice-writer", "Macbeth.odt - LibreOffice Writer"), ("Teams", "Chat | Year 9"),
        ("Discord", "#general"), ("Thunderbird", "Inbox"), ("Code", "main.py - Code"),
        ("Google-chrome", "Google Search"), ("", ""), ("Firefox", "a lock gate on the canal"),
        ("Secretsanta", "list"), ("Firefox", "The Secret Garden"), ("Minetest", "Minetest"),
    ]

    @Test func `a hundred windows that ask for secrets are all known`() {
        #expect(SecretWindowsTests.secret.count >= 100)
        let windows = SecretWindows()
        let missed = SecretWindowsTests.secret.filter {
            !windows.contain(Place(app: $0.app, window: $0.window))
        }
        #expect(missed.isEmpty, "\(missed)")
    }

    @Test func `ordinary windows are not taken for secret ones`() {
        let windows = SecretWindows()
        let wrong = SecretWindowsTests.ordinary.filter {
            windows.contain(Place(app: $0.app, window: $0.window))
        }
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test func `a configuration adds patterns and takes none away`() {
        let windows = SecretWindows(adding: ["app:hillside-portal*", "window:exam * entry", ""])
        #expect(windows.contain(Place(app: "Hillside-Portal-2", window: "x")))
        #expect(windows.contain(Place(app: "x", window: "Exam number 7 entry")))
        #expect(!windows.contain(Place(app: "exam a entry", window: "x")))
        #expect(windows.contain(Place(app: "x", window: "Password")))
    }

    @Test func `patterns match whole words, and stars any run`() {
        let windows = SecretWindows(adding: ["zq * zw", "zx*"])
        #expect(windows.contain(Place(app: "", window: "(ZQ one zw two zw)")))
        #expect(!windows.contain(Place(app: "", window: "zq one zwo")))
        #expect(!windows.contain(Place(app: "", window: "azq one zw")))
        #expect(windows.contain(Place(app: "", window: "a zxylophone")))
        #expect(!windows.contain(Place(app: "", window: "azx")))
    }

    @Test func `no title crashes or takes long`() throws {
        let windows = SecretWindows(adding: ["a*a*a*a*b", "*", "**"])
        _ = windows.contain(Place(app: "", window: String(repeating: "a", count: 1_024)))
        try forAll({ $0.text(upTo: 60) }) { text in
            _ = windows.contain(Place(app: text, window: text))
        }
    }
}

@Suite struct SecretFilterTests {
    let login = Place(app: "Firefox", window: "Log in - Hillside")
    let essay = Place(app: "Gedit", window: "essay")

    func observation(_ body: EventBody, at milliseconds: Int64 = 0) -> Observation {
        Observation(
            wall: FakeClock.wallStart.advanced(byMilliseconds: milliseconds),
            monotonicMilliseconds: milliseconds, body: body)
    }

    @Test func `keys of a secret window become one count when the focus leaves (P22)`() {
        var filter = SecretFilter(SecretWindows())
        var out: [EventBody] = []
        out += filter.pass(observation(.window(login))).map(\.body)
        for letter in ["h", "u", "n", "t", "e", "r", "2", "Enter"] {
            out += filter.pass(observation(AgentFixture.key(letter, login))).map(\.body)
        }
        #expect(out == [.window(login)])
        out += filter.pass(observation(.window(essay))).map(\.body)
        #expect(out == [.window(login), .secret(count: 8, place: login), .window(essay)])
    }

    @Test func `a count is told every thirty seconds while the window stays`() {
        var filter = SecretFilter(SecretWindows())
        var counts: [Int] = []
        for second in 0..<95 {
            let time = Int64(second) * 1_000
            for passed in filter.pass(observation(AgentFixture.key("x", login), at: time)) {
                if case .secret(let count, _) = passed.body { counts.append(count) }
            }
        }
        #expect(counts == [31, 31, 31])
        let rest = filter.flush().map(\.body)
        #expect(rest == [.secret(count: 2, place: login)])
        let nothing = filter.flush()
        #expect(nothing.isEmpty)
    }

    @Test func `time alone brings a count out`() {
        var filter = SecretFilter(SecretWindows())
        _ = filter.pass(observation(AgentFixture.key("x", login), at: 0))
        let counts = [29_999, 30_000, 90_000].map {
            filter.due(monotonicMilliseconds: $0).count
        }
        #expect(counts == [0, 1, 0])
    }

    @Test func `a count carries whole seconds only (G1)`() throws {
        var filter = SecretFilter(SecretWindows())
        _ = filter.pass(observation(AgentFixture.key("x", login), at: 1_234))
        let flushed = filter.flush()
        let count = try #require(flushed.first)
        #expect(count.wall.milliseconds % 1_000 == 0)
        #expect(count.monotonicMilliseconds == 1_000)
    }

    @Test func `two secret windows have a count each`() {
        let other = Place(app: "Zenity", window: "Type your password")
        var filter = SecretFilter(SecretWindows())
        _ = filter.pass(observation(AgentFixture.key("x", login)))
        let first = filter.pass(observation(AgentFixture.key("y", other)))
        #expect(first.map(\.body) == [.secret(count: 1, place: login)])
        let second = filter.flush().map(\.body)
        #expect(second == [.secret(count: 1, place: other)])
    }

    @Test func `keys that a source withheld itself are added up`() {
        var filter = SecretFilter(SecretWindows())
        for _ in 0..<3 { _ = filter.pass(observation(.secret(count: 1, place: essay))) }
        let out = filter.pass(observation(AgentFixture.key("a", essay)))
        #expect(out.map(\.body) == [.secret(count: 3, place: essay), AgentFixture.key("a", essay)])
    }

    @Test func `programs and heartbeats do not split a count`() {
        var filter = SecretFilter(SecretWindows())
        _ = filter.pass(observation(AgentFixture.key("x", login)))
        let beat = EventBody.agent(action: .heartbeat, counters: [:])
        let passed = filter.pass(observation(beat)).map(\.body)
        #expect(passed == [beat])
        _ = filter.pass(observation(AgentFixture.key("y", login)))
        let rest = filter.flush().map(\.body)
        #expect(rest == [.secret(count: 2, place: login)])
    }

    @Test func `many titles do not fill memory`() {
        var filter = SecretFilter(SecretWindows())
        for number in 0..<2_000 {
            let isSecret = filter.isSecret(Place(app: "Firefox", window: "page \(number)"))
            #expect(!isSecret)
        }
        let isSecret = filter.isSecret(login)
        #expect(isSecret)
    }
}
