import Access
import Events
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
public import NIOCore
import NIOSSL
import ServiceLifecycle
import Storage
import UnixSignals

/// The running collector: doors, detection line, checkpoints, sealing, and an orderly end.
public struct CollectorService: Sendable {
    private let configuration: CollectorConfiguration
    private let parts: CollectorParts
    private let rules: RulesInForce
    private let eventLoops: any EventLoopGroup

    /// A collector around an open store. Whoever opened the store closes it after ``run(onListening:)``.
    public init(
        configuration: CollectorConfiguration, parts: CollectorParts, rules: RulesInForce,
        eventLoops: any EventLoopGroup
    ) {
        self.configuration = configuration
        self.parts = parts
        self.rules = rules
        self.eventLoops = eventLoops
    }

    /// Serves until SIGTERM or SIGINT, then ends what is under way and signs a last checkpoint.
    ///
    /// - Parameter onListening: called once with the address when the doors are open.
    public func run(onListening: @escaping @Sendable (String) async -> Void) async throws {
        try EvidenceRoute.removeLeftovers(parts)
        try await rules.record(in: parts)
        let control = ControlRoute(parts: parts, rules: rules)
        var services: [any Service] = [CheckpointTimer(parts: parts), Sealer(parts: parts)]
        if configuration.leavesDetection {
            parts.logger.warning("detection is left for a later start, nothing is looked at now")
        } else {
            services.insert(try DetectionLine(parts: parts, rules: rules), at: 0)
        }
        services.append(try controlApplication(control))
        services.append(try application(onListening: onListening))
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: parts.logger)
        // A client that stalls inside a request must not hold the stop up.
        configuration.maximumGracefulShutdownDuration = .seconds(CollectorLimits.stopSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            parts.logger.warning("stopped before every request was answered")
        }
        try ControlFile.remove(
            from: parts.store.directory, using: parts.environment.fileSystem)
        parts.logger.info("stopped")
    }

    /// The doors, with or without TLS. Internal so that tests can send requests to it.
    func application(onListening: @escaping @Sendable (String) async -> Void) throws
        -> some ApplicationProtocol
    {
        let scheme = configuration.keyPair == nil ? "http" : "https"
        let host = configuration.address.host
        return Application(
            router: Routes.router(parts, rules: rules), server: try server(),
            configuration: applicationConfiguration(configuration.address),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let address = CollectorConfiguration.Address(host: host, port: port)
                await onListening("\(scheme)://\(address)")
            },
            eventLoopGroupProvider: .shared(eventLoops), logger: parts.logger)
    }

    private func controlApplication(_ control: ControlRoute) throws -> some ApplicationProtocol {
        Application(
            router: Routes.controlRouter(parts, control: control),
            server: .http1(configuration: CollectorService.channelConfiguration),
            configuration: applicationConfiguration(.init(host: "127.0.0.1", port: 0)),
            onServerRunning: { channel in
                let file = ControlFile(
                    port: channel.localAddress?.port ?? 0, token: control.credential.text)
                do {
                    try file.write(
                        to: parts.store.directory, using: parts.environment.fileSystem)
                } catch {
                    parts.logger.error(
                        "cannot write control.json, night and seal will not reach us")
                }
            },
            eventLoopGroupProvider: .shared(eventLoops), logger: parts.logger)
    }

    private func applicationConfiguration(_ address: CollectorConfiguration.Address)
        -> ApplicationConfiguration
    {
        ApplicationConfiguration(
            address: .hostname(address.host, port: address.port), serverName: nil,
            backlog: CollectorLimits.backlog,
            availableConnectionsDelegate: MaximumAvailableConnections(
                CollectorLimits.connectionsMaximum))
    }

    private static var channelConfiguration: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: .seconds(CollectorLimits.connectionIdleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: CollectorLimits.headerSizeMaximum,
                maxHeaderListSize: CollectorLimits.headerSizeMaximum,
                maxHeaderFieldCount: CollectorLimits.headerFieldsMaximum))
    }

    private func server() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(configuration: CollectorService.channelConfiguration)
        guard let keyPair = configuration.keyPair else { return plain }
        return try .tls(plain, tlsConfiguration: CollectorService.tls(keyPair))
    }

    /// TLS 1.2 and 1.3 with AEAD suites only (S7).
    private static func tls(_ keyPair: CollectorConfiguration.KeyPair) throws -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(keyPair.certificateFile)
            let key = try NIOSSLPrivateKey(file: keyPair.keyFile, format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            tls.cipherSuiteValues = [
                .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ]
            return tls
        } catch {
            throw CollectorConfiguration.Fault.unusableKeyPair("\(error)")
        }
    }
}
