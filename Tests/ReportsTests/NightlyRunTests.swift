import Access
import Casework
import Detection
import Durable
import Events
import Foundation
import Storage
import StoredSchool
import TestSupport
import Testing

@testable import Reports

/// A school day with two pupils, a silent machine, a hole, a session without notice and findings.
struct NightScenario {
    let school: StoredSchool
    let store: Store
    static let day = CivilDate(year: 2026, month: 11, day: 24).map(SchoolDay.init)

    init(fileSystem: any FileSystem = RealFileSystem()) async throws {
        school = try StoredSchool(fileSystem: fileSystem)
        store = try school.open()
        let day = try #require(NightScenario.day)
        func at(_ hour: Int64, daysBefore: Int = 0) -> Instant {
            SchoolDay(day.date.advanced(byDays: -daysBefore)).start
                .advanced(byMilliseconds: hour * 3_600_000)
        }
        var library = try Workstation(seed: 1, door: .signed)
        var room = try Workstation(seed: 2, door: .lines)
        for station in [library, room] { try station.enrol(in: store, at: at(8, daysBefore: 5)) }
        // Four days before, on a machine that stays silent.
        var old = Scene("adam.example", at: "OLD-PC", session: "s-0", from: at(10, daysBefore: 4))
        old.seesNotice()
        try await room.send(old, to: store)
        var zoe = Scene("zoe.example", at: "LIB-PC01", session: "s-1", from: at(9))
        zoe.seesNotice()
        zoe.types("nobody likes you")
        try await library.send(zoe, to: store)
        library.loses(events: 12)
        var later = Scene("zoe.example", at: "LIB-PC01", session: "s-2", from: at(11))
        later.types("go away")
        try await library.send(later, to: store)
        var adam = Scene("adam.example", at: "<b>ROOM</b>", session: "s-3", from: at(13))
        adam.seesNotice()
        adam.opens("browser", "</td><script>alert('window title')</script>")
        adam.types("volcanoes are hot")
        try await room.send(adam, to: store, delayMilliseconds: -61_000)
        try addFindings(at)
        school.set(
            SchoolDay(day.date.advanced(byDays: 1)).start.advanced(byMilliseconds: 7_200_000))
    }

    private func addFindings(_ at: (Int64, Int) -> Instant) throws {
        let findings: [(String, Theme, Severity, Instant)] = [
            ("zoe.example", .bullying, .watch, at(9, 0)),
            ("zoe.example", .bullying, .thisWeek, at(9, 3)),
            ("adam.example", .suicide, .actNow, at(13, 0)),
            ("adam.example", .swearingOnly, .recordOnly, at(13, 0)),
            ("old.example", .drugs, .thisWeek, at(9, 10)),
            ("old.example", .drugs, .thisWeek, at(9, 60)),
        ]
        var rows: [FindingRow] = []
        for (index, finding) in findings.enumerated() {
            rows.append(
                FindingRow(
                    Finding(
                        ruleID: "rule-\(index)", ruleTitle: "A rule", ruleVersion: "1",
                        ruleHash: "00", theme: finding.1, severity: finding.2, reasons: [],
                        spans: [], firstSequence: UInt64(index), lastSequence: UInt64(index)),
                    context: SessionContext(
                        machine: try #require(MachineID("PC")),
                        student: try #require(StudentID(finding.0)),
                        session: try #require(SessionID("s"))),
                    device: try #require(DeviceName("device/1")), leaf: 0, time: finding.3,
                    packVersion: "2026.11"))
        }
        _ = try store.catalogue.commitDetection(findings: rows, cursor: JournalPosition(leaf: 9))
    }

    func surroundings(
        _ willBegin: @escaping @Sendable (NightStep) throws -> Void = { _ in }
    ) -> NightlyRun.Surroundings {
        NightlyRun.Surroundings(
            environment: school.environment,
            rules: .init(version: "2026.11", hash: String(repeating: "a", count: 64), rules: 164),
            willBegin: willBegin)
    }

    func run(_ willBegin: @escaping @Sendable (NightStep) throws -> Void = { _ in }) async throws
        -> NightReport
    {
        let day = try #require(NightScenario.day)
        return try await NightlyRun.run(day: day, store: store, in: surroundings(willBegin))
    }

    func files(_ report: NightReport) throws -> [[UInt8]] {
        try [report.htmlPath, report.jsonPath].map { try RealFileSystem().read($0) }
    }
}

@Suite struct NightlyRunTests {
    private struct Stop: Error {}

    @Test func `the night says what needs a person, what was recorded and what was not`()
        async throws
    {
        let scenario = try await NightScenario()
        let night = try await scenario.run()
        let report = night.report
        #expect(night.stepsDone == NightStep.allCases)
        #expect(report.incidents.map(\.theme) == ["suicide", "bullying"])
        #expect(report.incidents.map(\.severity) == [5, 4])
        #expect(report.incidents.map(\.findingsToday) == [1, 1])
        #expect(report.incidents[1].summary == "Possible bullying: 2 findings on 2 days.")
        #expect(report.earlier.map(\.theme) == ["drugs"])
        #expect(report.olderCount == 1)
        #expect(report.themes.map(\.theme) == ["bullying", "suicide", "swearing-only"])
        #expect(report.risks.map(\.findings) == [1, 0, 2, 0])
        #expect(report.coverage.machines.map(\.name) == ["<b>ROOM</b>", "LIB-PC01"])
        #expect(report.coverage.machines.map(\.sessions) == [1, 2])
        #expect(report.coverage.silent.map(\.name) == ["OLD-PC"])
        #expect(report.coverage.missing == 12)
        #expect(report.coverage.withoutNotice == [.init(machine: "LIB-PC01", sessions: 1)])
        #expect(report.coverage.clocks.map(\.milliseconds) == [-61_000])
        #expect(report.store.isWhole)
        #expect(report.checkpoint.hasPrefix("collector.hillside.example/log1\n"))
        #expect(report.made == "2026-11-25T02:00:00.000Z")
        #expect(night.notice == "The morning report of 2026-11-24 is ready.")
    }

