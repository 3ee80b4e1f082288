import ArgumentParser
import Collector

/// `keep`: erasure and legal holds. Works while `serve` runs.
struct KeepCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Erase a student's months, or hold them for a case.",
        discussion: """
            Each needs two people, is recorded in the log before it is done, and prints one JSON object. \
            What is older than the retention rules allow goes by itself, in the night.
            """,
        subcommands: [Erase.self, Hold.self, Lift.self, List.self])

    /// Who stands behind it.
    struct People: ParsableArguments {
        @Option(help: "Why, in a few words without names; stands in the record.")
        var reason: String
        @Option(help: "The account id of who asks for it.")
        var by: String
        @Option(name: .customLong("approved-by"), help: "The account id of the second person.")
        var approvedBy: String

        /// Asks for something in their names.
        func ask(
            _ verb: KeepCommand.Verb, student: String? = nil, months: [String]? = nil,
            hold: Int64? = nil, of data: DataOptions
        ) async throws {
            try await KeepCommands.run(
                KeepCommand(
                    verb: verb, student: student, months: months, hold: hold, reason: reason,
                    by: by, approvedBy: approvedBy), data)
        }
    }

    /// `keep erase`.
    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy the keys of a student's months; prints a receipt.",
            discussion: """
                It cannot be undone. Proofs of everything else stay valid. Copies of the key store in its \
                own backup must expire before the erasure is complete.
                """)

        @Option(help: "The account.") var student: String
        @Option(help: "A month of receipt, YYYY-MM; give several, or none for all.")
        var month: [String] = []
        @OptionGroup var people: People
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await people.ask(.erase, student: student, months: month, of: data)
        }
    }

    /// `keep hold`.
    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep everything of a student until the hold is lifted.")

        @Option(help: "The account.") var student: String
        @OptionGroup var people: People
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await people.ask(.hold, student: student, of: data)
        }
    }

    /// `keep lift`.
    struct Lift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lift a hold.")

        @Argument(help: "The hold's number, as keep list shows it.") var hold: Int64
        @OptionGroup var people: People
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await people.ask(.lift, hold: hold, of: data)
        }
    }

    /// `keep list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show holds and the receipts of erasures.")

        @OptionGroup var data: DataOptions

        func run() async throws { try await KeepCommands.run(KeepCommand(verb: .list), data) }
    }

    private static func run(_ command: KeepCommand, _ data: DataOptions) async throws {
        try await ExitStatus.reporting {
            Terminal.say(try await StoreAccess.run(.keep(command), in: data.directory))
        }
    }
}
