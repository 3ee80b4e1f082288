import AsyncHTTPClient
import Events
import Foundation
import SimulatedSchool

/// A collector that was started, and filled with a workload through one of its doors.
struct FilledCollector {
    let collector: CollectorProcess
    let client: HTTPClient
    let workload: Workload
    let outcome: LoadDriver.Outcome
    /// Processor time before the first body, after the last receipt, and when detection had caught up.
    let cpu: (before: Double, acknowledged: Double, detected: Double)
    /// How long detection went on after the last receipt, in seconds.
    let detectionLagSeconds: Double
    let metrics: [String: Int]

    /// Starts a collector, fills it, waits for detection, hands it over, and ends it whatever happens.
    static func with(
        _ school: SchoolOptions, _ options: CollectorOptions,
        _ body: (FilledCollector) async throws -> Void
    ) async throws {
        let collector = try await CollectorProcess.start(options)
        let client = HTTPClient.bench(connections: options.connections)
        do {
            try await body(fill(collector, client, school, options))
        } catch {
            collector.stop()
            try await client.shutdown()
            throw error
        }
        collector.stop()
        try await client.shutdown()
    }

    private static func fill(
        _ collector: CollectorProcess, _ client: HTTPClient, _ school: SchoolOptions,
        _ options: CollectorOptions
    ) async throws -> FilledCollector {
        // 1. Everything that is sent, before any clock runs.
        let (workload, tokens) = try await prepare(collector, client, school, options.door)
        let driver = LoadDriver(
            client: client, url: collector.url, door: options.door,
            connections: options.connections, tokens: tokens)
        // 2. Send.
        let before = try collector.figures().cpuSeconds
        let outcome = try await driver.send(workload.lanes)
        let acknowledged = try collector.figures().cpuSeconds
        // 3. Wait for detection.
        let start = ContinuousClock.now
        let metrics = try await detected(
            collector, client, events: workload.eventCount, isLeft: options.leavesDetection)
        return FilledCollector(
            collector: collector, client: client, workload: workload, outcome: outcome,
            cpu: (before, acknowledged, try collector.figures().cpuSeconds),
            detectionLagSeconds: start.duration(to: .now).milliseconds / 1_000, metrics: metrics)
    }

    private static func prepare(
        _ collector: CollectorProcess, _ client: HTTPClient, _ options: SchoolOptions, _ door: Door
    ) async throws -> (Workload, [Int: String]) {
        switch door {
        case .ndjson:
            let workload = Workload.lines(options)
            var tokens: [Int: String] = [:]
            for lane in workload.lanes { tokens[lane.machine] = try collector.addClient(lane.name) }
            return (workload, tokens)
        case .batches:
            let school = Workload.school(options)
            var devices: [Int: BenchDevice] = [:]
            for (machine, name) in school.machines.enumerated() {
                devices[machine] = try await collector.enrol(
                    machine: machine, name: name.rawValue, client: client)
            }
            return (try Workload.batches(options, school: school, devices: devices), [:])
        }
    }

    /// Waits until detection has seen every event; gives the metrics then.
    private static func detected(
        _ collector: CollectorProcess, _ client: HTTPClient, events: Int, isLeft: Bool
    ) async throws -> [String: Int] {
        var last = -1
        var lastMove = ContinuousClock.now
        while true {
            let metrics = try await client.metrics(of: collector.url)
            let stored = metrics["daybook_stored_events"] ?? 0
            let scanned = metrics["daybook_events_scanned_total"] ?? 0
            guard stored == events else { throw BenchFault.lost(sent: events, stored: stored) }
            if scanned >= stored || isLeft { return metrics }
            if scanned != last {
                last = scanned
                lastMove = .now
            }
            guard lastMove.duration(to: .now) < .seconds(BenchLimits.detectionStillSeconds) else {
                throw BenchFault.detectionStuck(scanned: scanned, stored: stored)
            }
            try await Task.sleep(for: .milliseconds(BenchLimits.pollMilliseconds))
        }
    }

    /// The facts that every result of a filled collector begins with.
    func describe(_ line: inout ResultLine, _ school: SchoolOptions, _ options: CollectorOptions) {
        line.add("door", options.door.rawValue)
        line.add("events", workload.eventCount)
        line.add("seed", school.seed)
        line.add("days", school.days)
        line.add("pupils", workload.school.pupils.count)
        line.add("machines", workload.lanes.count)
        line.add("bodies", workload.bodyCount)
        line.add("eventsPerBody", school.batch)
        line.add("connections", min(options.connections, workload.lanes.count))
        line.add("detection", options.leavesDetection ? "left" : "done")
        line.add("processors", ProcessInfo.processInfo.activeProcessorCount)
    }
}
