import Foundation
import TestSupport
import Testing

@testable import Agent

@Suite struct TerminalPromptsTests {
    /// A `/proc` of a test: lines of pid, name, parent, group, terminal number, foreground group.
    private func withProcesses<Value>(
        _ processes: [(pid: Int, name: String, parent: Int, group: Int, tty: Int, front: Int)],
        state: String = "S", _ body: (ProcessTerminals) throws -> Value
    ) throws -> Value {
        try TemporaryDirectory.with { folder in
            for one in processes {
                let process = folder.appending(path: "\(one.pid)")
                try FileManager.default.createDirectory(
                    at: process, withIntermediateDirectories: true)
                let terminal = one.tty < 0 ? 0 : 136 << 8 | one.tty
                let line =
                    "\(one.pid) (\(one.name)) \(state) \(one.parent) \(one.group) 1 \(terminal) "
                    + "\(one.front) 0 0 0\n"
                try Data(line.utf8).write(to: process.appending(path: "stat"))
            }
            return try body(ProcessTerminals(root: folder.pathText))
        }
    }

    @Test func `the terminals of a window are those below its process, with who is in front`()
        throws
    {
        let lines = try withProcesses([
            (10, "xterm", 1, 10, -1, -1), (11, "bash", 10, 11, 3, 12), (12, "sudo", 11, 12, 3, 12),
            (13, "passwd) S 9 (", 12, 13, 4, 13), (20, "xterm", 1, 20, -1, -1),
            (21, "bash", 20, 21, 5, 21),
        ]) { $0.below(10) }
        #expect(
            lines == [
                TerminalLine(path: "/dev/pts/3", foreground: ["sudo"]),
                TerminalLine(path: "/dev/pts/4", foreground: ["passwd) S 9 ("]),
            ])
    }

    @Test func `zombies, loops and lines that are none lead nowhere`() throws {
        let dead = try withProcesses(
            [(10, "xterm", 1, 10, -1, -1), (11, "sh", 10, 11, 3, 11)], state: "Z"
        ) { $0.below(10) }
        #expect(dead.isEmpty)
        let loop = try withProcesses([(10, "a", 11, 1, 2, 1), (11, "b", 10, 1, 2, 1)]) {
            $0.below(10).map(\.path)
        }
        #expect(loop == ["/dev/pts/2"])
        try TemporaryDirectory.with { folder in
            let process = folder.appending(path: "7")
            try FileManager.default.createDirectory(
                at: process, withIntermediateDirectories: true)
            for text in ["", "7", "7 (x", "7 (x) S", "7 (x) S 1 1 1 a 1", ") S 1 1 1 1 1 ("] {
                try Data(text.utf8).write(to: process.appending(path: "stat"))
                #expect(ProcessTerminals(root: folder.pathText).below(1).isEmpty)
            }
        }
    }

    @Test(arguments: [("tmux: client", "tmux: server"), ("screen", "screen")])
    func `the panes of tmux and screen belong to the window that shows them`(
        client: String, server: String
    ) throws {
        let lines = try withProcesses([
            (10, "xterm", 1, 10, -1, -1), (11, "bash", 10, 11, 3, 12),
            (12, client, 11, 12, 3, 12), (30, server, 1, 30, -1, -1), (31, "bash", 30, 31, 7, 32),
            (32, "passwd", 31, 32, 7, 32), (20, "xterm", 1, 20, -1, -1),
            (21, "bash", 20, 21, 5, 21),
        ]) { terminals in [terminals.below(10), terminals.below(20)] }
        #expect(lines[0].map(\.path) == ["/dev/pts/3", "/dev/pts/7"])
        #expect(lines[1].map(\.path) == ["/dev/pts/5"])
    }

    @Test func `whole lines without echo are a prompt, a line editor is none`() {
        func look(_ isEchoing: Bool, _ readsLines: Bool, _ front: Set<String>) -> TerminalLook {
            TerminalPrompts.look(
                at: TerminalLine(path: "/dev/pts/1", foreground: front),
                TerminalSettings(isEchoing: isEchoing, readsLines: readsLines))
        }
        #expect(look(false, true, ["passwd"]) == .silent)
        #expect(look(false, true, ["ssh"]) == .silent)
        #expect(look(true, true, ["cat"]) == .echoing)
        #expect(look(true, true, ["sudo"]) == .echoing)
        // The prompt of bash, and an editor.
        #expect(look(false, false, ["bash"]) == .echoing)
        #expect(look(false, false, ["nano"]) == .echoing)
        #expect(look(false, false, ["tmux: client"]) == .echoing)
        #expect(look(true, false, ["less"]) == .echoing)
        // Somebody else's terminal, or stars.
        #expect(look(false, false, ["ssh"]) == .unseen)
        #expect(look(false, false, ["make", "sudo"]) == .unseen)
        #expect(look(false, false, ["pinentry-curses"]) == .unseen)
        let line = TerminalLine(path: "/dev/pts/1", foreground: [])
        #expect(TerminalPrompts.look(at: line, nil) == .unseen)
    }

    @Test func `any prompt of a window counts, and a terminal that nobody may open`() throws {
        try withProcesses([
            (10, "term", 1, 10, -1, -1), (11, "bash", 10, 11, 1, 11), (12, "bash", 10, 12, 2, 12),
        ]) { terminals in
            var settings: [String: TerminalSettings] = [:]
            let editing = TerminalSettings(isEchoing: false, readsLines: false)
            let prompts = TerminalPrompts(terminals: terminals) { settings[$0] }
            func look() -> TerminalLook { prompts.look(below: 10, areKeysWaiting: true, at: 0) }
            #expect(look() == .unseen)
            settings = ["/dev/pts/1": editing, "/dev/pts/2": editing]
            #expect(look() == .echoing)
            settings["/dev/pts/2"] = TerminalSettings(isEchoing: false, readsLines: true)
            #expect(look() == .silent)
            settings["/dev/pts/1"] = nil
            #expect(look() == .silent)
            #expect(prompts.look(below: 11, areKeysWaiting: true, at: 0) == .notATerminal)
        }
    }

    @Test func `a terminal that was closed is forgotten, a new one is found in time`() throws {
        try TemporaryDirectory.with { folder in
            func write(_ pid: Int, _ parent: Int, _ terminal: Int) throws {
                let process = folder.appending(path: "\(pid)")
                try FileManager.default.createDirectory(
                    at: process, withIntermediateDirectories: true)
                try Data("\(pid) (sh) S \(parent) \(pid) 1 \(terminal) \(pid) 0\n".utf8)
                    .write(to: process.appending(path: "stat"))
            }
            try write(10, 1, 0)
            var open: Set<String> = ["/dev/pts/1"]
            let prompts = TerminalPrompts(terminals: ProcessTerminals(root: folder.pathText)) {
                open.contains($0) ? TerminalSettings(isEchoing: true, readsLines: true) : nil
            }
            #expect(prompts.look(below: 10, areKeysWaiting: false, at: 0) == .notATerminal)
            try write(11, 10, 136 << 8 | 1)
            #expect(prompts.look(below: 10, areKeysWaiting: false, at: 900) == .notATerminal)
            #expect(prompts.look(below: 10, areKeysWaiting: true, at: 900) == .echoing)
            try FileManager.default.removeItem(at: folder.appending(path: "11"))
            open = []
            #expect(prompts.look(below: 10, areKeysWaiting: true, at: 901) == .notATerminal)
        }
    }
}
