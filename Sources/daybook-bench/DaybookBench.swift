import ArgumentParser

/// The benchmarks' command line: each prints one JSON object on one line.
@main
struct DaybookBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-bench",
        abstract: "Measures on generated data; one JSON line a result.",
        subcommands: [
            IngestCommand.self, StoreCommand.self, QueryCommand.self, DetectCommand.self,
            SchoolCommand.self,
        ])
}

/// The doors of the collector.
enum Door: String, ExpressibleByArgument, CaseIterable {
    /// `POST /v1/ingest`, with a bearer token.
    case ndjson
    /// `POST /v1/batches`, signed by enrolled devices.
    case batches
}

/// What is sent, in every benchmark that sends.
struct SchoolOptions: ParsableArguments {
    @Option(help: "How many events.")
    var events = 1_000_000
    @Option(help: "What the school follows from.")
    var seed: UInt64 = 1
    @Option(help: "On how many school days.")
    var days = 1
    @Option(help: "Most events of a body: 1 to 1024.")
    var batch = 256

    func validate() throws {
        guard events > 0 else { throw ValidationError("--events must be at least 1") }
        guard days > 0 else { throw ValidationError("--days must be at least 1") }
        guard (1...1_024).contains(batch) else { throw ValidationError("--batch is 1 to 1024") }
    }
}

/// The collector that is measured.
struct CollectorOptions: ParsableArguments {
    @Option(help: "Through which door: ndjson or batches.")
    var door = Door.ndjson
    @Option(help: "The collector's program; the one beside this program when not given.")
    var collector: String?
    @Option(help: "A folder that is kept with the collector's data; it must not exist yet.")
    var keep: String?
    @Option(help: "Most connections at a time.")
    var connections = 64
    @Flag(name: .customLong("leave-detection"), help: "Measure without detection.")
    var leavesDetection = false

    func validate() throws {
        guard connections > 0 else { throw ValidationError("--connections must be at least 1") }
    }
}
