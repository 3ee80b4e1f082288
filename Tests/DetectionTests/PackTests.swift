import Detection
import Events
import Foundation
import RuleFiles
import Testing
import Typing

/// The packs that come with the program.
@Suite struct PackTests {
    /// Read once; every test looks at the same pack.
    private static let pack = Result { try RulePack.builtIn() }
    private static let detector = Result { Detector(pack: try pack.get()) }

    @Test func `every rule finds its own examples and leaves the others alone`() throws {
        let failures = RuleExamples.failures(in: try Self.pack.get())
        #expect(failures.isEmpty, "\(failures.map(\.description).joined(separator: "\n"))")
    }

    @Test func `every theme that issue 3 names has a rule`() throws {
        let themes = Set(try Self.pack.get().rules.compactMap(\.safeguarding?.theme))
        for theme in [
            Theme.bullying, .threat, .selfHarm, .suicide, .harassmentSexual, .hateRace,
            .hateReligion, .hateLGBT, .hateDisability, .grooming, .violenceWeapon, .drugs, .adult,
            .gambling, .extremism, .swearingOnly,
        ] {
            #expect(themes.contains(theme), "\(theme.rawValue)")
        }
    }

    private func passages(_ text: String) -> [Passage] {
        var builder = PassageBuilder()
        var all: [Passage] = []
        for event in KeystrokeText.events(from: text, sequence: 100) { all += builder.feed(event) }
        return all + builder.finish()
    }

    @Test func `a finding points at the typed bytes through every step of the fold`() throws {
        let detector = try Self.detector.get()
        let passage = try #require(passages("ok. ＫＹＳ fr").first)
        let finding = try #require(detector.findings(in: passage, context: .empty).first)
        let span = try #require(finding.spans.first)
        let bytes = Array(passage.asLeft.text.utf8)[span.lower..<span.upper]
        #expect(String(decoding: bytes, as: UTF8.self) == "ＫＹＳ")
        #expect(finding.theme == .suicide)
        #expect(finding.severity == .actNow)
        #expect(finding.firstSequence == 104)
        #expect(finding.lastSequence == 106)
        #expect(!finding.ruleHash.isEmpty && !finding.ruleVersion.isEmpty)
        #expect(!finding.reasons.isEmpty)
    }

    @Test func `what was typed and deleted is found and says so`() throws {
        let detector = try Self.detector.get()
        let typed = "i want to kill myself" + String(repeating: "⌫", count: 11) + "go home"
        let passage = try #require(passages(typed).first)
        let finding = try #require(detector.findings(in: passage, context: .empty).first)
        #expect(finding.spans.first?.reading == .deletedRun)
        #expect(finding.reasons.contains("it was typed and then deleted"))
    }

    @Test func `a sentence sent in pieces is found in the last piece only`() throws {
        let detector = try Self.detector.get()
        let all = passages("just go and\nkill\nyourself\nlol ok")
        var counts: [Int] = []
        for index in all.indices {
            let context = DetectionContext(recent: Array(all[..<index]))
            counts.append(detector.findings(in: all[index], context: context).count)
        }
        #expect(counts.count == 4)
        #expect(counts[0] == 0 && counts[1] == 0 && counts[3] == 0)
        #expect(counts[2] >= 1)
    }

    @Test func `pieces from another window or long ago are not read together`() throws {
        let detector = try Self.detector.get()
        let all = passages("kill\nyourself")
        var moved = all[0]
        moved.place = Place(app: "other", window: "w")
        #expect(
            detector.findings(in: all[1], context: DetectionContext(recent: [moved])).isEmpty)
        var old = all[0]
        old.start = Instant(milliseconds: all[1].start.milliseconds - 900_000)
        old.end = old.start
        #expect(detector.findings(in: all[1], context: DetectionContext(recent: [old])).isEmpty)
    }

    @Test func `a name of the roster is a person`() throws {
        let detector = try Self.detector.get()
        let passage = try #require(passages("zorblax is such a minger").first)
        let plain = passages("zorblax is ugly and").first.map {
            detector.findings(in: $0, context: .empty).count
        }
        let known = passages("zorblax is ugly and").first.map {
            detector.findings(
                in: $0, context: DetectionContext(roster: Roster(names: ["Zorblax Quill"]))
            ).count
        }
        #expect(!detector.findings(in: passage, context: .empty).isEmpty)
        #expect(plain == 0)
        #expect(try #require(known) > 0)
    }

    @Test func `a detector may be asked by many tasks at once`() async throws {
        let detector = try Self.detector.get()
        let passage = try #require(passages("nobody likes you").first)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<32 {
                group.addTask { detector.findings(in: passage, context: .empty).count }
            }
            for await count in group { #expect(count == 1) }
        }
    }

    @Test(arguments: [
        "", " ", "\u{200B}\u{200B}", "\u{FFFD}", "⌫⌫⌫", String(repeating: "a ", count: 20_000),
        String(repeating: "kill ", count: 4_000), String(repeating: "*", count: 500),
        String(repeating: "1", count: 500) + "a", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        String(repeating: "k i l l ", count: 500), "\u{202E}abc\u{0000}",
    ])
    func `odd texts do no harm`(text: String) throws {
        let detector = try Self.detector.get()
        for passage in passages(text) { _ = detector.findings(in: passage, context: .empty) }
    }
}
