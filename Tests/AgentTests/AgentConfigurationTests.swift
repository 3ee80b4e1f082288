import Testing

@testable import Agent

@Suite struct AgentConfigurationTests {
    static let minimal = """
        {"collector": "https://daybook.hillside.example:8443", "keyFile": "device.key",
         "spool": "/var/spool/daybook", "notice": "notice.txt", "noticeVersion": "2026-09",
         "school": "Hillside School"}
        """

    func parse(_ text: String) throws(AgentError) -> AgentConfiguration {
        try AgentConfiguration(
            parsing: Array(text.utf8), file: "/etc/daybook/agent.json",
            in: .init(host: "pc07", user: "e.varga", display: ":0"))
    }

    /// The minimal configuration with a setting put in or replaced.
    func with(_ name: String, _ json: String?) -> String {
        var lines = [
            ("collector", #""https://a.example""#), ("keyFile", #""k""#), ("spool", #""s""#),
            ("notice", #""n""#), ("noticeVersion", #""1""#), ("school", #""Hillside""#),
        ]
        lines.removeAll { $0.0 == name }
        if let json { lines.append((name, json)) }
        return "{" + lines.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    func complaint(_ text: String) -> String {
        do throws(AgentError) {
            _ = try parse(text)
            return "accepted"
        } catch {
            return error.message
        }
    }

    @Test func `a short configuration takes the rest from the machine and the limits`() throws {
        let configuration = try parse(AgentConfigurationTests.minimal)
        #expect(configuration.collector.base == "https://daybook.hillside.example:8443")
        #expect(configuration.keyFile == "/etc/daybook/device.key")
        #expect(configuration.spool == "/var/spool/daybook")
        #expect(configuration.host == "pc07")
        #expect(configuration.user == "e.varga")
        #expect(configuration.device == "pc07")
        #expect(configuration.display == ":0")
        #expect(configuration.sources == [.desktop, .process])
        #expect(configuration.batchEvents == 256)
        #expect(configuration.batchSeconds == 30)
        #expect(configuration.enrolmentCode == nil)
    }

    @Test(arguments: ["collector", "keyFile", "spool", "notice", "noticeVersion", "school"])
    func `each required setting is asked for by name`(name: String) {
        let complaint = complaint(with(name, nil))
        #expect(complaint == "configuration /etc/daybook/agent.json: \(name) is missing")
    }

    @Test(arguments: [
        ("spoool", "1", "there is no setting spoool"), ("school", "7", "school must be a text"),
        ("school", "\"\"", "school must be a text"), ("school", "null", "school must be a text"),
        ("user", #""a\nb""#, "user is too long or has control characters"),
        ("secretWindows", #""a""#, "secretWindows must be a list of texts"),
        ("secretWindows", #"["a",1]"#, "secretWindows must be a list of texts"),
        ("secretWindows", #"["a",""]"#, "secretWindows must be a list of texts"),
        ("sources", #"["desktop","webcam"]"#, "there is no source webcam"),
        ("batchEvents", "0", "batchEvents must be a whole number from 1 to 1024"),
        ("batchEvents", "1025", "batchEvents must be a whole number from 1 to 1024"),
        ("batchEvents", "2.5", "batchEvents must be a whole number from 1 to 1024"),
        ("batchEvents", "true", "batchEvents must be a whole number from 1 to 1024"),
        ("batchEvents", #""9""#, "batchEvents must be a whole number from 1 to 1024"),
        ("batchEvents", "1e300", "batchEvents must be a whole number from 1 to 1024"),
        ("batchSeconds", "-1", "batchSeconds must be a whole number from 1 to 3600"),
        ("noticeSeconds", "90000", "noticeSeconds must be a whole number from 0 to 86400"),
        ("collector", #""http://10.0.0.7:8080""#, "http:// is for this computer only"),
        ("collector", #""hillside""#, "collector: not an address"),
        ("collector", #""ftp://a.example""#, "must start with https://"),
        ("collector", #""https://a.example/x""#, "must be host and port only"),
        ("collector", #""https://u:p@a.example""#, "must be host and port only"),
        ("collector", #""http://127.0.0.1.evil.example""#, "http:// is for this computer only"),
        ("collector", #""http://localhost.evil.example""#, "http:// is for this computer only"),
    ])
    func `a wrong setting is named with what it should be`(
        name: String, json: String, expected: String
    ) {
        #expect(complaint(with(name, json)).contains(expected))
    }

    @Test(arguments: ["", "{", "[]", "7", "{\"collector\"}", "\u{0}"])
    func `what is no JSON object is called that`(text: String) {
        let complaint = complaint(text)
        #expect(complaint.contains("JSON"), "\(complaint)")
    }

    @Test(arguments: [
        "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://127.9.9.9",
    ])
    func `plain HTTP goes to loopback addresses (S7)`(address: String) throws {
        #expect(try !CollectorAddress(address).isSecure)
    }

    @Test(arguments: [
        "http://0.0.0.0", "http://128.0.0.1", "http://127.0.0", "http://127.0.0.256",
        "http://0127.0.0.1", "http://[::2]", "http://example.org", "http://", "http://2130706433",
    ])
    func `plain HTTP goes nowhere else (S7)`(address: String) {
        #expect(throws: AddressFault.self) { try CollectorAddress(address) }
    }
}
