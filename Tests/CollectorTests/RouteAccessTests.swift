import Access
import Bytes
import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import Collector

/// Every route with every credential and none (S2).
@Suite struct RouteAccessTests {
    enum Shown: String, CaseIterable, Sendable {
        case none, device, operator_, control, unknownDevice, unknownOperator, nonsense

        func token(in fixture: CollectorFixture) -> String? {
            switch self {
            case .none: nil
            case .device: fixture.deviceToken
            case .operator_: fixture.operatorToken
            case .control: Credential(kind: .control, randomBytes: zeros).text
            case .unknownDevice: Credential(kind: .device, randomBytes: zeros).text
            case .unknownOperator: Credential(kind: .operator, randomBytes: zeros).text
            case .nonsense: "open sesame"
            }
        }

        private var zeros: [UInt8] { [UInt8](repeating: 0, count: 32) }
    }

    struct Case: Sendable {
        let path: String
        let body: String
        let allowed: Shown
        let unknown: Shown
    }

    static let cases = [
        Case(
            path: "/v1/ingest", body: Line.key("a", 0), allowed: .device,
            unknown: .unknownDevice),
        Case(
            path: "/v1/find", body: #"{"student":"s1001"}"#, allowed: .operator_,
            unknown: .unknownOperator),
        Case(
            path: "/v1/incidents/query", body: "{}", allowed: .operator_,
            unknown: .unknownOperator),
    ]

    @Test(arguments: cases, Shown.allCases)
    func `a route answers its own credential and no other`(route: Case, shown: Shown)
        async throws
    {
        let fixture = try CollectorFixture()
        let response = try await fixture.post(
            route.path, Array(route.body.utf8), token: shown.token(in: fixture))
        switch shown {
        case route.allowed: #expect(response.status == .ok)
        case .none, .nonsense, route.unknown: #expect(response.status == .unauthorized)
        default: #expect(response.status == .forbidden)
        }
        if response.status == .unauthorized {
            #expect(response.headers[.wwwAuthenticate] == "Bearer")
        }
        let audit = try fixture.parts.store.catalogue.audit(from: nil, to: nil, subject: nil)
        #expect(audit.isEmpty == (response.status != .ok || route.path == "/v1/ingest"))
    }

    @Test(arguments: ["Basic", "ApiKey"])
    func `the token may come as the password of Basic or the key of ApiKey`(scheme: String)
        async throws
    {
        let fixture = try CollectorFixture()
        let secret = Array("lib07:\(fixture.deviceToken)".utf8)
        let response = try await fixture.post(
            "/v1/ingest", Array(Line.key("a", 0).utf8), token: nil,
            extra: [.authorization: "\(scheme) \(Base64.encode(secret))"])
        #expect(response.status == .ok)
    }

    @Test func `a revoked device is refused at its next request (S6)`() async throws {
        let fixture = try CollectorFixture()
        let catalogue = fixture.parts.store.catalogue
        #expect(try await fixture.ingest([Line.key("a", 0)]).status == .ok)
        let device = try #require(try catalogue.devices().first)
        _ = try catalogue.revoke(device.name, at: CollectorFixture.start)
        #expect(try await fixture.ingest([Line.key("b", 1)]).status == .unauthorized)
        #expect(try fixture.stored() == [0])
    }

    @Test func `every answer forbids framing, sniffing, caching and referrers (S16)`()
        async throws
    {
        let fixture = try CollectorFixture()
        let good = try await fixture.ingest([Line.key("a", 0)])
        let bad = try await fixture.post("/v1/nothing", [], token: nil)
        #expect(bad.status == .notFound)
        for response in [good, bad] {
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
            #expect(
                response.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            let referrer = try #require(HTTPField.Name("Referrer-Policy"))
            #expect(response.headers[referrer] == "no-referrer")
        }
    }

    @Test func `metrics are for peers on this computer only`() async throws {
        let fixture = try CollectorFixture()
        let response = try await fixture.run { client in
            try await client.executeRequest(
                uri: "/metrics", method: .get, headers: [:], body: nil)
        }
        #expect(response.status == .forbidden)
        let live = try await fixture.run { client in
            try await client.executeRequest(
                uri: "/health/live", method: .get, headers: [:], body: nil)
        }
        #expect(live.status == .ok)
    }
}
