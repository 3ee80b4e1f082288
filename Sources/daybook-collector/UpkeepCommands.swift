import ArgumentParser
import Collector
import Events
import Foundation
import Storage

/// `verify-store`: checks every file and names what is damaged.
struct VerifyStoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-store",
        abstract: "Check the whole store; exit status 2 when something is damaged.",
        discussion: "Prints one JSON object. Works beside a collector that is serving.")

    private struct Answer: Decodable {
        let ok: Bool
    }

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let text = try await StoreAccess.run(.verify, in: data.directory)
            Terminal.say(text)
            guard try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).ok else {
                throw ExitStatus.damaged.code
            }
        }
    }
}

/// `seal`: turns the journal into segments now.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Turn the journal into sealed segments now.",
        discussion: "Prints one JSON object. Works beside a collector that is serving.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await ExitStatus.reporting {
            Terminal.say(try await StoreAccess.run(.seal, in: data.directory))
        }
    }
}

/// `night`: closes a day and writes the morning report.
struct NightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "night",
        abstract: "Close a school day and write its morning report.",
        discussion: """
            Works beside a collector that is serving. A night that was interrupted goes on where it stopped; \
            run again for the same day it writes the same report.
            """)

    private struct Answer: Decodable {
        let day: String
        let html: String
        let json: String
    }

    @OptionGroup var data: DataOptions
    @Option(help: "The school day, YYYY-MM-DD. Default: until noon yesterday, then today.")
    var date: String?
    @Option(help: "A directory of rules, when no collector is serving; default the built-in pack.")
    var rules: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await ExitStatus.reporting {
            let day = try day()
            let text = try await StoreAccess.run(.night(day, rules: rules), in: data.directory)
            guard !json else { return Terminal.say(text) }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
            Terminal.say("morning report of \(answer.day)")
            Terminal.say("  page \(answer.html)")
            Terminal.say("  data \(answer.json)")
        }
    }

    private func day() throws -> SchoolDay {
        guard let date else {
            return UpkeepCommand.day(ofNightAt: StoreEnvironment.live.now())
        }
        guard let parsed = CivilDate(date) else { throw CommandFault.badDate(date) }
        return SchoolDay(parsed)
    }
}
