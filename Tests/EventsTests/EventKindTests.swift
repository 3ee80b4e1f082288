import Events
import Testing

@Suite struct EventKindTests {
    /// Stored in journals and segments and signed in envelopes: a change here makes old files unreadable.
    private static let frozen: [(UInt8, String)] = [
        (1, "key"), (2, "secret"), (3, "click"), (4, "window"), (5, "process"), (6, "url"),
        (7, "clipboard"), (8, "session"), (9, "notice"), (10, "filter"), (11, "guest"),
        (12, "media"), (13, "agent"), (14, "clock"), (15, "gap"),
    ]

    @Test func `raw values and names are frozen`() {
        #expect(EventKind.allCases.map(\.rawValue) == EventKindTests.frozen.map(\.0))
        #expect(EventKind.allCases.map(\.name) == EventKindTests.frozen.map(\.1))
    }

    @Test func `a name gives its kind`() {
        for kind in EventKind.allCases { #expect(EventKind(name: kind.name) == kind) }
    }

    @Test(arguments: ["", "Key", "keys", "KEY", " key", "key\u{0}", "unknown", "1"])
    func `other names are refused`(name: String) {
        #expect(EventKind(name: name) == nil)
    }

    @Test func `modifier bits and names are frozen`() {
        #expect(Modifiers.names.map(\.0.rawValue) == [4, 16, 2, 8, 1])
        #expect(Modifiers.names.map(\.1) == ["Alt", "AltGraph", "Control", "Meta", "Shift"])
    }
}
