import ArgumentParser
import Foundation
import Storage

/// The collector's command line.
@main
struct DaybookCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-collector",
        abstract: "Takes batches in, stores them, detects, and runs the night.",
        subcommands: [
            InitCommand.self, ServeCommand.self, DevicesCommand.self, OperatorsCommand.self,
            NightCommand.self, VerifyStoreCommand.self, SealCommand.self, KeepCommands.self,
            BackupCommand.self, RestoreCommand.self, RestartLogCommand.self,
        ])
}

/// The option that every command has.
struct DataOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: "The data directory.")
    var path: String

    /// The data directory from the root: a serving collector names its files to others.
    var directory: String { Terminal.absolutePath(path) }

    /// Opens the catalogue, also beside a collector that serves, and closes it whatever happens; a
    /// failure ends the program with its sentence and status.
    func withCatalogue(_ body: (Catalogue) throws -> Void) async throws {
        try await ExitStatus.reporting {
            let catalogue = try Catalogue.open(at: directory)
            do {
                try body(catalogue)
            } catch {
                try catalogue.close()
                throw error
            }
            try catalogue.close()
        }
    }
}
