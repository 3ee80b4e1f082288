import Agent
import ArgumentParser
import Durable

struct SpoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Prints what waits in the spool, opened with the device key.",
        discussion: """
            For whoever has to check what an agent holds: the counts, and with --contents the uploads \
            themselves. The agent must not be running.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print the uploads: personal data.")
    var contents = false

    func run() async throws {
        try await reporting {
            let configuration = try common.load()
            let files = RealFileSystem()
            let keyFile = DeviceKeyFile(path: configuration.keyFile, files: files)
            guard case .identity(let identity) = try keyFile.read() else {
                throw AgentError.deviceKey(file: configuration.keyFile, why: "not enrolled")
            }
            let report = try SpoolReport(
                directory: configuration.spool, identity: identity, files: files)
            print(report.summary)
            if contents { report.uploads.forEach { print($0) } }
        }
    }
}
