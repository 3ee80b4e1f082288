import ArgumentParser
import Events
import Foundation

/// `find`: what one student typed and did.
struct FindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find what one student typed and did; the search itself is recorded.")

    @Option(help: "The account.")
    var student: String
    @Option(help: "From when: RFC 3339, or YYYY-MM-DD for the start of that day in London.")
    var from: String?
    @Option(help: "Until when: RFC 3339, or YYYY-MM-DD for the end of that day in London.")
    var to: String?
    @Option(help: "Only what holds this phrase, in capitals or not.")
    var phrase: String?
    @Option(help: "Only events of one kind, such as window, url or key.")
    var kind: String?
    @Option(help: "Why you look, at least 10 characters; it is recorded.")
    var purpose: String?
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await ExitStatus.reporting {
            for time in [from, to] { try TimeArgument.check(time) }
            let answer = try await CollectorClient(connection).post(
                "/v1/find",
                [
                    "student": student, "from": from, "to": to, "phrase": phrase, "kind": kind,
                    "purpose": purpose,
                ])
            if connection.json {
                Terminal.say(answer)
            } else {
                Terminal.say(Array(try FoundPage(parsing: answer).text().utf8))
            }
        }
    }
}

/// Times on the command line.
enum TimeArgument {
    /// Throws unless a time is RFC 3339 or a date.
    static func check(_ text: String?) throws {
        guard let text, Instant(rfc3339: text) == nil, CivilDate(text) == nil else { return }
        throw ClientFault.badTime(text)
    }
}

/// Lines on stdout.
enum Terminal {
    static func say(_ line: [UInt8]) {
        FileHandle.standardOutput.write(Data(line.last == 0x0A ? line : line + [0x0A]))
    }
}
