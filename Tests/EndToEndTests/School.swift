import Foundation
import TestSupport

/// A school of one test: a folder with a data directory, its operator's token, and the port its
/// collector listens on through all its lives.
struct School: Sendable {
    let folder: URL
    let data: String
    let operatorToken: String
    let port: Int

    /// Makes a school, hands it over, and removes all of it.
    static func with<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (School) async throws -> sending Result
    ) async throws -> sending Result {
        try await TemporaryDirectory.with { folder in
            let data = folder.appending(path: "data").pathText
            let made = try await Tool(product: "daybook-collector").run([
                "init", "--data", data, "--school", "Hillside School", "--host",
                "collector.hillside.example",
            ])
            guard made.status == 0 else { throw Failed(what: "init", transcript: made.transcript) }
            let token = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            return try await body(
                School(folder: folder, data: data, operatorToken: token, port: try freePort()))
        }
    }

    /// A command of ours did not do what every test needs.
    struct Failed: Error, CustomStringConvertible {
        let what: String
        let transcript: String
        var description: String { "\(what) failed: \(transcript)" }
    }

    /// Runs the collector's command line on this school's data and returns what it printed.
    @discardableResult
    func manage(
        _ words: String..., isolation: isolated (any Actor)? = #isolation
    ) async throws -> String {
        let result = try await Tool(product: "daybook-collector").run(
            words + ["--data", data], deadline: .seconds(120))
        guard result.status == 0 else {
            throw Failed(what: words.joined(separator: " "), transcript: result.transcript)
        }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Serves while the closure runs; the collector is killed when it is done, if it still lives.
    func serving<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningTool) async throws -> sending Result
    ) async throws -> sending Result {
        try await Tool(product: "daybook-collector").with([
            "serve", "--data", data, "--listen", "127.0.0.1:\(port)",
        ]) { collector in
            try await ready(collector)
            return try await body(collector)
        }
    }

    /// Waits until a started collector takes requests.
    func ready(
        _ collector: RunningTool, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        try await eventually("the collector listens", within: .seconds(300)) {
            guard collector.isRunning else {
                throw Failed(what: "serve", transcript: collector.output + collector.errors)
            }
            return collector.output.contains("listening on")
        }
    }

    /// The door without a token, with the operator's, or with a device's.
    var door: Door { Door(port: port) }
    var operatorDoor: Door { Door(port: port, token: operatorToken) }

    /// Runs the coordinator's client.
    func ask(
        _ words: String..., isolation: isolated (any Actor)? = #isolation
    ) async throws -> ToolResult {
        try await Tool(product: "daybook").run(
            words,
            environment: [
                "DAYBOOK_URL": "http://127.0.0.1:\(port)", "DAYBOOK_TOKEN": operatorToken,
            ])
    }

    /// The value of one of the collector's metrics.
    func metric(
        _ name: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Int? {
        let lines = try await door.get("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }
            .flatMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    }

    /// Waits until detection has read everything stored and what it found is grouped into incidents.
    func detectionCaughtUp(isolation: isolated (any Actor)? = #isolation) async throws {
        var before: Int?
        var quiet = 0
        try await eventually("detection has caught up", within: .seconds(300)) {
            let scanned = try await metric("daybook_events_scanned_total") ?? 0
            let incidents = try await metric("daybook_incidents_total")
            let isDone = scanned >= (try await metric("daybook_stored_events") ?? 0)
            quiet = isDone && incidents == before ? quiet + 1 : 0
            before = incidents
            // The poll settles at 50 ms; incidents follow their findings within one step of detection.
            return quiet >= 20
        }
    }

    /// Everything stored of an account, as `find` tells it.
    func stored(
        of user: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> [Stored] {
        let answer = try await operatorDoor.post(
            "/v1/find", json: ["student": user, "purpose": "a test looks at what is stored"])
        guard answer.status == 200, let events = answer.json["events"] as? [[String: Any]] else {
            throw Failed(what: "find", transcript: String(answer.text.prefix(500)))
        }
        return events.map { event in
            Stored(
                device: event["device"] as? String ?? "", sequence: event["seq"] as? Int ?? -1,
                kind: event["kind"] as? String ?? "",
                content: (event["content"] as? [String: Any])?.compactMapValues { "\($0)" } ?? [:])
        }
    }

    /// The window titles of everything stored of an account, in order.
    func titles(
        of user: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> [String] {
        try await stored(of: user).map(\.window)
    }

    /// One stored event.
    struct Stored: Hashable, Sendable {
        let device: String
        let sequence: Int
        let kind: String
        let content: [String: String]

        /// The title that the samples of these tests carry.
        var window: String { content["window"] ?? "" }
    }
}
