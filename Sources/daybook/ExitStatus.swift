import ArgumentParser
import Foundation

/// What the program's exit status says. The one place where errors become statuses.
enum ExitStatus: Int32 {
    /// Done.
    case success = 0
    /// It failed; the message on stderr says what and what to do.
    case failure = 1
    /// The token is missing, unknown or may not do this.
    case refused = 3
    /// The collector cannot be reached or has no room now.
    case unavailable = 69

    init(_ error: any Error) {
        switch error {
        case ClientFault.noToken, ClientFault.problem(status: 401, _),
            ClientFault.problem(status: 403, _):
            self = .refused
        case ClientFault.unreachable, ClientFault.problem(status: 429, _),
            ClientFault.problem(status: 503, _):
            self = .unavailable
        default: self = .failure
        }
    }

    /// The exit code for argument parsing.
    var code: ExitCode { ExitCode(rawValue) }

    /// Runs a command and turns what it throws into a message and a status.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            let message = (error as? ClientFault)?.message ?? "\(error)"
            FileHandle.standardError.write(Data("daybook: \(message)\n".utf8))
            throw ExitStatus(error).code
        }
    }
}
