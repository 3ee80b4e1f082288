import Glibc

/// How a terminal treats what is typed.
struct TerminalSettings: Equatable, Sendable {
    /// Whether the terminal itself shows it (`ECHO`).
    var isEchoing: Bool
    /// Whether the program gets whole lines (`ICANON`).
    var readsLines: Bool

    /// The settings of now; nil when the terminal cannot be opened.
    static func read(_ path: String) -> TerminalSettings? {
        // A terminal's group may only write to it; its settings are read all the same.
        for access in [O_RDONLY, O_WRONLY] {
            let flags = access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
            let descriptor = unsafe open(path, flags)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var settings = termios()
            guard unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
            return TerminalSettings(
                isEchoing: settings.c_lflag & UInt32(ECHO) != 0,
                readsLines: settings.c_lflag & UInt32(ICANON) != 0)
        }
        return nil
    }
}

/// Sees when a program in a terminal's window asks for a password.
///
/// `sudo`, `ssh`, `passwd`, `read -s` and their like switch the terminal's echo off and keep reading
/// whole lines; a shell's own line editor, and every editor, switches both off and shows the keys
/// itself. So echo off with whole lines on means a secret. The terminals of a window are those of the
/// programs below the window's process, and when `tmux` or `screen` is among these, also those below
/// its server.
///
/// With both off a few programs are no editors: those that pass the keys on to where we cannot see
/// (`ssh` to another computer, `sudo` and `su` to a terminal of theirs) or that show stars for a
/// password. While one of them is in the foreground, nothing of the window can be known.
final class TerminalPrompts {
    private let terminals: ProcessTerminals
    private let settings: (String) -> TerminalSettings?
    private var known: (pid: Int, lines: [TerminalLine], at: Int64)?

    init(
        terminals: ProcessTerminals = ProcessTerminals(root: "/proc"),
        settings: @escaping (String) -> TerminalSettings? = TerminalSettings.read
    ) {
        self.terminals = terminals
        self.settings = settings
    }

    /// Looks at the terminals of a process and those below it, at a time of the monotonic clock.
    func look(below pid: Int, areKeysWaiting: Bool, at now: Int64) -> TerminalLook {
        let look = judge(lines(below: pid, areKeysWaiting: areKeysWaiting, at: now))
        // A terminal that was closed since cannot be opened: is it still there?
        guard look == .unseen, let known, known.at != now else { return look }
        return judge(read(below: pid, at: now))
    }

    private func judge(_ lines: [TerminalLine]) -> TerminalLook {
        let looks = lines.map { TerminalPrompts.look(at: $0, settings($0.path)) }
        if looks.contains(.silent) { return .silent }
        if looks.contains(.unseen) { return .unseen }
        return looks.isEmpty ? .notATerminal : .echoing
    }

    /// What one terminal's settings and foreground programs mean.
    static func look(at line: TerminalLine, _ settings: TerminalSettings?) -> TerminalLook {
        guard let settings else { return .unseen }
        if settings.readsLines { return settings.isEchoing ? .echoing : .silent }
        return line.foreground.isDisjoint(with: opaque) ? .echoing : .unseen
    }

    /// Programs that take keys one by one and are no editors; names as the kernel cuts them.
    static let opaque: Set<String> = [
        "ssh", "mosh-client", "telnet", "rlogin", "sudo", "sudo-rs", "su", "doas", "pkexec",
        "pinentry", "pinentry-curses", "pinentry-tty",
    ]

    /// The terminals below a process. They come and go, so that they are looked up again: at once when
    /// it matters, which is 200 ms since reading all processes takes milliseconds.
    private func lines(below pid: Int, areKeysWaiting: Bool, at now: Int64) -> [TerminalLine] {
        guard let known, known.pid == pid else { return read(below: pid, at: now) }
        let age = areKeysWaiting || !known.lines.isEmpty ? 200 : 1_000
        return now - known.at < age ? known.lines : read(below: pid, at: now)
    }

