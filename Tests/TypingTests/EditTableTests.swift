import Events
import Foundation
import TestSupport
import Testing
import Typing

/// The table of edits: `Fixtures/typing/edits.txt` holds keys and both readings side by side.
///
/// `DAYBOOK_FIXTURES=rewrite` writes the file again from what the code does; review every line of the difference.
@Suite struct EditTableTests {
    @Test(.tags(.golden)) func `every row of the table gives its two readings`() throws {
        let lines = try Fixture.lines("typing/edits.txt")
        let actual = EditTableTests.rendered(lines)
        if ProcessInfo.processInfo.environment["DAYBOOK_FIXTURES"] == "rewrite" {
            let text = actual.joined(separator: "\n") + "\n"
            try text.write(to: Fixture.url("typing/edits.txt"), atomically: true, encoding: .utf8)
            return
        }
        for difference in actual.difference(from: lines) {
            switch difference {
            case .insert(let offset, let line, _): Issue.record("line \(offset + 1) now: \(line)")
            case .remove(let offset, let line, _): Issue.record("line \(offset + 1) was: \(line)")
            }
        }
        #expect(lines.count { $0.hasPrefix("> ") } > 100)
    }

    /// The file again: what is input stays, what follows each script is made new.
    private static func rendered(_ lines: [String]) -> [String] {
        var result: [String] = []
        for line in lines {
            if line.hasPrefix(">") {
                result.append(line)
                result += rows(of: passages(of: EditScript(String(line.dropFirst(2))).events))
            } else if !line.hasPrefix("  ") {
                result.append(line)
            }
        }
        return result
    }

    private static func rows(of passages: [Passage]) -> [String] {
        if passages.isEmpty { return ["  nothing"] }
        return passages.flatMap { passage -> [String] in
            let exact = passage.isExact ? "" : ", inexact"
            let remote = passage.isRemote ? ", remote" : ""
            var rows = [
                "  \(passage.cut) in \(passage.place.app)|\(passage.place.window)"
                    + " (\(passage.sequences.lowerBound) to \(passage.sequences.upperBound)"
                    + "\(exact)\(remote))",
                "    typed   [\(escaped(passage.asTyped.text))]",
                "    left    [\(escaped(passage.asLeft.text))] from "
                    + runs(passage.asLeft.sequences),
            ]
            for run in passage.deletedRuns {
                rows.append("    removed [\(escaped(run.text))] from " + runs(run.sequences))
            }
            return rows
        }
    }
}
