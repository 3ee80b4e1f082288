import ArgumentParser
import Collector
import Storage

/// `operators`: who may look. Works while `serve` runs.
struct OperatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "Add people who may look.", subcommands: [Add.self])

    /// `operators add NAME`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a person who may look; prints the token only.")

        @Argument(help: "The account's id as it shall stand in the audit; not the person's name.")
        var name: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withCatalogue { catalogue in
                Terminal.say(try Credentials.newOperator(name: name, in: catalogue))
            }
        }
    }
}
