import ArgumentParser
import Collector
import Events
import Storage

/// `devices`: who may send. Works while `serve` runs.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Add, enrol, list and revoke what sends events.",
        subcommands: [Add.self, Enrol.self, List.self, Revoke.self])

    /// `devices add NAME`: a client that sends lines with a bearer token.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a client of the NDJSON door; prints its bearer token only.")

        @Argument(help: "What you call it.")
        var name: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withCatalogue { catalogue in
                guard try !catalogue.devices().contains(where: { $0.label == name }) else {
                    throw CommandFault.deviceExists(name)
                }
                Terminal.say(try Credentials.newTokenDevice(label: name, in: catalogue))
            }
        }
    }

    /// `devices enrol NAME`: a one-time code for an agent that makes its own key.
    struct Enrol: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a one-time code, good for 24 hours, for an agent to enrol with.")

        @Argument(help: "What you call it.")
        var name: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withCatalogue { catalogue in
                Terminal.say(try Credentials.newEnrolmentCode(label: name, in: catalogue))
            }
        }
    }

    /// `devices list`: one device a line, tab-separated.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List devices: name, label, kind, enrolled, state.")

        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withCatalogue { catalogue in
                for device in try catalogue.devices() {
                    let state =
                        device.revoked.map { "revoked " + $0.rfc3339 }
                        ?? device.setAside.map { "set aside " + $0.rfc3339 } ?? "active"
                    Terminal.say(
                        [
                            device.name.rawValue, device.label, device.kind.rawValue,
                            device.enrolled.rfc3339, state,
                        ].joined(separator: "\t"))
                }
            }
        }
    }

    /// `devices revoke NAME`: ends what a device may send.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End what a device may send, by its name or by what you call it.")

        @Argument(help: "Its name, or what you call it.")
        var name: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withCatalogue { catalogue in
                let meant = try catalogue.devices().filter {
                    $0.revoked == nil && ($0.name.rawValue == name || $0.label == name)
                }
                guard !meant.isEmpty else { throw CommandFault.noSuchDevice(name) }
                for device in meant {
                    _ = try catalogue.revoke(device.name, at: StoreEnvironment.live.now())
                    Terminal.say("revoked \(device.name.rawValue)")
                }
            }
        }
    }
}
