import Testing

@testable import Detection

@Suite struct GlobTests {
    /// R10: the escapes of the specification, each with a value it matches and one it must not.
    @Test(
        arguments: [
            (#"a*c"#, "abbc", "abb"),
            (#"a?c"#, "abc", "ac"),
            (#"a\*c"#, "a*c", "abc"),
            (#"a\?c"#, "a?c", "abc"),
            (#"a\c"#, #"a\c"#, "ac"),
            (#"a\\c"#, #"a\c"#, #"a\\c"#),
            (#"a\\*c"#, #"a\xyzc"#, "a*c"),
            (#"a\\\*c"#, #"a\*c"#, #"a\xc"#),
            (#"a\\\\c"#, #"a\\c"#, #"a\c"#),
            (#"*\cmd.exe"#, #"C:\Windows\cmd.exe"#, "cmd.exe"),
        ])
    func `R10 wildcards and escapes mean what the specification says`(
        pattern: String, good: String, bad: String
    ) {
        let glob = Glob(parsing: pattern)
        #expect(glob.matches(Array(good.utf8)))
        #expect(!glob.matches(Array(bad.utf8)))
    }

    @Test func `a question mark is one character, however many bytes it has`() {
        let glob = Glob(parsing: "n?nja")
        #expect(glob.matches(Array("nünja".utf8)))
        #expect(!glob.matches(Array("nnja".utf8)))
    }

    @Test func `many stars on a long value end soon`() {
        let glob = Glob(parsing: String(repeating: "*a", count: 20) + "b")
        #expect(!glob.matches(Array(repeating: UInt8(ascii: "a"), count: 5_000)))
    }
}
