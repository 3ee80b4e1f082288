import Agent
import ArgumentParser
import Durable

struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Makes this device's key and tells the collector its public half, with a code.")

    @OptionGroup var common: CommonOptions

    @Option(help: "The one-time code of `daybook-collector devices enrol`.")
    var code: String

    func run() async throws {
        try await reporting {
            let configuration = try common.load()
            let transport = try HTTPTransport(
                address: configuration.collector,
                certificateAuthority: configuration.certificateAuthority)
            let enrolment = Enrolment(
                keyFile: DeviceKeyFile(path: configuration.keyFile, files: RealFileSystem()),
                transport: transport, random: .system)
            do {
                let identity = try await enrolment.enrol(code: code, device: configuration.device)
                await transport.shutdown()
                print("enrolled as \(identity.device) with \(identity.origin)")
            } catch {
                await transport.shutdown()
                throw error
            }
        }
    }
}
