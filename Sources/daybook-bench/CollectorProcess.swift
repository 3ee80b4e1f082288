import AsyncHTTPClient
import Bytes
import Foundation
import NIOCore
import Proofs

/// A real `daybook-collector` with a fresh data directory, on a free port of loopback.
final class CollectorProcess {
    /// Where it answers.
    let url: String
    /// A token for questions.
    let operatorToken: String
    let folder: URL
    private let program: URL
    private let process: Process
    private let isKept: Bool

    private var data: URL { folder.appending(path: "data") }

    /// Starts a collector and waits until it answers.
    static func start(_ options: CollectorOptions) async throws -> CollectorProcess {
        let program = try program(options.collector)
        let folder: URL
        if let keep = options.keep {
            folder = URL(filePath: keep)
            guard !FileManager.default.fileExists(atPath: folder.path) else {
                throw BenchFault.folderExists(keep)
            }
        } else {
            folder = FileManager.default.temporaryDirectory
                .appending(path: "daybook-bench-\(ProcessInfo.processInfo.processIdentifier)")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let data = folder.appending(path: "data").path
        let token = try run(
            program,
            ["init", "--data", data, "--school", "Bench School", "--host", "bench.example"])
        return try await CollectorProcess(
            program: program, folder: folder, token: token, isKept: options.keep != nil,
            leavesDetection: options.leavesDetection)
    }

    private init(
        program: URL, folder: URL, token: String, isKept: Bool, leavesDetection: Bool
    ) async throws {
        self.program = program
        self.folder = folder
        self.isKept = isKept
        operatorToken = token
        let output = folder.appending(path: "collector.out")
        let log = folder.appending(path: "collector.log")
        for file in [output, log] {
            guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
                throw BenchFault.cannotWrite(file.path)
            }
        }
        process = Process()
        process.executableURL = program
        process.arguments = [
            "serve", "--data", folder.appending(path: "data").path, "--listen", "127.0.0.1:0",
            "--log-level", "warning",
        ]
        if leavesDetection { process.arguments?.append("--leave-detection") }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        url = try await CollectorProcess.address(output, log, process)
    }

    /// The program named, or the one beside this program.
    private static func program(_ path: String?) throws -> URL {
        let program =
            path.map { URL(filePath: $0) }
            ?? URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "daybook-collector")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw BenchFault.noCollector(path: program.path)
        }
        return program
    }

    private static func address(_ output: URL, _ log: URL, _ process: Process) async throws
        -> String
    {
        let deadline = ContinuousClock.now.advanced(by: .seconds(BenchLimits.startSeconds))
        while ContinuousClock.now < deadline {
            let text = try String(contentsOf: output, encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("listening on ") }
            if let line { return String(line.dropFirst("listening on ".count)) }
            guard process.isRunning else {
                throw BenchFault.collectorEnded(
                    log: String(try String(contentsOf: log, encoding: .utf8).suffix(400)))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.terminate()
        throw BenchFault.collectorSilent(seconds: BenchLimits.startSeconds)
    }

    // MARK: Devices

    /// A bearer token for the open door.
    func addClient(_ name: String) throws -> String {
        try CollectorProcess.run(program, ["devices", "add", name, "--data", data.path])
    }

    /// A machine with a key.
    func enrol(machine: Int, name: String, client: HTTPClient) async throws -> BenchDevice {
        let code = try CollectorProcess.run(
            program, ["devices", "enrol", name, "--data", data.path])
        let key = try BenchDevice.key(machine: machine)
        let question = [
            "code": code, "device": name, "publicKey": Base64.encode(key.publicKey),
        ]
        let answer = try await client.post(
            url + "/v1/enrol", json: JSONEncoder().encode(question), token: nil)
        let identity = try JSONDecoder().decode(Identity.self, from: answer)
        return try BenchDevice(name: identity.device, origin: identity.origin, key: key)
    }

    private struct Identity: Decodable {
        var device: String
        var origin: String
    }

    // MARK: Upkeep

    /// Turns the journal into segments.
    func seal() throws { _ = try CollectorProcess.run(program, ["seal", "--data", data.path]) }

    /// Closes the day: merges segments, writes the report.
    func night() throws { _ = try CollectorProcess.run(program, ["night", "--data", data.path]) }

    /// What it has used so far.
    func figures() throws -> ProcessFigures {
        guard let figures = ProcessFigures(process: process.processIdentifier) else {
            throw BenchFault.collectorEnded(log: folder.appending(path: "collector.log").path)
        }
        return figures
    }

    /// Bytes of each part of the data directory.
    func diskSizes() -> [(String, Int)] { DiskFigures.sizes(below: data) }

    /// Ends the collector, and removes its folder unless it is kept.
    func stop() {
        process.terminate()
        process.waitUntilExit()
        // try?: a folder that stays behind in the temporary directory does no harm.
        if !isKept { try? FileManager.default.removeItem(at: folder) }
    }

    private static func run(_ program: URL, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchFault.commandFailed(
                arguments.prefix(2).joined(separator: " "),
                why: String(decoding: complaint, as: UTF8.self))
        }
        return String(decoding: text, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