    @Test func `P21, S48: no name and no word that was typed is in any byte of the report`()
        async throws
    {
        let scenario = try await NightScenario()
        let night = try await scenario.run()
        for bytes in try scenario.files(night) {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in ["zoe", "adam", "nobody likes", "volcano", "window title", "<script"] {
                #expect(!text.contains(secret), "\(secret)")
            }
            #expect(text.contains("S-0001"))
        }
        #expect(night.htmlPath.hasSuffix("/reports/2026-11-24/morning.html"))
        #expect(!String(decoding: try scenario.files(night)[0], as: UTF8.self).contains("<b>"))
    }

    @Test func `a second night of the same day gives the same bytes and does no step again`()
        async throws
    {
        let scenario = try await NightScenario()
        let first = try await scenario.run()
        let bytes = try scenario.files(first)
        scenario.school.set(scenario.school.now.advanced(byMilliseconds: 90_000_000))
        try FileManager.default.removeItem(atPath: first.htmlPath)
        let second = try await scenario.run { _ in throw Stop() }
        #expect(second.stepsDone.isEmpty)
        #expect(try scenario.files(second) == bytes)
        #expect(try scenario.store.catalogue.audit(from: nil, to: nil, subject: nil).count == 1)
    }

    @Test(arguments: NightStep.allCases)
    func `a night that stops before a step goes on there and gives the same bytes`(step: NightStep)
        async throws
    {
        let whole = try await NightScenario()
        let expected = try whole.files(try await whole.run())
        let scenario = try await NightScenario()
        await #expect(throws: ReportsError.stopped(before: step.rawValue)) {
            try await scenario.run { if $0 == step { throw Stop() } }
        }
        let night = try await scenario.run()
        #expect(night.stepsDone.first == step)
        #expect(try scenario.files(night) == expected)
    }

    @Test func `whichever call of the disk fails, the next start finishes the night`() async throws
    {
        let calm = FaultyFileSystem()
        let scenario = try await NightScenario(fileSystem: calm)
        let before = calm.callCount
        _ = try await scenario.run()
        let calls = calm.callCount - before
        #expect(calls > 10)
        for number in stride(from: 1, through: calls, by: 3) {
            let faulty = FaultyFileSystem()
            let scenario = try await NightScenario(fileSystem: faulty)
            faulty.fail(call: number, with: .error(5))
            let failed: (any Error)?
            do {
                _ = try await scenario.run()
                failed = nil
            } catch {
                failed = error
            }
            // A store that is uncertain what is on disk says so when it is closed, too.
            try? scenario.store.close()
            faulty.restart()
            let store = try scenario.school.open()
            let day = try #require(NightScenario.day)
            let night = try await NightlyRun.run(
                day: day, store: store, in: scenario.surroundings())
            #expect(
                night.report.incidents.count == 2, "call \(number), \(String(describing: failed))")
            #expect(try scenario.files(night)[0] == Array(night.report.html().utf8))
            try store.close()
        }
    }

    @Test(arguments: [(Workstation.Door.signed, UInt64(12)), (.lines, 52)])
    func `a device that signs numbers in one row over all machines, so only what is lost is a hole`(
        door: Workstation.Door, missing: UInt64
    ) async throws {
        let school = try StoredSchool()
        let store = try school.open()
        let day = try #require(NightScenario.day)
        var cart = try Workstation(seed: 3, door: door)
        try cart.enrol(in: store, at: day.start)
        for (index, machine) in ["CART-01", "CART-02", "CART-01"].enumerated() {
            var scene = Scene(
                "zoe.example", at: machine, session: "s-\(index)",
                from: day.start.advanced(byMilliseconds: Int64(9 + index) * 3_600_000))
            scene.types(String(repeating: "a", count: 40))
            try await cart.send(scene, to: store)
            if index == 1 { cart.loses(events: 12) }
        }
        // By lines, the forty numbers of the other machine are missing from the first one's row, too.
        #expect(try CoverageReport.make(of: day, from: store).missing == missing)
        try store.close()
    }

    @Test func `a day on which nothing was recorded gives a report that says so`() async throws {
        let scenario = try await NightScenario()
        let date = try #require(CivilDate(year: 2026, month: 12, day: 25))
        let night = try await NightlyRun.run(
            day: SchoolDay(date), store: scenario.store, in: scenario.surroundings())
        #expect(night.report.coverage.machines.isEmpty)
        #expect(night.report.html().contains("Nothing was recorded on this day"))
    }

    @Test func `a stored result that cannot be read stops the night instead of inventing one`()
        async throws
    {
        let scenario = try await NightScenario()
        let day = try #require(NightScenario.day)
        try scenario.store.catalogue.complete(
            step: "coverage", night: day, result: "{\"machines\":7}")
        await #expect(throws: ReportsError.badStepResult(type: "CoverageReport")) {
            try await scenario.run()
        }
    }
}