    private func read(below pid: Int, at now: Int64) -> [TerminalLine] {
        let lines = terminals.below(pid)
        known = (pid, lines, now)
        return lines
    }
}

/// A terminal and who works on it.
struct TerminalLine: Equatable, Sendable {
    /// The path of the device.
    var path: String
    /// The names of the programs in its foreground.
    var foreground: Set<String>
}

/// The terminals that processes run on, from `/proc/<pid>/stat`.
struct ProcessTerminals {
    let root: String

    private struct Process {
        var parent: Int
        var name: String
        var isForeground: Bool
        var terminal: Int
    }

    /// The pseudo-terminals of a process's descendants, by path.
    func below(_ pid: Int) -> [TerminalLine] {
        let processes = processes()
        var children: [Int: [Int]] = [:]
        for (id, process) in processes { children[process.parent, default: []].append(id) }
        var found = descendants(of: children[pid] ?? [], children)
        if let client = found.first(where: {
            ProcessTerminals.clients.contains(processes[$0]?.name ?? "")
        }) {
            // The panes are programs of the server, which left its parents long ago.
            let user = owner(of: client)
            let servers = processes.filter { id, process in
                ProcessTerminals.servers.contains(process.name) && owner(of: id) == user
            }
            found.formUnion(descendants(of: Array(servers.keys), children))
        }
        return lines(found.compactMap { processes[$0] })
    }

    /// Programs that show the terminals of a server in their own.
    private static let clients: Set<String> = ["tmux: client", "screen"]
    private static let servers: Set<String> = ["tmux: server", "screen"]

    private func descendants(of roots: [Int], _ children: [Int: [Int]]) -> Set<Int> {
        var found: Set<Int> = []
        var waiting = roots
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += children[next] ?? [] }
        }
        return found
    }

    private func lines(_ processes: [Process]) -> [TerminalLine] {
        var lines: [String: Set<String>] = [:]
        for process in processes {
            guard let path = path(process.terminal) else { continue }
            let names = process.isForeground ? [process.name] : []
            lines[path, default: []].formUnion(names)
        }
        return lines.sorted { $0.key < $1.key }
            .map { TerminalLine(path: $0.key, foreground: $0.value) }
    }

    /// The path of a device number: only pseudo-terminals, majors 136 to 143.
    private func path(_ device: Int) -> String? {
        let major = device >> 8 & 0xFFF
        let minor = device & 0xFF | device >> 12 & 0xFFF00
        return (136...143).contains(major) ? "/dev/pts/\((major - 136) << 8 | minor)" : nil
    }

    private func processes() -> [Int: Process] {
        var processes: [Int: Process] = [:]
        for pid in ProcessTable.pids(in: root) {
            let line = ProcessTable.content(of: "\(root)/\(pid)/stat", limit: 4_096)
            processes[pid] = line.flatMap(ProcessTerminals.parse)
        }
        return processes
    }

    /// Name, parent, group, terminal and the terminal's foreground group (proc(5), fields 2 to 8).
    private static func parse(stat bytes: [UInt8]) -> Process? {
        guard let open = bytes.firstIndex(of: 0x28), let close = bytes.lastIndex(of: 0x29),
            open < close
        else { return nil }
        let fields = String(decoding: bytes[(close + 1)...], as: UTF8.self).split(separator: " ")
        // A zombie types nothing, and its terminal may be gone.
        guard fields.count > 5, fields[0] != "Z", let parent = Int(fields[1]),
            let group = Int(fields[2]), let terminal = Int(fields[4]),
            let foreground = Int(fields[5])
        else { return nil }
        return Process(
            parent: parent, name: String(decoding: bytes[(open + 1)..<close], as: UTF8.self),
            isForeground: group == foreground, terminal: terminal)
    }

    private func owner(of pid: Int) -> UInt32? {
        var status = stat()
        return unsafe stat("\(root)/\(pid)", &status) == 0 ? status.st_uid : nil
    }
}
