import Agent
import ArgumentParser
import Durable
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Shows the notice, then captures, spools and ships until it is stopped.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reporting {
            let configuration = try common.load()
            let logger = common.logger()
            let transport = try HTTPTransport(
                address: configuration.collector,
                certificateAuthority: configuration.certificateAuthority)
            let service = AgentService(
                configuration,
                parts: AgentParts(configuration, transport: transport, logger: logger).parts)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                            failureTerminationBehavior: .gracefullyShutdownGroup)
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger))
            do {
                try await group.run()
            } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
        }
    }
}

/// The parts of an agent on this machine.
struct AgentParts {
    let parts: AgentService.Parts

    init(_ configuration: AgentConfiguration, transport: any Transport, logger: Logger) {
        let clock = SystemClock()
        let display = configuration.display
        let isDesktop = configuration.sources.contains(.desktop) && display != nil
        let windows = SecretWindows(adding: configuration.secretWindows)
        let presenter: any NoticePresenter =
            isDesktop
            ? NoticeWindowPresenter(
                display: display, seconds: configuration.noticeSeconds, clock: clock)
            : TerminalPresenter(write: writeError)
        parts = AgentService.Parts(
            files: RealFileSystem(), clock: clock, random: .system, transport: transport,
            presenter: presenter,
            sources: {
                var sources: [any EventSource] = []
                if configuration.sources.contains(.desktop) {
                    sources.append(
                        DesktopSource(display: display, windows: windows, clock: clock))
                    sources.append(MonitoringSign(display: display, school: configuration.school))
                }
                if configuration.sources.contains(.process) {
                    sources.append(
                        ProcessSource(
                            userID: Machine.userID(of: configuration.user),
                            ownPid: Int(getpid()), clock: clock))
                }
                return sources
            },
            loginKey: [Machine.bootID, display ?? "", configuration.user].joined(separator: "|"),
            logger: logger)
    }
}
