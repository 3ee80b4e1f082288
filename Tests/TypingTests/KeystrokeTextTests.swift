import Events
import TestSupport
import Testing
import Typing

@Suite struct KeystrokeTextTests {
    @Test func `marks and line ends become keys`() {
        #expect(
            KeystrokeText.keys(of: "ab⌫\nc\té")
                == ["a", "b", "Backspace", "Enter", "c", "Tab", "é"])
    }

    @Test func `a combining mark after a key mark does not hide it`() {
        #expect(
            KeystrokeText.keys(of: "a⌫\u{301}b\n\u{301}") == [
                "a", "Backspace", "\u{301}", "b", "Enter", "\u{301}",
            ])
    }

    @Test func `one key for each character that a person sees`() {
        #expect(KeystrokeText.keys(of: "👩‍👩‍👧e\u{301}🇬🇧") == ["👩‍👩‍👧", "e\u{301}", "🇬🇧"])
    }

    @Test func `Windows line ends are one Enter`() {
        #expect(KeystrokeText.keys(of: "a\r\nb") == ["a", "Enter", "b"])
    }

    @Test func `an empty text has no keys and no passage`() {
        #expect(KeystrokeText.events(from: "").isEmpty)
        #expect(KeystrokeText.passages(from: "").isEmpty)
    }

    @Test func `events are numbered and timed in whole seconds (G1)`() {
        let events = KeystrokeText.events(
            from: "abcdef", start: Instant(milliseconds: 500), sequence: 40,
            millisecondsPerKey: 400, isRemote: true)
        #expect(events.map(\.sequence) == [40, 41, 42, 43, 44, 45])
        #expect(events.map(\.time.milliseconds) == [0, 0, 1_000, 1_000, 2_000, 2_000])
        #expect(!events.contains { !$0.isRemote })
    }

    @Test(.tags(.property)) func `text to keys and back is the same text`() throws {
        try forAll({ random in
            let marks = random.chance(oneIn: 2) ? ["⌫", "\n", "\t", "👍🏽"] : [""]
            return random.text(upTo: 50).unicodeScalars.filter {
                $0.value >= 0x20 && $0.value != 0x7F
            }
            .map { String($0) + (random.chance(oneIn: 5) ? random.element(of: marks) : "") }
            .joined()
        }) { text in
            #expect(KeystrokeText.text(of: KeystrokeText.events(from: text)) == text)
        }
    }

    @Test(.tags(.property))
    func `what was typed without moves shows in the typed reading as written`() throws {
        try forAll({ random in
            (0..<random.size(upTo: 60)).map { _ in
                random.element(of: ["a", "b", "é", " ", "⌫", "😀"])
            }.joined()
        }) { text in
            let passages = KeystrokeText.passages(from: text)
            #expect(passages.map(\.asTyped.text).joined() == text)
        }
    }
}
