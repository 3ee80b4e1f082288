import Foundation

/// Puts dead keys and compose sequences together as the programs that read the keys do.
///
/// A dead key is reported as `Dead` and the key after it as the composed character. All keys that a
/// compose sequence takes are `Compose`, and so is a Backspace that only cancels an accent: it
/// deletes nothing.
struct KeyComposer: Sendable {
    /// An accent on its way to a letter.
    struct Accent: Equatable, Sendable {
        /// The combining mark.
        var mark: Unicode.Scalar
        /// What the accent is after a space.
        var withSpace: String
        /// What it is pressed twice.
        var twice: String

        /// The accent of an X dead key; nil for other key symbols.
        init?(symbol: UInt32) {
            guard let (mark, space, twice) = Accent.table[symbol] else { return nil }
            self.init(mark: mark, withSpace: space, twice: twice)
        }

        init(mark: Unicode.Scalar, withSpace: String, twice: String) {
            self.mark = mark
            self.withSpace = withSpace
            self.twice = twice
        }

        private static let table: [UInt32: (Unicode.Scalar, String, String)] = [
            0xFE50: ("\u{300}", "`", "`"), 0xFE51: ("\u{301}", "'", "´"),
            0xFE52: ("\u{302}", "^", "^"), 0xFE53: ("\u{303}", "~", "~"),
            0xFE54: ("\u{304}", "¯", "¯"), 0xFE55: ("\u{306}", "˘", "˘"),
            0xFE56: ("\u{307}", "˙", "˙"), 0xFE57: ("\u{308}", "\"", "¨"),
            0xFE58: ("\u{30A}", "°", "°"), 0xFE59: ("\u{30B}", "˝", "˝"),
            0xFE5A: ("\u{30C}", "ˇ", "ˇ"), 0xFE5B: ("\u{327}", "¸", "¸"),
            0xFE5C: ("\u{328}", "˛", "˛"), 0xFE60: ("\u{323}", "\u{323}", "\u{323}"),
            0xFE61: ("\u{309}", "\u{309}", "\u{309}"), 0xFE62: ("\u{31B}", "\u{31B}", "\u{31B}"),
            0xFE64: ("\u{313}", "\u{313}", "\u{313}"), 0xFE65: ("\u{314}", "\u{314}", "\u{314}"),
            0xFE66: ("\u{30F}", "\u{30F}", "\u{30F}"), 0xFE67: ("\u{325}", "\u{325}", "\u{325}"),
            0xFE68: ("\u{331}", "\u{331}", "\u{331}"), 0xFE69: ("\u{32D}", "\u{32D}", "\u{32D}"),
            0xFE6A: ("\u{330}", "\u{330}", "\u{330}"), 0xFE6D: ("\u{311}", "\u{311}", "\u{311}"),
            0xFE6E: ("\u{326}", "\u{326}", "\u{326}"),
        ]
    }

    private enum State: Equatable {
        case none
        case accent(Accent)
        case compose(String)
    }

    private var state = State.none

    /// The W3C key value of the next key; nil for modifiers.
    ///
    /// - Parameter isShortcut: whether Control, Alt or Meta is held, so that no text comes of it.
    mutating func key(_ meaning: KeyMeaning, isShortcut: Bool) -> String? {
        switch meaning {
        case .modifier: return nil
        case .named(let name): return named(name)
        case .compose:
            state = .compose("")
            return "Compose"
        case .dead(let accent):
            if state == .accent(accent) {
                state = .none
                return accent.twice
            }
            state = .accent(accent)
            return "Dead"
        case .text(let text):
            if isShortcut {
                state = .none
                return text
            }
            return composed(text)
        }
    }

    /// Forgets a sequence that was begun: the focus has moved.
    mutating func reset() { state = .none }

    private mutating func named(_ name: String) -> String {
        defer { state = .none }
        let isTaken = state != .none && (name == "Backspace" || name == "Escape")
        return isTaken ? "Compose" : name
    }

    private mutating func composed(_ text: String) -> String {
        switch state {
        case .none: return text
        case .accent(let accent):
            state = .none
            if text == " " { return accent.withSpace }
            return KeyComposer.join(text, accent.mark) ?? text
        case .compose(let begun):
            let sequence = begun + text
            if let result = KeyComposer.sequences[sequence] ?? KeyComposer.accented(sequence) {
                state = .none
                return result
            }
            let isBeginning =
                sequence.count == 1
                || KeyComposer.sequences.keys.contains { $0.hasPrefix(sequence) }
            state = isBeginning ? .compose(sequence) : .none
            return "Compose"
        }
    }

    /// Letter and mark as one character; nil when there is no such character.
    private static func join(_ text: String, _ mark: Unicode.Scalar) -> String? {
        let joined = (text + String(mark)).precomposedStringWithCanonicalMapping
        return joined.unicodeScalars.count == text.unicodeScalars.count ? joined : nil
    }

    /// Two keys of which one stands for an accent, in either order: `'` and `e` give é.
    private static func accented(_ sequence: String) -> String? {
        guard sequence.count == 2, let first = sequence.first, let last = sequence.last else {
            return nil
        }
        for (accent, letter) in [(first, last), (last, first)] where letter.isLetter {
            if let mark = marks[accent], let joined = join(String(letter), mark) { return joined }
        }
        return nil
    }

    private static let marks: [Character: Unicode.Scalar] = [
        "`": "\u{300}", "'": "\u{301}", "^": "\u{302}", "~": "\u{303}", "\"": "\u{308}",
        ",": "\u{327}", "-": "\u{304}", "<": "\u{30C}", ".": "\u{307}", ";": "\u{328}",
        "=": "\u{30B}",
    ]

    private static let sequences: [String: String] = [
        "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "oa": "å", "oA": "Å", "aa": "å",
        "AA": "Å", "o/": "ø", "/o": "ø", "O/": "Ø", "/O": "Ø", "th": "þ", "TH": "Þ", "dh": "ð",
        "DH": "Ð", "oc": "©", "or": "®", "tm": "™", "=e": "€", "e=": "€", "=E": "€", "E=": "€",
        "C=": "€", "=C": "€", "L-": "£", "-L": "£", "l-": "£", "Y=": "¥", "=Y": "¥", "|c": "¢",
        "c|": "¢", "<<": "«", ">>": "»", "<'": "‘", "'<": "‘", ">'": "’", "'>": "’",
        "<\"": "“", "\"<": "“", ">\"": "”", "\">": "”", "..": "…", "--.": "–", "---": "—",
        "oo": "°", "??": "¿", "!!": "¡", "12": "½", "14": "¼", "34": "¾", "^1": "¹", "^2": "²",
        "^3": "³", "+-": "±", "xx": "×", ":-": "÷", "-:": "÷", "so": "§", "mu": "µ",
    ]
}
