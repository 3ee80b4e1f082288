import Events
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Agent

@Suite struct ProcessSourceTests {
    private func entry(_ image: String, parent: Int = 1) -> ProcessTable.Entry {
        ProcessTable.Entry(image: image, commandLine: image + " -x", parentPid: parent)
    }

    private func key(_ pid: Int, _ start: UInt64 = 5) -> ProcessTable.Key {
        ProcessTable.Key(pid: pid, startTicks: start)
    }

    private func change(
        _ action: EventBody.ProcessChange.Action, _ image: String, pid: Int, parent: Int = 1,
        parentImage: String = ""
    ) -> EventBody {
        .process(
            EventBody.ProcessChange(
                action: action, image: image, commandLine: image + " -x", parentImage: parentImage,
                pid: pid, parentPid: parent))
    }

    @Test func `starts and ends are told, the baseline is not`() {
        var changes = ProcessChanges(ownPid: 99, baseline: [key(10): entry("/bin/bash")])
        let started = changes.update(
            to: [
                key(10): entry("/bin/bash"), key(11): entry("/bin/ls", parent: 10),
                key(99): entry("/agent"),
            ]) { _ in "" }
        #expect(
            started == [change(.start, "/bin/ls", pid: 11, parent: 10, parentImage: "/bin/bash")])
        let ended = changes.update(to: [key(11): entry("/bin/ls", parent: 10)]) { _ in "" }
        #expect(ended == [change(.end, "/bin/bash", pid: 10)])
        #expect(
            changes.update(to: [key(11): entry("/bin/ls", parent: 10)]) { _ in "" }.isEmpty)
    }

    @Test func `a process id used again is another process`() {
        var changes = ProcessChanges(ownPid: 0, baseline: [key(10, 5): entry("/bin/a")])
        let events = changes.update(to: [key(10, 8): entry("/bin/a")]) { _ in "init" }
        #expect(
            events == [
                change(.end, "/bin/a", pid: 10),
                change(.start, "/bin/a", pid: 10, parentImage: "init"),
            ])
    }

    @Test func `a program that becomes another is an end and a start`() {
        var changes = ProcessChanges(ownPid: 0, baseline: [key(10): entry("/bin/bash")])
        let events = changes.update(to: [key(10): entry("/usr/bin/xterm")]) { _ in "" }
        #expect(
            events == [
                change(.end, "/bin/bash", pid: 10), change(.start, "/usr/bin/xterm", pid: 10),
            ])
    }

    @Test func `a program without a command line is waited for once, then told of`() {
        var changes = ProcessChanges(ownPid: 0, baseline: [:])
        let bare = ProcessTable.Entry(image: "/bin/x", commandLine: "", parentPid: 1)
        #expect(changes.update(to: [key(10): bare, key(11): bare]) { _ in "" }.isEmpty)
        let events = changes.update(to: [key(10): bare, key(11): entry("/bin/x")]) { _ in "" }
        let commandLines = events.compactMap { body -> String? in
            if case .process(let change) = body { change.commandLine } else { nil }
        }
        #expect(commandLines == ["", "/bin/x -x"])
    }

    @Test(arguments: [
        ("10 (bash) S 7 10 10 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 555 1 2", "bash", 7, 555),
        (
            "10 (a) b (c)) S 7 10 10 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 555 1 2", "a) b (c)", 7,
            555
        ),
        ("10 () R 0 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 9", "", 0, 9),
    ])
    func `a stat line is read whatever the name holds`(
        line: String, name: String, parent: Int, start: UInt64
    ) throws {
        let parsed = try #require(ProcessTable.parse(stat: Array(line.utf8)))
        #expect(parsed.name == name)
        #expect(parsed.parent == parent)
        #expect(parsed.start == start)
    }

    @Test(arguments: ["", "10", "10 (bash", "10 bash) S 7", ")(", "10 (x) S", "10 (x) S y 1 1 1 1"])
    func `a damaged stat line is no process`(line: String) {
        #expect(ProcessTable.parse(stat: Array(line.utf8)) == nil)
    }

    @Test func `a program started on this machine is found with its command line`() async throws {
        let table = ProcessTable(userID: getuid())
        try await Tool(named: "sleep").with(["54321.5"]) { running in
            let (_, entry) = try await eventually("sleep runs") {
                table.read(Int(running.processID)).flatMap {
                    $0.1.commandLine.contains("sleep") ? $0 : nil
                }
            }
            #expect(entry.commandLine.hasSuffix("sleep 54321.5"))
            #expect(entry.parentPid == Int(getpid()))
        }
        #expect(ProcessTable(userID: 4_000_000_000).read().isEmpty)
    }

    @Test func `long texts are cut at whole characters`() {
        #expect("abc".cut(toSize: 3) == "abc")
        #expect("aéé".cut(toSize: 4) == "aé")
        #expect("éé".cut(toSize: 1) == "")
        #expect(String(repeating: "👩‍👩‍👧", count: 9).cut(toSize: 40).utf8.count <= 40)
    }
}
