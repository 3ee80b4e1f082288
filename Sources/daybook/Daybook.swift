import ArgumentParser

/// The command line for coordinators, heads and network managers.
@main
struct Daybook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "Find, look at incidents, make bundles of evidence, try out rules.",
        subcommands: [
            FindCommand.self, IncidentsCommand.self, EvidenceCommand.self, RulesCommand.self,
        ])
}
