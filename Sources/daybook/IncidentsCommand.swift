import ArgumentParser
import Foundation

/// `incidents`: what waits for a person.
struct IncidentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incidents", abstract: "List incidents, without content.")

    @Option(help: "Only those of one account.")
    var student: String?
    @Option(help: "From when: RFC 3339 or YYYY-MM-DD.")
    var from: String?
    @Option(help: "Until when: RFC 3339 or YYYY-MM-DD.")
    var to: String?
    @Option(help: "Why you look, at least 10 characters; it is recorded.")
    var purpose: String?
    @OptionGroup var connection: ConnectionOptions

    private struct Answer: Decodable {
        struct Incident: Decodable {
            let id: String
            let student: String
            let theme: String
            let severity: Int
            let first: String
            let last: String
            let findings: Int
            let status: String
            let procedure: String
        }
        let incidents: [Incident]
    }

    func run() async throws {
        try await ExitStatus.reporting {
            for time in [from, to] { try TimeArgument.check(time) }
            let answer = try await CollectorClient(connection).post(
                "/v1/incidents/query",
                ["student": student, "from": from, "to": to, "purpose": purpose])
            Terminal.say(connection.json ? answer : Array(try page(answer).utf8))
        }
    }

    private func page(_ bytes: [UInt8]) throws -> String {
        let answer: Answer
        do {
            answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw ClientFault.notUnderstood("not a list of incidents")
        }
        let rows = answer.incidents.map { incident in
            [
                incident.id, String(incident.severity), incident.theme,
                Visible.text(incident.student), UKTime.text(incident.first),
                UKTime.text(incident.last), String(incident.findings), incident.status,
                incident.procedure,
            ]
        }
        return Table.text(
            header: [
                "incident", "severity", "theme", "student", "first", "last", "findings", "status",
                "procedure",
            ], rows: rows)
    }
}
