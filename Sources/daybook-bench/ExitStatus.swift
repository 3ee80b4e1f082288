import ArgumentParser
import Foundation

/// What the program's exit status says; the one place where errors become statuses.
enum ExitStatus: Int32 {
    /// Something did not work; stderr says what.
    case failure = 1
    /// What was measured is not right: an event too few, an answer that cannot be.
    case wrong = 2

    /// Runs a command and turns what it throws into a message and a status.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let exit as ExitCode {
            throw exit
        } catch let fault as BenchFault {
            complain(fault.message)
            throw ExitCode(fault.isWrongResult ? wrong.rawValue : failure.rawValue)
        } catch {
            complain("\(error)")
            throw ExitCode(failure.rawValue)
        }
    }

    private static func complain(_ message: String) {
        FileHandle.standardError.write(Data("daybook-bench: \(message)\n".utf8))
    }
}

/// Why a benchmark gives no figure.
enum BenchFault: Error {
    case noCollector(path: String)
    case folderExists(String)
    case collectorEnded(log: String)
    case collectorSilent(seconds: Int)
    case commandFailed(String, why: String)
    case refused(status: Int, detail: String)
    case gaveUp(tries: Int)
    case lost(sent: Int, stored: Int)
    case detectionStuck(scanned: Int, stored: Int)
    case notUnderstood(String)
    case cannotWrite(String)

    /// Whether the thing measured was at fault, and not the measuring.
    var isWrongResult: Bool {
        switch self {
        case .lost, .detectionStuck, .refused: true
        default: false
        }
    }

    var message: String {
        switch self {
        case .noCollector(let path):
            "no program at \(path), build it or name it with --collector"
        case .folderExists(let path): "\(path) exists already, name a new folder"
        case .collectorEnded(let log): "the collector ended: \(log)"
        case .collectorSilent(let seconds): "the collector did not start within \(seconds) s"
        case .commandFailed(let command, let why): "\(command) failed: \(why)"
        case .refused(let status, let detail): "the collector refused with \(status): \(detail)"
        case .gaveUp(let tries): "still refused after \(tries) tries"
        case .lost(let sent, let stored): "\(sent) events were acknowledged, \(stored) are stored"
        case .detectionStuck(let scanned, let stored):
            "detection stopped at \(scanned) of \(stored) events"
        case .notUnderstood(let what): "an answer is not understood: \(what)"
        case .cannotWrite(let path): "cannot write \(path)"
        }
    }
}
