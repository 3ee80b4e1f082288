import ArgumentParser
import Foundation

/// Where the collector is, and how to answer.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: "The collector's address. Default: DAYBOOK_URL, else http://127.0.0.1:8787.")
    var url: String?
    @Option(help: "PEM file of the certificates to trust, instead of the system's.")
    var caFile: String?
    @Flag(help: "Print the collector's JSON answer as it is.")
    var json = false

    /// The address from the option, the environment or the default.
    var address: String {
        url ?? ProcessInfo.processInfo.environment["DAYBOOK_URL"] ?? "http://127.0.0.1:8787"
    }

    /// The secret, from the environment only: a command line can be read by others.
    func token() throws -> String {
        guard let token = ProcessInfo.processInfo.environment["DAYBOOK_TOKEN"], !token.isEmpty
        else { throw ClientFault.noToken }
        return token.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
