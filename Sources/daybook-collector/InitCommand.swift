import Access
import ArgumentParser
import Collector
import Foundation
import Storage

/// `init`: a new data directory with its keys, and the first operator token, shown once.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a data directory with its keys; prints the first operator token once.")

    @OptionGroup var data: DataOptions
    @Option(help: "The school's name as it stands in reports and bundles.")
    var school = "School"
    @Option(help: "The name of this log's host, such as collector.hillside.example.")
    var host = ProcessInfo.processInfo.hostName

    func run() async throws {
        try await ExitStatus.reporting {
            try Store.create(
                at: data.directory, school: school, host: host, environment: .live)
            let catalogue = try Catalogue.open(at: data.directory)
            let token = try Credentials.newOperator(name: "coordinator", in: catalogue)
            try catalogue.close()
            Terminal.note("made a data directory in \(data.directory)")
            Terminal.note("operator token, shown this once, only its hash is kept:")
            Terminal.say(token)
        }
    }
}
