import ArgumentParser
import Backup
import Collector
import Durable
import EvidenceFile
import Reports
import Storage

/// What the program's exit status says. The one place where errors become statuses.
enum ExitStatus: Int32 {
    /// Done.
    case success = 0
    /// It failed; the message on stderr says what and what to do.
    case failure = 1
    /// The store is damaged; stdout names what.
    case damaged = 2
    /// No such device, store or file.
    case notFound = 66
    /// Another process has the store and cannot be reached.
    case busy = 75
    /// The configuration cannot be used.
    case configuration = 78

    init(_ error: any Error) {
        switch error {
        case StorageError.notADataDirectory: self = .notFound
        case StorageError.locked: self = .busy
        case StorageError.corrupt, StorageError.olderThanCheckpoint: self = .damaged
        case BackupError.store(let error): self = ExitStatus(error)
        case BackupError.sealed(.noIdentityMatches, _, _): self = .failure
        case BackupError.sealed, BackupError.badMember, BackupError.notArchive: self = .damaged
        case BackupError.missing: self = .notFound
        case is CollectorConfiguration.Fault: self = .configuration
        default: self = .failure
        }
    }

    /// The exit code for argument parsing.
    var code: ExitCode { ExitCode(rawValue) }

    /// One sentence about an error, for a person.
    static func message(_ error: any Error) -> String {
        switch error {
        case let error as StorageError: error.message
        case let error as DurableError: error.message
        case let error as CollectorConfiguration.Fault: error.message
        case let error as CommandFault: error.message
        case let error as ReportsError: error.message
        case let error as BackupError: error.message
        case let error as AgeError: error.message
        default: "\(error)"
        }
    }

    /// Runs a command and turns what it throws into a message and a status.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Terminal.complain(message(error))
            throw ExitStatus(error).code
        }
    }
}

/// What a command cannot do as asked.
enum CommandFault: Error {
    case noSuchDevice(String)
    case badAddress(String)
    case badDate(String)
    case keyWithoutCertificate
    case busyAndSilent
    case serverRefused(String)
    case deviceExists(String)

    var message: String {
        switch self {
        case .noSuchDevice(let name): "no device is called \(name), see devices list"
        case .badAddress(let text): "\(text) is not HOST:PORT"
        case .badDate(let text): "\(text) is not YYYY-MM-DD"
        case .keyWithoutCertificate: "give both --certificate and --key, or neither"
        case .busyAndSilent:
            "another process has the store open and does not answer, stop it or wait"
        case .serverRefused(let why): "the running collector refused: \(why)"
        case .deviceExists(let name): "a device is called \(name) already, choose another name"
        }
    }
}
