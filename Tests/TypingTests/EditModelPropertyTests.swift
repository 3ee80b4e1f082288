import Events
import TestSupport
import Testing
import Typing

/// Random edits, compared with a field that is written as plainly as can be.
@Suite struct EditModelPropertyTests {
    @Test(.tags(.property)) func `any edits give what a slow plain field gives`() throws {
        try forAll(
            runs: 2_000,
            { random in
                (0..<random.size(upTo: 120)).map { _ in EditModelPropertyTests.press(&random) }
            }
        ) { presses in
            let events = EditModelPropertyTests.events(presses)
            let options = PassageOptions(cutsAtEnter: false, scalarsMaximum: 1_000_000)
            let passages = passages(of: events, options: options)
            var field = SlowField()
            for (index, press) in presses.enumerated() { field.press(press, UInt64(index)) }
            guard !field.typed.isEmpty else {
                #expect(passages.isEmpty)
                return
            }
            try #require(passages.count == 1)
            expect(passages[0].asTyped, equals: field.typed)
            expect(passages[0].asLeft, equals: field.left)
            #expect(passages[0].deletedRuns.count == field.runs.count)
            for (run, expected) in zip(passages[0].deletedRuns, field.runs) {
                expect(run, equals: expected)
            }
            #expect(passages[0].isExact == field.isExact)
        }
    }

    @Test(.tags(.property)) func `cutting loses and repeats no key`() throws {
        try forAll(
            runs: 500,
            { random in
                (0..<random.size(upTo: 200)).map { _ in EditModelPropertyTests.press(&random) }
            }
        ) { presses in
            let events = EditModelPropertyTests.events(presses)
            let passages = passages(of: events, options: PassageOptions(scalarsMaximum: 20))
            var next: UInt64 = 0
            for passage in passages {
                #expect(passage.sequences.lowerBound >= next)
                next = passage.sequences.upperBound + 1
                for sequence in passage.asTyped.sequences + passage.asLeft.sequences {
                    #expect(passage.sequences.contains(sequence))
                }
                #expect(passage.asTyped.sequences == passage.asTyped.sequences.sorted())
                #expect(Set(passage.asLeft.sequences).isSubset(of: passage.asTyped.sequences))
            }
            let typed = Set(passages.flatMap(\.asTyped.sequences))
            for (index, press) in presses.enumerated()
            where press.modifiers.isEmpty && press.key.unicodeScalars.count == 1 {
                #expect(typed.contains(UInt64(index)))
            }
        }
    }

    @Test(.tags(.property)) func `any keys and modifiers whatever are taken without a crash`()
        throws
    {
        try forAll(
            runs: 500,
            { random in
                (0..<random.size(upTo: 100)).map { _ in
                    Event(
                        time: Instant(
                            milliseconds: Int64.random(in: .min ... .max, using: &random)),
                        sequence: UInt64.random(in: 0...(.max), using: &random),
                        body: EditModelPropertyTests.anyBody(&random),
                        isRemote: random.chance(oneIn: 20))
                }
            }
        ) { events in
            for passage in passages(of: events, options: PassageOptions(scalarsMaximum: 30)) {
                #expect(!passage.asTyped.text.isEmpty)
            }
        }
    }

    private func expect(_ reading: Reading, equals pieces: [SlowField.Piece]) {
        #expect(Array(reading.text.unicodeScalars) == pieces.map(\.scalar))
        #expect(reading.sequences == pieces.map(\.sequence))
    }

    private static let place = Place(app: "Editor", window: "Notes")

    private static func events(_ presses: [KeyPress]) -> [Event] {
        presses.enumerated().map { index, press in
            Event(
                time: Instant(milliseconds: Int64(index / 5) * 1_000), sequence: UInt64(index),
                body: .key(press))
        }
    }

    private static let characters = [
        "a", "b", "c", "d", "e", " ", " ", ".", "'", "_", "7", "é", "e\u{301}", "ß", "ą", "字",
        "😀", "👍🏽", "👩‍👩‍👧", "🇬🇧", "\u{301}", "ক্ষ", "한",
    ]
    private static let named = [
        "Backspace", "Backspace", "Backspace", "Delete", "ArrowLeft", "ArrowLeft", "ArrowRight",
        "Home", "End", "Enter", "Tab",
    ]

    private static func press(_ random: inout SeededRandom) -> KeyPress {
        if random.chance(oneIn: 3) {
            let key = random.element(of: named)
            var modifiers: Modifiers = random.chance(oneIn: 4) ? .control : []
            let moves = key.hasPrefix("Arrow") || key == "Home" || key == "End"
            if moves, random.chance(oneIn: 3) { modifiers.insert(.shift) }
            // Control with these leaves the passage, or the window.
            if ["Home", "End", "Enter", "Tab"].contains(key) { modifiers.remove(.control) }
            return KeyPress(key: key, place: place, modifiers: modifiers)
        }
        if random.chance(oneIn: 20) {
            let letter = random.element(of: ["a", "c", "v", "x"])
            return KeyPress(key: letter, place: place, modifiers: .control)
        }
        return KeyPress(key: random.element(of: characters), place: place)
    }

    private static func anyBody(_ random: inout SeededRandom) -> EventBody {
        let window = random.element(of: [
            "", "*", "(1", "(1)", "(1) a", "● a", "a", "a* - b", " - ",
        ])
        let place = Place(app: random.element(of: ["a", "b"]), window: window)
        switch random.int(in: 0...19) {
        case 0: return .window(place)
        case 1: return .secret(count: random.int(in: -5...5), place: place)
        case 2:
            let button = random.element(of: [EventBody.MouseButton.left, .middle, .right])
            return .click(button: button, x: 0, y: 0, place: place)
        case 3:
            let operation = random.element(of: [EventBody.ClipboardOperation.copy, .cut, .paste])
            let text = random.chance(oneIn: 2) ? random.text(upTo: 20) : nil
            return .clipboard(operation: operation, length: random.int(in: -1...20), text: text)
        case 4:
            return .clock(
                before: Instant(milliseconds: Int64.random(in: .min ... .max, using: &random)),
                after: Instant(milliseconds: Int64.random(in: .min ... .max, using: &random)))
        case 5: return .gap(first: 5, last: 1, cause: "")
        case 6: return .session(random.element(of: [.start, .end, .lock, .unlock, .switch]))
        default:
            let key: String
            switch random.int(in: 0...3) {
            case 0: key = random.element(of: named)
            case 1: key = random.text(upTo: 3)
            default: key = random.element(of: characters + ["Insert", "PageUp", "Dead", "Process"])
            }
            let bits = UInt8(random.chance(oneIn: 2) ? 0 : random.int(in: 0...255))
            return .key(KeyPress(key: key, place: place, modifiers: Modifiers(rawValue: bits)))
        }
    }
}
