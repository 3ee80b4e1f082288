import AsyncHTTPClient
import Backup
import Collector
import Durable
import Events
import EvidenceFile
import Foundation
import NIOCore
import NIOHTTP1
import Storage

/// Runs upkeep on a store: opened here when nobody has it, else by asking the collector that serves it.
enum StoreAccess {
    /// What to do; the answer is one JSON object.
    enum Work {
        case seal
        case verify
        case night(SchoolDay, rules: String?)
        case keep(KeepCommand)
        case backup(out: String, keysOut: String?, recipients: [String])

        var path: String {
            switch self {
            case .seal: "/v1/control/seal"
            case .verify: "/v1/control/verify"
            case .night: "/v1/control/night"
            case .keep: "/v1/control/keep"
            case .backup: "/v1/control/backup"
            }
        }

        func body() throws -> String {
            switch self {
            case .night(let day, _): "{\"date\":\"\(day)\"}"
            case .keep(let command):
                String(decoding: try JSONEncoder().encode(command), as: UTF8.self)
            case .backup(let out, let keysOut, let recipients):
                try Terminal.json(
                    BackupBody(out: out, keysOut: keysOut, recipients: recipients))
            case .seal, .verify: "{}"
            }
        }

        private struct BackupBody: Encodable {
            let out: String
            let keysOut: String?
            let recipients: [String]
        }
    }

    /// The longest that upkeep may take before the command gives up waiting.
    private static let timeoutHours: Int64 = 4

    static func run(_ work: Work, in directory: String) async throws -> String {
        do {
            let store = try Store.open(at: directory, environment: .live)
            let text: String
            do {
                text = try await perform(work, store)
            } catch {
                try store.close()
                throw error
            }
            try store.close()
            return text
        } catch StorageError.locked {
            return try await ask(work, in: directory)
        }
    }

    private static func perform(_ work: Work, _ store: Store) async throws -> String {
        switch work {
        case .seal: return try UpkeepCommand.seal(store)
        case .verify: return try UpkeepCommand.verify(store)
        case .keep(let command):
            return try await command.run(on: store, at: StoreEnvironment.live.now())
        case .night(let day, let rules):
            return try await UpkeepCommand.night(
                day, store, rules: try RulesInForce(directory: rules), environment: .live)
        case .backup(let out, let keysOut, let recipients):
            let request = StoreBackup.Request(
                out: out, keysOut: keysOut,
                recipients: try recipients.map { text throws(AgeError) in
                    try AgeRecipient(parsing: text)
                })
            return try UpkeepCommand.backup(request, of: store, environment: .live)
        }
    }

    /// Asks the serving process, as `control.json` says how.
    private static func ask(_ work: Work, in directory: String) async throws -> String {
        guard let control = try ControlFile.read(from: directory, using: RealFileSystem()) else {
            throw CommandFault.busyAndSilent
        }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(control.port)\(work.path)")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(control.token)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: try work.body()))
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(
                request, timeout: .hours(timeoutHours))
        } catch {
            throw CommandFault.busyAndSilent
        }
        let buffer = try await response.body.collect(upTo: 16 << 20)
        let text = String(buffer: buffer)
        guard response.status == .ok else {
            // An answer that is no problem JSON is told as it is.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(text.utf8))
            throw CommandFault.serverRefused(problem?.detail ?? text)
        }
        return text
    }

    private struct Problem: Decodable {
        let detail: String
    }
}
