import TestSupport
import Testing

@testable import Agent

@Suite struct KeyMeaningTests {
    @Test(arguments: [
        (0x61, "a"), (0x41, "A"), (0x20, " "), (0x7E, "~"), (0xA3, "£"), (0xE9, "é"), (0xFF, "ÿ"),
        (0x20AC, "€"), (0x0100_0394, "Δ"), (0x0101_F600, "😀"), (0x6C1, "а"), (0x7E1, "α"),
        (0x1A1, "Ą"), (0x1B3, "ł"), (0xFFB7, "7"), (0xFFAE, "."), (0xFFAA, "*"), (0xFF80, " "),
        (0xCE0, "א"), (0x5C7, "ا"), (0xDA1, "ก"), (0xAA9, "—"), (0xAD0, "‘"),
    ])
    func `key symbols of characters type them`(symbol: UInt32, text: String) {
        #expect(KeyMeaning(symbol: symbol) == .text(text))
    }

    @Test(arguments: [
        (0xFF08, "Backspace"), (0xFF09, "Tab"), (0xFE20, "Tab"), (0xFF0D, "Enter"),
        (0xFF8D, "Enter"), (0xFF1B, "Escape"), (0xFFFF, "Delete"), (0xFF9F, "Delete"),
        (0xFF50, "Home"), (0xFF95, "Home"), (0xFF57, "End"), (0xFF9C, "End"),
        (0xFF51, "ArrowLeft"), (0xFF52, "ArrowUp"), (0xFF53, "ArrowRight"), (0xFF54, "ArrowDown"),
        (0xFF55, "PageUp"), (0xFF56, "PageDown"), (0xFF63, "Insert"), (0xFF67, "ContextMenu"),
        (0xFFBE, "F1"), (0xFFC9, "F12"), (0xFFE0, "F35"), (0xFF61, "PrintScreen"),
        (0x1008_FF13, "AudioVolumeUp"), (0, "Unidentified"), (0x1234_5678, "Unidentified"),
        (0x0111_0000, "Unidentified"), (0x0100_D800, "Unidentified"),
    ])
    func `other key symbols have their W3C names`(symbol: UInt32, name: String) {
        #expect(KeyMeaning(symbol: symbol) == .named(name))
    }

    @Test func `no key symbol crashes`() throws {
        for symbol in UInt32(0)...0xFFFF { _ = KeyMeaning(symbol: symbol) }
        try forAll(runs: 2_000, { UInt32(truncatingIfNeeded: $0.next()) }) {
            _ = KeyMeaning(symbol: $0)
        }
    }
}

@Suite struct KeyComposerTests {
    func type(_ symbols: [UInt32], isShortcut: Bool = false) -> [String] {
        var composer = KeyComposer()
        return symbols.compactMap {
            composer.key(KeyMeaning(symbol: $0), isShortcut: isShortcut)
        }
    }

    let acute: UInt32 = 0xFE51
    let multi: UInt32 = 0xFF20

    @Test func `a dead key and a letter are Dead and the accented letter`() {
        #expect(type([acute, 0x65]) == ["Dead", "é"])
        #expect(type([0xFE57, 0x55]) == ["Dead", "Ü"])
        #expect(type([0xFE5B, 0x63]) == ["Dead", "ç"])
        #expect(type([0xFE5A, 0x73, 0x74]) == ["Dead", "š", "t"])
    }

    @Test func `a dead key before a space or itself is its sign`() {
        #expect(type([acute, 0x20]) == ["Dead", "'"])
        #expect(type([0xFE50, 0x20]) == ["Dead", "`"])
        #expect(type([0xFE52, 0xFE52]) == ["Dead", "^"])
        #expect(type([acute, acute, 0x65]) == ["Dead", "´", "e"])
    }

    @Test func `a dead key before a letter that takes none leaves the letter`() {
        #expect(type([acute, 0x62]) == ["Dead", "b"])
    }

    @Test func `a Backspace that cancels an accent deletes nothing`() {
        #expect(type([acute, 0xFF08, 0x65]) == ["Dead", "Compose", "e"])
        #expect(type([0x65, 0xFF08]) == ["e", "Backspace"])
        #expect(type([acute, 0xFF0D, 0x65]) == ["Dead", "Enter", "e"])
    }

    @Test func `compose sequences end in their character`() {
        #expect(type([multi, 0x27, 0x65]) == ["Compose", "Compose", "é"])
        #expect(type([multi, 0x65, 0x27]) == ["Compose", "Compose", "é"])
        #expect(type([multi, 0x3D, 0x65]) == ["Compose", "Compose", "€"])
        #expect(type([multi, 0x73, 0x73]) == ["Compose", "Compose", "ß"])
        #expect(type([multi, 0x2D, 0x2D, 0x2E]) == ["Compose", "Compose", "Compose", "–"])
    }

    @Test func `a sequence that means nothing ends and the next key types`() {
        #expect(type([multi, 0x71, 0x71, 0x61]) == ["Compose", "Compose", "Compose", "a"])
        #expect(type([multi, 0xFF1B, 0x61]) == ["Compose", "Compose", "a"])
    }

    @Test func `shortcuts are not composed`() {
        #expect(type([acute, 0x65], isShortcut: true) == ["Dead", "e"])
    }
}
