import Events
import Testing
import Typing

@Suite struct PassageBuilderTests {
    @Test func `a correction shows in both readings`() {
        let passages = KeystrokeText.passages(from: "helo⌫lo\n")
        #expect(passages.map(\.asTyped.text) == ["helo⌫lo"])
        #expect(passages.map(\.asLeft.text) == ["hello"])
    }
}
