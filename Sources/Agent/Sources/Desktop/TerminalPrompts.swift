import Glibc

/// Sees when a program in a terminal's window asks for a password.
///
/// `sudo`, `ssh` and their like switch the terminal's echo off and keep reading whole lines; a shell's
/// own line editor switches both off. So echo off with whole lines on means a secret. The terminals of
/// a window are those of the programs below the window's process.
final class TerminalPrompts {
    private let root: String
    private var known: (pid: Int, terminals: [String], at: Int64)?

    init(root: String = "/proc") { self.root = root }

    /// Whether any terminal of a process and those below it reads a line without echo.
    func isAsking(below pid: Int) -> Bool { terminals(below: pid).contains(where: isSilent) }

    private func isSilent(_ terminal: String) -> Bool {
        let descriptor = unsafe open(terminal, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return false }
        return settings.c_lflag & UInt32(ECHO) == 0 && settings.c_lflag & UInt32(ICANON) != 0
    }

    /// The terminals below a process; looked up again after a second, as tabs come and go.
    private func terminals(below pid: Int) -> [String] {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        let milliseconds = Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
        if let known, known.pid == pid, milliseconds - known.at < 1_000 { return known.terminals }
        let found = ProcessTerminals(root: root).below(pid)
        known = (pid, found, milliseconds)
        return found
    }
}

/// The terminals that processes run on, from `/proc/<pid>/stat`.
struct ProcessTerminals {
    let root: String

    /// Paths of the pseudo-terminals of a process's descendants.
    func below(_ pid: Int) -> [String] {
        var children: [Int: [Int]] = [:]
        var terminals: [Int: Int] = [:]
        for (process, parent, terminal) in processes() {
            children[parent, default: []].append(process)
            terminals[process] = terminal
        }
        var found: Set<Int> = []
        var waiting = children[pid] ?? []
        while let next = waiting.popLast() {
            if let terminal = terminals[next], terminal > 0 { found.insert(terminal) }
            waiting += children[next] ?? []
        }
        return found.sorted().compactMap(path)
    }

    /// The path of a device number: only pseudo-terminals, majors 136 to 143.
    private func path(_ device: Int) -> String? {
        let major = device >> 8 & 0xFFF
        let minor = device & 0xFF | device >> 12 & 0xFFF00
        return (136...143).contains(major) ? "/dev/pts/\((major - 136) << 8 | minor)" : nil
    }

    private func processes() -> [(pid: Int, parent: Int, terminal: Int)] {
        ProcessTable.pids(in: root).compactMap { pid in
            guard let line = ProcessTable.content(of: "\(root)/\(pid)/stat", limit: 4_096),
                let close = line.lastIndex(of: 0x29)
            else { return nil }
            let fields = String(decoding: line[(close + 1)...], as: UTF8.self)
                .split(separator: " ")
            guard fields.count > 4, let parent = Int(fields[1]), let terminal = Int(fields[4])
            else { return nil }
            return (pid, parent, terminal)
        }
    }
}
