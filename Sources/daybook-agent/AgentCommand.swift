import Agent
import ArgumentParser
import Durable
import Foundation
import Logging

@main
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-agent",
        abstract: "Captures what happens at this workstation, after it has said so.",
        discussion: """
            The configuration is a JSON file with these settings: collector, keyFile, spool, notice,
            noticeVersion, school; and if you like device, enrolmentCode, certificateAuthority, host,
            user, sources, display, noticeSeconds, secretWindows, batchEvents, batchSeconds,
            spoolMaximumMiB, retryBaseMilliseconds, retryMaximumMilliseconds.
            """,
        subcommands: [RunCommand.self, ReplayCommand.self, EnrolCommand.self, SpoolCommand.self])
}

/// What every subcommand needs.
struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    /// The configuration, read and checked.
    func load() throws -> AgentConfiguration {
        let files = RealFileSystem()
        let bytes: [UInt8]
        do {
            bytes = try files.read(config, offset: 0, count: AgentLimits.textFileSizeMaximum)
        } catch {
            throw AgentError.configuration(file: config, why: error.message)
        }
        return try AgentConfiguration(
            parsing: bytes, file: config, in: .ofThisMachine(environment: .current))
    }

    /// The agent's own messages, on standard error.
    func logger() -> Logger {
        Logger(label: "daybook-agent") { StreamLogHandler.standardError(label: $0) }
    }
}

/// Does work and turns its error into a message and an exit status.
func reporting(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let error as AgentError {
        writeError("daybook-agent: \(error.message)\n")
        throw ExitStatus.of(error)
    } catch let error as DurableError {
        writeError("daybook-agent: \(error.message)\n")
        throw ExitStatus.failed
    }
}

/// Writes to standard error.
@Sendable func writeError(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
}
