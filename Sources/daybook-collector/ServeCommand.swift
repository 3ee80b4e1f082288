public import ArgumentParser
import Collector
public import Logging
import NIOPosix
import Storage

/// `serve`: takes batches in until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Take batches in, detect, answer; prints `listening on URL` when ready.")

    @OptionGroup var data: DataOptions
    @Option(help: "HOST:PORT to listen on; port 0 takes a free one. Plain HTTP on loopback only.")
    var listen = "127.0.0.1:8787"
    @Option(help: "PEM file of the TLS certificate and its chain.")
    var certificate: String?
    @Option(help: "PEM file of the TLS key.")
    var key: String?
    @Option(help: "A directory of rules to use instead of the built-in pack.")
    var rules: String?
    @Option(help: "The least level that is logged: debug, info, warning or error.")
    var logLevel: Logger.Level = .info
    @Flag(
        name: .customLong("leave-detection"),
        help: ArgumentHelp(
            "Leave batches for a later start to look at; for measuring.", visibility: .hidden))
    var leavesDetection = false

    func run() async throws {
        try await ExitStatus.reporting {
            LogLines.install(level: logLevel)
            var configuration = try configuration()
            configuration.leavesDetection = leavesDetection
            let rules = try RulesInForce(directory: rules)
            let store = try Store.open(at: data.directory, environment: .live)
            let service = CollectorService(
                configuration: configuration,
                parts: CollectorParts(
                    store: store, environment: .live,
                    logger: Logger(label: "daybook-collector")),
                rules: rules,
                eventLoops: MultiThreadedEventLoopGroup.singleton)
            do {
                try await service.run { address in Terminal.say("listening on \(address)") }
            } catch {
                try store.close()
                throw error
            }
            try store.close()
        }
    }

    private func configuration() throws -> CollectorConfiguration {
        guard let address = CollectorConfiguration.Address(listen) else {
            throw CommandFault.badAddress(listen)
        }
        switch (certificate, key) {
        case (nil, nil): return try CollectorConfiguration(address: address, keyPair: nil)
        case (let certificate?, let key?):
            return try CollectorConfiguration(
                address: address, keyPair: .init(certificateFile: certificate, keyFile: key))
        default: throw CommandFault.keyWithoutCertificate
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
