import ArgumentParser
import Foundation

/// `evidence`: bundles that a stranger can check.
struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Make bundles of evidence.",
        subcommands: [Make.self])

    /// `evidence make`: one incident's bundle, unpacked under a directory.
    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the bundle of an incident and unpack it; the issue is recorded.")

        @Option(help: "The incident, such as I-2026-000123.")
        var incident: String
        @Option(help: "Why the bundle is made, at least 10 characters; it is recorded.")
        var purpose: String
        @Option(name: .customLong("out"), help: "The directory in which the bundle's own is made.")
        var directory: String
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await ExitStatus.reporting {
                let archive = try await CollectorClient(connection).post(
                    "/v1/evidence", ["incident": incident, "purpose": purpose])
                let bundle = try TarArchive(archive).unpack(into: directory)
                let path = directory + "/" + bundle
                if connection.json {
                    let answer = ["bundle": bundle, "incident": incident, "path": path]
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                    Terminal.say(Array(try encoder.encode(answer)))
                } else {
                    Terminal.say(Array("bundle \(bundle) in \(path)".utf8))
                }
            }
        }
    }
}
