import ArgumentParser
import Events
import Foundation
import SimulatedSchool

/// `school`: writes a school's events as NDJSON, and beside them what was planted.
struct SchoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "school",
        abstract: "Write a simulated school: events as NDJSON, and planted.json beside them.",
        aliases: ["simulate"])

    @Option(help: "A folder, or a file whose name ends in .ndjson.")
    var out: String
    @Option(help: "What the school follows from.")
    var seed: UInt64 = 1
    @Option(help: "How many pupils, 12 at least; as many as --events takes when not given.")
    var pupils: Int?
    @Option(help: "On how many school days.")
    var days = 3
    @Option(help: "The first day, YYYY-MM-DD.")
    var from = "2026-11-23"
    @Option(help: "Most events; all that the pupils make when not given.")
    var events: Int?

    func validate() throws {
        guard pupils ?? 12 >= 12 else { throw ValidationError("--pupils must be at least 12") }
        guard days > 0 else { throw ValidationError("--days must be at least 1") }
        guard events ?? 1 > 0 else { throw ValidationError("--events must be at least 1") }
        guard CivilDate(from) != nil else { throw ValidationError("--from is no YYYY-MM-DD") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            guard let date = CivilDate(from) else { throw ExitCode.validationFailure }
            let count = pupils ?? School.pupilCount(events: events ?? 100_000, days: days)
            let school = School(
                seed: seed, pupils: count,
                days: School.weekdays(from: SchoolDay(date), count: days))
            try write(school)
        }
    }

    private func write(_ school: School) throws {
        let isFile = out.hasSuffix(".ndjson")
        let target = URL(filePath: out)
        let folder = isFile ? target.deletingLastPathComponent() : target
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = isFile ? target : folder.appending(path: "events.ndjson")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw BenchFault.cannotWrite(file.path)
        }
        let handle = try FileHandle(forWritingTo: file)
        var written = 0
        var planted: [PlantedText] = []
        for session in school.sessions() {
            let events = session.events.prefix((events ?? .max) - written)
            guard let last = events.last else { break }
            var bytes: [UInt8] = []
            for event in events { NDJSONLine.append(event, session.context, to: &bytes) }
            try handle.write(contentsOf: bytes)
            written += events.count
            planted += session.planted.filter { $0.sequences.upperBound <= last.sequence }
        }
        try handle.close()
        let troubles = school.plantedTroubles(among: planted).map(TroubleRecord.init)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(troubles).write(to: folder.appending(path: "planted.json"))
        var line = ResultLine("school")
        line.add("events", written)
        line.add("seed", seed)
        line.add("pupils", school.pupils.count)
        line.add("machines", school.machines.count)
        line.add("days", school.days.count)
        line.add("planted", troubles.count)
        line.print()
    }
}

/// A planted trouble as `planted.json` has it.
private struct TroubleRecord: Encodable {
    let id: String
    let theme: String
    let student: String
    let target: String?
    let days: [String]
    let texts: [Text]

    struct Text: Encodable {
        let student: String
        let day: String
        let machine: String
        let session: String
        let kind: String
        let text: String
        let first: UInt64
        let last: UInt64
    }

    init(_ trouble: PlantedTrouble) {
        id = trouble.id
        theme = trouble.theme.rawValue
        student = trouble.student.rawValue
        target = trouble.target?.rawValue
        days = trouble.days.map(\.description)
        texts = trouble.texts.map { text in
            Text(
                student: text.student.rawValue, day: text.day.description,
                machine: text.machine.rawValue, session: text.session.rawValue,
                kind: text.kind.name, text: text.text, first: text.sequences.lowerBound,
                last: text.sequences.upperBound)
        }
    }
}
