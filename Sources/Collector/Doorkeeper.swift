import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What a request carries besides its bytes.
struct CollectorContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    /// The other end of the connection; nil in tests that go to the router directly.
    let remoteAddress: SocketAddress?

    init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// Whether the peer is on this computer.
    var isLoopback: Bool {
        guard let address = remoteAddress?.ipAddress else { return false }
        return address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }
}

/// Stands before every route: turns errors into problems, counts them, and sets the security headers (S16).
struct Doorkeeper: RouterMiddleware {
    let metrics: CollectorMetrics

    func handle(
        _ request: Request, context: CollectorContext,
        next: (Request, CollectorContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = ProblemResponse(error)
            count(problem)
            if problem.status.kind == .serverError, problem.retryAfterSeconds == nil {
                context.logger.error(
                    "request failed", metadata: ["error": "\(ProblemResponse.name(of: error))"])
            }
            response = problem.response(reference: context.id)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        response.headers[Doorkeeper.referrerPolicy] = "no-referrer"
        response.headers[.strictTransportSecurity] = "max-age=31536000"
        return response
    }

    private static let referrerPolicy: HTTPField.Name = {
        guard let name = HTTPField.Name("Referrer-Policy") else {
            preconditionFailure("Referrer-Policy is a legal field name")
        }
        return name
    }()

    private func count(_ problem: ProblemResponse) {
        switch problem.status {
        case .unauthorized: metrics.add([.authenticationFailures: 1, .clientErrors: 1])
        case .forbidden: metrics.add([.accessRefusals: 1, .clientErrors: 1])
        case .tooManyRequests, .serviceUnavailable: metrics.add([.overloadRefusals: 1])
        default:
            metrics.add(
                problem.status.kind == .serverError ? [.serverErrors: 1] : [.clientErrors: 1])
        }
    }
}
