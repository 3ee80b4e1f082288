import ArgumentParser
import Detection
import Events
import Foundation
import RuleFiles
import SimulatedSchool
import Typing

/// `detect`: passages and findings in this process, and how much of what was planted is found.
struct DetectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Rebuild a school's passages, run the rules over them, and say what both cost.")

    @OptionGroup var school: SchoolOptions
    @Option(help: "A directory of rules; the built-in pack when not given.")
    var rules: String?

    /// How many passages before are shown to the rules, as the collector does.
    private static let recentMaximum = 5

    func run() async throws {
        try await ExitStatus.reporting {
            let start = ContinuousClock.now
            let pack =
                try rules.map { directory throws(RuleFilesError) in
                    try RulePackLoader.load(directory: directory)
                } ?? RulePack.builtIn()
            let detector = Detector(pack: pack)
            let loadMilliseconds = start.duration(to: .now).milliseconds
            var tally = Tally()
            measure(detector, &tally)
            report(tally, pack, loadMilliseconds)
        }
    }

    /// What was seen, in passing.
    private struct Tally {
        var events = 0
        var otherEvents = 0
        var passages = 0
        var textSize = 0
        var typingNanoseconds: UInt64 = 0
        var passageNanoseconds: UInt64 = 0
        var eventNanoseconds: UInt64 = 0
        var findings: [Theme: Int] = [:]
        var planted = 0
        var plantedFound = 0
        var alertsElsewhere = 0
    }

    private func measure(_ detector: Detector, _ tally: inout Tally) {
        let simulated = Workload.school(school)
        let roster = Roster(names: simulated.pupils.map(\.fullName))
        for session in simulated.sessions() where tally.events < school.events {
            let events = session.events.prefix(school.events - tally.events)
            tally.events += events.count
            let found = findings(in: events, detector, roster, &tally)
            let planted = session.planted.filter { text in
                text.sequences.upperBound <= events.last?.sequence ?? 0
            }
            tally.planted += planted.count
            tally.plantedFound += planted.count { text in
                found.contains { text.sequences.overlaps($0.firstSequence...$0.lastSequence) }
            }
            tally.alertsElsewhere += found.count { finding in
                finding.severity > .watch
                    && !planted.contains {
                        $0.sequences.overlaps(finding.firstSequence...finding.lastSequence)
                    }
            }
        }
    }

    private func findings(
        in events: ArraySlice<Event>, _ detector: Detector, _ roster: Roster,
        _ tally: inout Tally
    ) -> [Finding] {
        let start = ProcessFigures.ownCPUNanoseconds
        var builder = PassageBuilder()
        var passages: [Passage] = []
        for event in events { passages += builder.feed(event) }
        passages += builder.finish()
        let rebuilt = ProcessFigures.ownCPUNanoseconds
        var found: [Finding] = []
        var recent: [Passage] = []
        for passage in passages {
            found += detector.findings(
                in: passage, context: DetectionContext(roster: roster, recent: recent))
            recent.append(passage)
            if recent.count > DetectCommand.recentMaximum { recent.removeFirst() }
        }
        let scored = ProcessFigures.ownCPUNanoseconds
        let others = events.filter { $0.kind != .key }
        let filtered = ProcessFigures.ownCPUNanoseconds
        let context = DetectionContext(roster: roster, recent: [])
        for event in others { found += detector.findings(in: event, context: context) }
        tally.eventNanoseconds += ProcessFigures.ownCPUNanoseconds - filtered
        tally.typingNanoseconds += rebuilt - start
        tally.passageNanoseconds += scored - rebuilt
        tally.passages += passages.count
        tally.otherEvents += others.count
        tally.textSize += passages.reduce(0) { $0 + $1.asTyped.text.utf8.count }
        for finding in found { tally.findings[finding.theme, default: 0] += 1 }
        return found
    }

    private func report(_ tally: Tally, _ pack: RulePack, _ loadMilliseconds: Double) {
        let events = Double(tally.events)
        let all = tally.typingNanoseconds + tally.passageNanoseconds + tally.eventNanoseconds
        var line = ResultLine("detect")
        line.add("events", tally.events)
        line.add("seed", school.seed)
        line.add("rules", pack.rules.count)
        line.add("loadMilliseconds", loadMilliseconds, digits: 1)
        line.add("cpuSecondsPerMillion", Double(all) / 1e3 / events)
        line.add("typingSecondsPerMillion", Double(tally.typingNanoseconds) / 1e3 / events)
        line.add("passages", tally.passages)
        line.add(
            "microsecondsPerPassage",
            Double(tally.passageNanoseconds) / 1e3 / Double(max(1, tally.passages)))
        line.add(
            "passagesPerCPUSecond",
            Double(tally.passages) * 1e9 / Double(max(1, tally.passageNanoseconds)), digits: 0)
        line.add(
            "megabytesPerCPUSecond",
            Double(tally.textSize) * 1e3 / Double(max(1, tally.passageNanoseconds)))
        line.add(
            "microsecondsPerOtherEvent",
            Double(tally.eventNanoseconds) / 1e3 / Double(max(1, tally.otherEvents)))
        line.add("planted", tally.planted)
        line.add("plantedFound", tally.plantedFound)
        line.add("alertsElsewhere", tally.alertsElsewhere)
        line.add(
            "findings",
            tally.findings.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 })
        line.add("peakMemoryKiB", ProcessFigures.own?.peakMemoryKiB ?? 0)
        line.print()
    }
}
