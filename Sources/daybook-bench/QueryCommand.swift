import ArgumentParser
import Events
import Foundation

/// `query`: how long one pupil's day takes to find among many events.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Fill a collector, then find pupils' days in it, one question at a time.")

    @OptionGroup var school: SchoolOptions
    @OptionGroup var collector: CollectorOptions
    @Option(help: "How many questions.")
    var questions = 100
    @Flag(help: "Ask while the events are still in the journal.")
    var unsealed = false

    func validate() throws {
        guard questions > 0 else { throw ValidationError("--questions must be at least 1") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            try await FilledCollector.with(school, collector) { filled in
                if !unsealed { try filled.collector.seal() }
                try await ask(filled)
            }
        }
    }

    private struct Answer: Decodable {
        struct Found: Decodable {}
        var events: [Found]
        var elapsedMilliseconds: Double
    }

    private func ask(_ filled: FilledCollector) async throws {
        var atServer: [Double] = []
        var atClient: [Double] = []
        var found = 0
        let before = try filled.collector.figures().cpuSeconds
        for number in 0..<questions {
            // Spread over all pupils and days by a step that meets every one of them.
            let days = filled.workload.studentDays
            let pupilDay = days[number * 7_919 % days.count]
            let start = ContinuousClock.now
            let body = try await filled.client.post(
                filled.collector.url + "/v1/find", json: question(pupilDay),
                token: filled.collector.operatorToken)
            atClient.append(start.duration(to: .now).milliseconds)
            let answer = try JSONDecoder().decode(Answer.self, from: body)
            guard !answer.events.isEmpty else {
                throw BenchFault.notUnderstood("a pupil's day without events")
            }
            atServer.append(answer.elapsedMilliseconds)
            found += answer.events.count
        }
        let figures = try filled.collector.figures()
        var line = ResultLine("query")
        filled.describe(&line, school, collector)
        line.add("sealed", unsealed ? "no" : "yes")
        line.add("questions", questions)
        line.add("eventsPerAnswer", found / questions)
        line.add("serverMilliseconds", percentilesOf: atServer)
        line.add("clientMilliseconds", percentilesOf: atClient)
        line.add(
            "cpuMillisecondsPerQuestion",
            (figures.cpuSeconds - before) * 1_000 / Double(questions))
        line.add("peakMemoryKiB", figures.peakMemoryKiB)
        line.print()
    }

    private func question(_ pupilDay: Workload.StudentDay) throws -> Data {
        try JSONEncoder().encode([
            "student": pupilDay.student.rawValue, "from": pupilDay.day.start.rfc3339,
            "to": pupilDay.day.end.rfc3339, "purpose": "measuring how fast a day is found",
        ])
    }
}
