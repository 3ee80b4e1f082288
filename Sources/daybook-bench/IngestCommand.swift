import ArgumentParser

/// `ingest`: what taking events in costs the collector, from the receipt of bodies to findings and segments.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Start a collector, send it a school's events, and say what that cost it.")

    @OptionGroup var school: SchoolOptions
    @OptionGroup var collector: CollectorOptions
    @Flag(help: "Run the collector's night, which merges segments, before bytes are counted.")
    var afterNight = false

    func run() async throws {
        try await ExitStatus.reporting {
            try await FilledCollector.with(school, collector) { filled in
                try report(filled)
            }
        }
    }

    private func report(_ filled: FilledCollector) throws {
        let journalSizes = filled.collector.diskSizes()
        try filled.collector.seal()
        let figures = try filled.collector.figures()
        if afterNight { try filled.collector.night() }
        let sizes = filled.collector.diskSizes()
        let events = Double(filled.workload.eventCount)
        func perMillion(_ seconds: Double) -> Double {
            (seconds - filled.cpu.before) / events * 1e6
        }
        var line = ResultLine("ingest")
        filled.describe(&line, school, collector)
        line.add("seconds", filled.outcome.seconds)
        line.add("eventsPerSecond", events / filled.outcome.seconds, digits: 0)
        line.add("detectionLagSeconds", filled.detectionLagSeconds)
        // Receipts alone, with detection (the figure of the specification), and with segments too.
        line.add("cpuSecondsPerMillionAcknowledged", perMillion(filled.cpu.acknowledged))
        line.add("cpuSecondsPerMillion", perMillion(filled.cpu.detected))
        line.add("cpuSecondsPerMillionSealed", perMillion(figures.cpuSeconds))
        line.add("latencyMilliseconds", percentilesOf: filled.outcome.latencies)
        line.add("refusals", filled.outcome.refusals)
        line.add("bytesPerEventSent", Double(filled.workload.sentSize) / events, digits: 2)
        line.add("bytesPerEventJournal", Double(total(journalSizes)) / events, digits: 2)
        line.add("counted", afterNight ? "after the night" : "sealed")
        line.add("bytesPerEvent", Double(total(sizes)) / events, digits: 2)
        line.add("bytes", sizes)
        line.add("peakMemoryKiB", figures.peakMemoryKiB)
        line.add("findings", filled.metrics["daybook_findings_total"] ?? 0)
        line.print()
    }

    private func total(_ sizes: [(String, Int)]) -> Int { sizes.reduce(0) { $0 + $1.1 } }
}
