import AsyncHTTPClient
import Collector
import Durable
import Foundation
import NIOCore
import NIOHTTP1
import Storage

/// Runs upkeep on a store: opened here when nobody has it, else by asking the collector that serves it.
enum StoreAccess {
    /// What to do.
    enum Task: String {
        case seal
    }

    /// What came of it: one JSON object.
    struct Answer {
        let text: String
        /// False when the object says `"ok":false`.
        var isGood: Bool { !text.contains("\"ok\":false") }
    }

    /// The longest that upkeep may take before the command gives up waiting.
    private static let timeoutHours: Int64 = 4

    static func run(_ task: Task, in directory: String) async throws -> Answer {
        do {
            let store = try Store.open(at: directory, environment: .live)
            do {
                let text = try await perform(task, store)
                try store.close()
                return Answer(text: text)
            } catch {
                try store.close()
                throw error
            }
        } catch StorageError.locked {
            return Answer(text: try await ask(path: "/v1/control/" + task.rawValue, in: directory))
        }
    }

    private static func perform(_ task: Task, _ store: Store) async throws -> String {
        switch task {
        case .seal: try await UpkeepCommand.seal(store)
        }
    }

    /// Asks the serving process, as `control.json` says how.
    static func ask(path: String, body: String = "{}", in directory: String) async throws
        -> String
    {
        guard let control = try ControlFile.read(from: directory, using: RealFileSystem()) else {
            throw CommandFault.busyAndSilent
        }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(control.port)\(path)")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(control.token)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(
                request, timeout: .hours(timeoutHours))
        } catch {
            throw CommandFault.busyAndSilent
        }
        let buffer = try await response.body.collect(upTo: 16 << 20)
        let text = String(buffer: buffer)
        guard response.status == .ok else { throw CommandFault.serverRefused(text) }
        return text
    }
}
