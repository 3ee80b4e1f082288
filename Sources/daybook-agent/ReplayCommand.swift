import Agent
import ArgumentParser
import Foundation
import Glibc

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends events of a file through the spool; ends when all are acknowledged.",
        discussion: """
            One event a line, as JSON. A replay that was stopped or killed goes on where it was when it \
            is started again with the same file. Ends with 0 when every line is an acknowledged event, \
            1 when some lines were no events, 3 when the collector refused.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("The file; - reads standard input.", valueName: "events.ndjson"))
    var input = "-"

    @Flag(help: "Print the counts as one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            let configuration = try common.load()
            let transport = try HTTPTransport(
                address: configuration.collector,
                certificateAuthority: configuration.certificateAuthority)
            let parts = AgentParts(configuration, transport: transport, logger: common.logger())
            let service = AgentService(configuration, parts: parts.parts)
            let result: ReplayResult
            do {
                result = try await service.replay(
                    input == "-" ? .descriptor(STDIN_FILENO) : .file(absolute(input)))
            } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
            try report(result)
        }
    }

    /// The same file has the same path wherever the command is started.
    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path(percentEncoded: false)
    }

    private func report(_ result: ReplayResult) throws {
        for line in result.outcome.rejected.prefix(20) {
            writeError("daybook-agent: line \(line.line): \(line.why)\n")
        }
        let rejected = result.outcome.rejected.count
        if rejected > 20 {
            writeError("daybook-agent: \(rejected - 20) more lines are no events\n")
        }
        if json {
            print(
                "{\"sent\":\(result.outcome.sent),\"acknowledged\":\(result.acknowledged),"
                    + "\"rejected\":\(rejected),\"quarantinedBatches\":\(result.quarantinedBatches)}"
            )
        } else {
            print(
                "sent \(result.outcome.sent), acknowledged \(result.acknowledged), "
                    + "rejected \(rejected)")
        }
        if let status = result.refusedStatus {
            writeError(
                "daybook-agent: the collector does not accept this device (\(status)), enrol it again\n"
            )
            throw ExitStatus.refused
        }
        guard result.quarantinedBatches == 0 else {
            writeError(
                "daybook-agent: \(result.quarantinedBatches) batches were refused, see quarantine\n"
            )
            throw ExitStatus.refused
        }
        guard result.isComplete else { throw ExitStatus.failed }
    }
}
