import Events
import TestSupport
import Testing

@Suite struct IdentifierTests {
    @Test func `an empty name is refused`() {
        #expect(StudentID("") == nil)
        #expect(MachineID("") == nil)
        #expect(SessionID("") == nil)
        #expect(DeviceName("") == nil)
    }

    @Test func `the limit counts bytes, not characters`() {
        #expect(StudentID(String(repeating: "a", count: 255)) != nil)
        #expect(StudentID(String(repeating: "a", count: 256)) == nil)
        #expect(StudentID(String(repeating: "é", count: 127)) != nil)
        #expect(StudentID(String(repeating: "é", count: 128)) == nil)
    }

    @Test func `a session name has 64 bytes at most`() {
        #expect(SessionID(String(repeating: "a", count: 64)) != nil)
        #expect(SessionID(String(repeating: "a", count: 65)) == nil)
        #expect(MachineID(String(repeating: "a", count: 65)) != nil)
    }

    @Test func `order is that of the bytes`() throws {
        let names = try ["a", "é", "Z", "z", "字", "😀"].map { try #require(StudentID($0)) }
        #expect(names.sorted().map(\.rawValue) == ["Z", "a", "z", "é", "字", "😀"])
    }
}
