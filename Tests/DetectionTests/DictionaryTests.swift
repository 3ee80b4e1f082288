import Foundation
import RuleFiles
import TestSupport
import Testing

@testable import Detection

/// Words of a dictionary against the packs: none may be taken for the misspelling of another, and hardly any may
/// be found by itself. The words are Debian's (`wbritish`, which scripts/setup installs).
@Suite struct DictionaryTests {
    private static let path = "/usr/share/dict/british-english"

    private static func words() throws -> [String] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    @Test
    func `no word of the dictionary is taken for a misspelling of another`() throws {
        let pack = try RulePack.builtIn()
        let vocabulary = TextScorer(pack: pack).engine.matcher.vocabulary
        let spellings = vocabulary.spellings(plainWords: [])
        let found = try Set(Self.words().map { $0.lowercased().filter { $0 != "'" } })
            .intersection(spellings).sorted()
        if let output = ProcessInfo.processInfo.environment["DAYBOOK_PLAIN_WORDS"] {
            try found.joined(separator: "\n").write(
                toFile: output, atomically: true, encoding: .utf8)
        }
        #expect(found.isEmpty, "\(found.count): \(found.prefix(40))")
    }
}
