import Events
import Testing
import Typing

@Suite struct PassageBuilderTests {
    private func events(_ script: String) -> [Event] { EditScript(script).events }

    @Test func `an open passage says since when and when its last key came`() {
        var builder = PassageBuilder()
        #expect(builder.openSince == nil)
        #expect(builder.lastActivity == nil)
        for event in EditScript("<ArrowLeft>h{wait 5}i").events {
            #expect(builder.feed(event).isEmpty)
        }
        #expect(builder.openSince == 1)
        #expect(builder.lastActivity == Instant(rfc3339: "2026-11-25T09:00:05Z"))
        #expect(builder.finish().count == 1)
        #expect(builder.openSince == nil)
        #expect(builder.lastActivity == nil)
        #expect(builder.finish().isEmpty)
    }

    @Test func `a paste that is not settled yet is open too`() {
        var builder = PassageBuilder()
        for event in events("<Enter><Control+v>") { _ = builder.feed(event) }
        #expect(builder.openSince == 1)
        #expect(builder.finish().isEmpty)
        #expect(builder.openSince == nil)
    }

    @Test func `flush ends only what has been idle for long enough`() throws {
        var builder = PassageBuilder()
        for event in events("hi") { _ = builder.feed(event) }
        let last = try #require(builder.lastActivity)
        #expect(builder.flush(idleBefore: last).isEmpty)
        let passages = builder.flush(idleBefore: last.advanced(byMilliseconds: 1))
        #expect(passages.map(\.cut) == [.idle])
        #expect(builder.flush(idleBefore: last.advanced(byMilliseconds: 1)).isEmpty)
    }

    @Test func `times are those of the first and the last key, in whole seconds (G1)`() throws {
        let place = Place(app: "Editor", window: "Notes")
        var builder = PassageBuilder()
        for (sequence, milliseconds) in [1_999, 2_500, 3_001].enumerated() {
            let press = KeyPress(key: "x", place: place)
            _ = builder.feed(
                Event(
                    time: Instant(milliseconds: Int64(milliseconds)), sequence: UInt64(sequence),
                    body: .key(press)))
        }
        let passage = try #require(builder.finish().first)
        #expect(passage.start == Instant(milliseconds: 1_000))
        #expect(passage.end == Instant(milliseconds: 3_000))
    }

    @Test func `a passage is cut at its greatest length and typing goes on`() {
        let text = String(repeating: "word ", count: 2_000)
        let passages = KeystrokeText.passages(from: text)
        #expect(passages.map(\.cut) == [.length, .length, .end])
        #expect(passages.map(\.asLeft.text).joined() == text)
        #expect(passages[0].asLeft.sequences.count == TypingLimits.passageScalarsMaximum)
    }

    @Test func `a long paste is one passage and cut after it`() {
        let pasted = String(repeating: "x", count: 9_000)
        let passages = passages(of: events("a<Control+v>{paste \(pasted)}b"))
        #expect(passages.map(\.asLeft.text.count) == [9_001, 1])
    }

    @Test func `Backspace after a pause removes what no longer belongs to the passage`() {
        let passages = passages(of: events("i hate you{wait 200}<Backspace><Backspace>"))
        #expect(passages.map(\.asTyped.text) == ["i hate you", "⌫⌫"])
        #expect(passages.map(\.isExact) == [true, false])
    }

    @Test func `without cuts at Enter the text keeps its lines`() {
        let options = PassageOptions(cutsAtEnter: false)
        let passages = KeystrokeText.passages(from: "one\ntwo⌫o", options: options)
        #expect(passages.map(\.asLeft.text) == ["one\ntwo"])
        #expect(passages.map(\.asTyped.text) == ["one\ntwo⌫o"])
    }

    @Test func `a word jump stops where the desktop stops`() {
        let script = "one two<Home><Control+ArrowRight>x"
        let windows = PassageOptions(wordJump: .startOfNextWord)
        #expect(passages(of: events(script)).map(\.asLeft.text) == ["onex two"])
        #expect(passages(of: events(script), options: windows).map(\.asLeft.text) == ["one xtwo"])
    }

    @Test func `secret fields never hold text`() {
        let passages = passages(of: events("bob{secret 9 Login|Sign in}{secret 2 Login|Sign in}"))
        #expect(passages.map(\.asTyped.text) == ["bob"])
    }

    @Test func `a key without a value types nothing`() {
        let press = KeyPress(key: "", place: Place(app: "", window: ""))
        var builder = PassageBuilder()
        #expect(
            builder.feed(Event(time: Instant(milliseconds: 0), sequence: 0, body: .key(press)))
                .isEmpty)
        #expect(builder.finish().isEmpty)
    }

    @Test func `a range of bytes points to its events through characters of several bytes`() throws
    {
        let passage = try #require(KeystrokeText.passages(from: "né⌫é😀x").first)
        #expect(passage.asLeft.text == "né😀x")
        #expect(passage.asLeft.sequences == [0, 3, 4, 5])
        #expect(passage.asLeft.sequences(ofBytes: 1..<3) == 3...3)
        #expect(passage.asLeft.sequences(ofBytes: 2..<8) == 3...5)
        #expect(passage.asLeft.sequences(ofBytes: 100..<200) == nil)
    }
}
