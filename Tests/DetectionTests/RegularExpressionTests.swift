import Testing

@testable import Detection

@Suite struct RegularExpressionTests {
    private func range(_ pattern: String, _ text: String) throws -> Range<Int>? {
        try RegularExpression(pattern, flags: []).firstMatch(in: Array(text.utf8))
    }

    @Test(arguments: [
        ("a+b", "xaaab", true), ("a+b", "xb", false), ("^ab$", "ab", true), ("^ab$", "abc", false),
        ("(a|bc)d", "xbcd", true), ("[^a-c]x", "ax", false), ("[^a-c]x", "dx", true),
        ("\\d{2,3}-\\w+", "a12-b", true), ("\\d{2,3}-\\w+", "a1-b", false),
        ("\\bkill\\b", "to kill x", true), ("\\bkill\\b", "skills", false), ("a.c", "aéc", true),
        ("(?i)AbC", "xabc", true), ("a(?:bc)?d", "ad", true), ("[[:digit:]]+z", "12z", true),
        ("\\x41\\u0042", "AB", true), ("a{0}b", "b", true), ("x*", "", true), ("[]a]", "]", true),
        ("a{,2}", "a{,2}", true), ("\\.exe$", "x.exe", true), ("\\.exe$", "xaexe", false),
    ])
    func `an expression finds what it says`(pattern: String, text: String, isFound: Bool) throws {
        #expect(try (range(pattern, text) != nil) == isFound)
    }

    @Test func `the match that begins furthest left is given`() throws {
        #expect(try range("b+|ab", "xabbb") == 1..<3)
        #expect(try range("é", "caé") == 2..<4)
    }

    @Test(arguments: [
        "(a", "a)", "[a", "*a", "a**", "(?=a)", "(?<!a)b", "\\1", "a{3,2}", "\\q", "a++", "(?>a)",
        "a{2000}", "((((a{100}){100}){100}){100})", "\\",
    ])
    func `what is not understood or too large is refused`(pattern: String) {
        #expect(throws: ExpressionParser.Refusal.self) {
            _ = try RegularExpression(pattern, flags: [])
        }
    }

    @Test func `an expression made to explode takes one step after the other`() throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        #expect(try range("^(a+)+$", text) == nil)
        #expect(try range("(a|a)*b", text) == nil)
        #expect(try range("(.*)(.*)(.*)(.*)x", text) == nil)
    }
}
