import Foundation
import TestSupport

/// A workstation of one test: an agent's folder with its configuration, notice, key and spool.
struct Workstation: Sendable {
    let folder: URL
    let configuration: String

    /// Sets a workstation up next to a school, with a one-time code to enrol itself.
    init(
        named name: String, in school: School, settings: [String: Any] = [:],
        isolation: isolated (any Actor)? = #isolation
    ) async throws {
        folder = school.folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("Everything you do on this computer is recorded.\n".utf8)
            .write(to: folder.appending(path: "notice.txt"))
        var fields: [String: Any] = [
            "collector": "http://127.0.0.1:\(school.port)", "keyFile": "device.key",
            "spool": "spool", "notice": "notice.txt", "noticeVersion": "2026-09",
            "school": "Hillside School", "host": name, "user": "pupil-1", "noticeSeconds": 2,
            "enrolmentCode": try await school.manage("devices", "enrol", name),
            "batchEvents": 16, "retryBaseMilliseconds": 5, "retryMaximumMilliseconds": 50,
        ]
        fields.merge(settings) { _, new in new }
        let file = folder.appending(path: "agent.json")
        try JSONSerialization.data(withJSONObject: fields).write(to: file)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: file.pathText)
        configuration = file.pathText
    }

    /// The arguments that replay a file.
    func replaying(_ file: String) -> [String] { ["replay", "--config", configuration, file] }

    /// Replays a file until all of it is acknowledged.
    @discardableResult
    func replay(
        _ file: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> ToolResult {
        let result = try await Tool(product: "daybook-agent").run(
            replaying(file), deadline: .seconds(180))
        guard result.status == 0 else {
            throw School.Failed(what: "replay", transcript: result.transcript)
        }
        return result
    }
}
