import Testing

@testable import Collector

@Suite struct CollectorConfigurationTests {
    @Test(arguments: [
        ("127.0.0.1:8787", "127.0.0.1", 8787), ("localhost:0", "localhost", 0),
        ("[::1]:9", "::1", 9), ("collector.example:443", "collector.example", 443),
    ])
    func `an address is read`(text: String, host: String, port: Int) throws {
        let address = try #require(CollectorConfiguration.Address(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(arguments: ["", "8787", ":8787", "host:", "host:x", "host:65536", "host:-1", "::1:80"])
    func `what is no address is refused`(text: String) {
        #expect(CollectorConfiguration.Address(text) == nil)
    }

    @Test(arguments: [
        "0.0.0.0:80", "10.1.2.3:80", "collector.example:80", "127.evil.example:80", "[::]:80",
    ])
    func `plain HTTP beyond loopback is refused with what to do (S7)`(text: String) throws {
        let address = try #require(CollectorConfiguration.Address(text))
        let fault = #expect(throws: CollectorConfiguration.Fault.self) {
            try CollectorConfiguration(address: address, keyPair: nil)
        }
        #expect(fault?.message.contains("--certificate") == true)
        _ = try CollectorConfiguration(
            address: address, keyPair: .init(certificateFile: "c.pem", keyFile: "k.pem"))
    }

    @Test(arguments: ["127.0.0.1:80", "127.9.9.9:80", "localhost:80", "[::1]:80"])
    func `plain HTTP on loopback is fine`(text: String) throws {
        let address = try #require(CollectorConfiguration.Address(text))
        _ = try CollectorConfiguration(address: address, keyPair: nil)
    }
}
