import ArgumentParser
import Bytes
import Durable
import Events
import Foundation
import Storage
import Wire

/// `store`: parsing and storing alone, in this process: no HTTP, no detection.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Parse and store a school's lines in this process, then seal them.")

    @OptionGroup var school: SchoolOptions
    @Option(help: "A folder that is kept with the store; it must not exist yet.")
    var keep: String?
    @Option(help: "How many bodies wait for the journal at a time.")
    var writers = 64

    func validate() throws {
        guard writers > 0 else { throw ValidationError("--writers must be at least 1") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let folder =
                keep.map { URL(filePath: $0) }
                ?? FileManager.default.temporaryDirectory
                .appending(path: "daybook-bench-\(ProcessInfo.processInfo.processIdentifier)")
            guard !FileManager.default.fileExists(atPath: folder.path) else {
                throw BenchFault.folderExists(folder.path)
            }
            do {
                try await measure(folder)
            } catch {
                remove(folder)
                throw error
            }
            remove(folder)
        }
    }

    private func remove(_ folder: URL) {
        // try?: a folder that stays behind in the temporary directory does no harm.
        if keep == nil { try? FileManager.default.removeItem(at: folder) }
    }

    private func measure(_ folder: URL) async throws {
        let workload = Workload.lines(school)
        let environment = StoreCommand.environment
        try Store.create(
            at: folder.path, school: "Bench School", host: "bench.example",
            environment: environment)
        let store = try Store.open(at: folder.path, environment: environment)
        let start = ContinuousClock.now
        let cpuStart = ProcessFigures.ownCPUNanoseconds
        let latencies = try await admit(workload, to: store)
        let seconds = start.duration(to: .now).milliseconds / 1_000
        let cpuAdmitted = ProcessFigures.ownCPUNanoseconds
        let sealStart = ContinuousClock.now
        _ = try store.seal()
        let sealSeconds = sealStart.duration(to: .now).milliseconds / 1_000
        let cpuSealed = ProcessFigures.ownCPUNanoseconds
        let stored = try store.statistics().events
        guard stored == workload.eventCount else {
            throw BenchFault.lost(sent: workload.eventCount, stored: stored)
        }
        let sizes = DiskFigures.sizes(below: folder)
        try store.close()
        let events = Double(stored)
        var line = ResultLine("store")
        line.add("events", stored)
        line.add("seed", school.seed)
        line.add("eventsPerBody", school.batch)
        line.add("writers", writers)
        line.add("processors", ProcessInfo.processInfo.activeProcessorCount)
        line.add("seconds", seconds)
        line.add("eventsPerSecond", events / seconds, digits: 0)
        line.add("sealSeconds", sealSeconds)
        line.add("cpuSecondsPerMillion", Double(cpuAdmitted - cpuStart) / 1e3 / events)
        line.add("cpuSecondsPerMillionSealed", Double(cpuSealed - cpuStart) / 1e3 / events)
        line.add("latencyMilliseconds", percentilesOf: latencies)
        line.add("bytesPerEvent", Double(sizes.reduce(0) { $0 + $1.1 }) / events, digits: 2)
        line.add("bytes", sizes)
        line.add("peakMemoryKiB", ProcessFigures.own?.peakMemoryKiB ?? 0)
        line.print()
    }

    /// Expands, parses and stores every body; the milliseconds that each took.
    private func admit(_ workload: Workload, to store: Store) async throws -> [Double] {
        let queue = LaneQueue(workload.lanes)
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<min(writers, workload.lanes.count) {
                group.addTask {
                    var latencies: [Double] = []
                    while let lane = queue.next() {
                        latencies += try await StoreCommand.admit(lane, to: store)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func admit(_ lane: Workload.Lane, to store: Store) async throws -> [Double] {
        guard let device = DeviceName("bench/\(lane.name)") else {
            throw BenchFault.notUnderstood("a machine's name")
        }
        var latencies: [Double] = []
        for body in lane.bodies {
            let start = ContinuousClock.now
            let bytes = try Zstd.decompress(
                body.bytes, sizeMaximum: EventLimits.expandedSizeMaximum)
            _ = try await store.admit(
                EventLines(parsing: bytes), from: device, idempotency: nil,
                at: environment.now())
            latencies.append(start.duration(to: .now).milliseconds)
        }
        return latencies
    }

    private static var environment: StoreEnvironment {
        StoreEnvironment(
            now: { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
            randomBytes: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            },
            fileSystem: RealFileSystem())
    }
}
