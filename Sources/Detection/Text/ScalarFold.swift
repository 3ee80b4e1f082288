/// What becomes of one scalar of typed text before words are looked up (detection.md 2.2).
///
/// Compatibility forms (full width, mathematical alphabets, circled and squared letters, ligatures), accents
/// and letters of other scripts that look like Latin ones become plain lower-case letters; marks and invisible
/// characters vanish. This is NFKC, case folding and the useful part of the confusables in one step. The
/// compatibility forms are read off the Unicode *names* of the scalars ("MATHEMATICAL BOLD SMALL K" is a k), so
/// no table of data has to be kept: the standard library knows the names. Look-alikes are listed by hand.
/// Scripts that have no Latin look-alike keep their letters, in lower case.
struct ScalarFold: Sendable {
    /// What a scalar is in a word.
    enum Role: UInt8 {
        /// It belongs to a word, as the bytes given.
        case letter
        /// It vanishes: marks, joiners, invisible characters.
        case ignored
        /// It ends a word.
        case separator
        /// It ends a sentence.
        case sentenceEnd
        /// It is an emoji and a word by itself.
        case emoji
        /// It joins a word and vanishes, or opens and closes a quotation.
        case apostrophe
        /// It opens or closes a quotation.
        case quote
    }

    /// A scalar's role and up to three bytes that stand for it; more bytes are its own UTF-8.
    struct Entry {
        var role: Role
        var count: UInt8
        var bytes: (UInt8, UInt8, UInt8)
        /// Whether the bytes are the scalar's look-alike in another script.
        var isLookalike: Bool
    }

    /// The one table; built once from names, in a few milliseconds.
    static let shared = ScalarFold()

    private let pages: [UInt16]
    private let entries: [UInt32]

    /// Blocks in which names tell the letter.
    private static let named: [ClosedRange<UInt32>] = [
        0xAA...0x24F, 0x250...0x2AF, 0x1D00...0x1DBF, 0x1E00...0x1EFF, 0x2070...0x209C,
        0x2100...0x218F, 0x2460...0x24FF, 0x2C60...0x2C7F, 0xA720...0xA7FF, 0xAB30...0xAB6F,
        0xFB00...0xFB06, 0xFF01...0xFF5E, 0x1D400...0x1D7FF, 0x1F100...0x1F1FF,
    ]

    /// Look-alikes: a Latin letter, then the letters of other scripts that look like it.
    private static let lookalikes: [String] = [
        "aаαɑᎪ", "bЬьвВβᏏ", "cсСϲᏟ", "dԁᎠ", "eеЕєεᎬ", "fϝ", "gɡԍᏀ", "hһНнᎻ", "iіІιɩӏᎥ",
        "jјЈϳᎫ", "kкКκᏦ", "lⅼᏞ", "mмМΜᎷ", "nпΝηո", "oоОοσօΟᎤ", "pрРρΡᏢ", "qԛզ",
        "rгᏒ", "sѕЅᏚ", "tтТτΤᎢ", "uυսμ", "vѵνᏙ", "wԝшᏔω", "xхХχΧ", "yуУγүΥ", "zΖᏃ",
        "bƄ", "eҽ", "kҝ", "nИи", "rЯя", "a∂", "eЭ", "e∈", "o¤",
    ]

    private init() {
        var words: [UInt32: [UInt8]] = [:]
        for range in Self.named {
            for value in range {
                guard let scalar = Unicode.Scalar(value), let text = Self.plainForm(scalar) else {
                    continue
                }
                words[value] = Array(text.utf8)
            }
        }
        var lookalikeValues: Set<UInt32> = []
        for line in Self.lookalikes {
            let scalars = Array(line.unicodeScalars)
            for scalar in scalars.dropFirst() {
                words[scalar.value] = Array(String(scalars[0]).utf8)
                lookalikeValues.insert(scalar.value)
            }
        }
        var pages = [UInt16](repeating: 0, count: 0x200)
        var entries = [UInt32](repeating: 0, count: 256)
        for (value, bytes) in words where bytes.count <= 3 {
            let page = Int(value >> 8)
            if pages[page] == 0 {
                pages[page] = UInt16(entries.count / 256)
                entries.append(contentsOf: repeatElement(0, count: 256))
            }
            var packed = UInt32(bytes.count) << 24
            if lookalikeValues.contains(value) { packed |= 1 << 31 }
            for (index, byte) in bytes.enumerated() { packed |= UInt32(byte) << UInt32(8 * index) }
            entries[Int(pages[page]) * 256 + Int(value & 0xFF)] = packed
        }
        self.pages = pages
        self.entries = entries
    }

    /// The entry of a scalar that is not ASCII.
    func entry(_ value: UInt32) -> Entry {
        if value < 0x20000 {
            let packed = entries[Int(pages[Int(value >> 8)]) * 256 + Int(value & 0xFF)]
            if packed != 0 {
                return Entry(
                    role: .letter, count: UInt8(packed >> 24 & 0x7F),
                    bytes: (
                        UInt8(truncatingIfNeeded: packed), UInt8(truncatingIfNeeded: packed >> 8),
                        UInt8(truncatingIfNeeded: packed >> 16)
                    ), isLookalike: packed >> 31 == 1)
            }
        }
        return Entry(role: Self.role(value), count: 0, bytes: (0, 0, 0), isLookalike: false)
    }

    private static func role(_ value: UInt32) -> Role {
        switch value {
        case 0x2018, 0x2019, 0x201B, 0x02BC, 0x00B4, 0x02B9, 0x2032, 0xFF07: return .apostrophe
        case 0x201C...0x201F, 0xAB, 0xBB, 0x2033, 0xFF02: return .quote
        case 0x2026, 0x203C, 0x2047...0x2049, 0x3002, 0xFF01, 0xFF1F: return .sentenceEnd
        case 0x1F3FB...0x1F3FF, 0xFE00...0xFE0F: return .ignored
        default: break
        }
        guard let scalar = Unicode.Scalar(value) else { return .separator }
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint { return .ignored }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark, .format: return .ignored
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber:
            return .letter
        default: return properties.isEmoji ? .emoji : .separator
        }
    }

    /// The plain letters that a scalar's name says it is, else nil.
    static func plainForm(_ scalar: Unicode.Scalar) -> String? {
        guard let name = scalar.properties.name else { return nil }
        if let digit = digit(scalar, name) { return String(digit) }
        // "SMALL LETTER E WITH ACUTE": what follows WITH is only dress.
        var words = name.split(separator: " ").map(String.init)
        if let with = words.firstIndex(of: "WITH") { words.removeSubrange(with...) }
        guard let last = words.last else { return nil }
        let isLetter =
            words.contains("LETTER") || words.contains("CAPITAL") || words.contains("SMALL")
        let isLatin =
            words.contains("LATIN") || words.contains("MATHEMATICAL")
            || words.contains("FULLWIDTH") || words.contains("SYMBOL") || words.contains("SQUARED")
            || words.contains("CIRCLED") || words.contains("PARENTHESIZED")
            || words.contains("SCRIPT") || words.contains("INDICATOR")
            || words.contains("BLACK-LETTER") || words.contains("DOUBLE-STRUCK")
        guard isLetter, isLatin else {
            return ["FEMININE ORDINAL INDICATOR": "a", "MASCULINE ORDINAL INDICATOR": "o"][name]
        }
        let special = [
            "AE": "ae", "OE": "oe", "SHARP": "ss", "THORN": "th", "ETH": "d", "FF": "ff",
            "FI": "fi", "FL": "fl", "FFI": "ffi", "FFL": "ffl", "ST": "st", "IJ": "ij", "LONG": "s",
            "ENG": "n", "KRA": "k", "ALPHA": "a", "SCHWA": "e", "IOTA": "i", "UPSILON": "u",
        ]
        if words.contains("SHARP") { return "ss" }
        if let text = special[last], !words.contains("MATHEMATICAL") { return text }
        guard last.utf8.count == 1, let letter = last.unicodeScalars.first, letter.isASCII,
            letter.properties.isAlphabetic
        else { return nil }
        return last.lowercased()
    }

    private static func digit(_ scalar: Unicode.Scalar, _ name: String) -> Int? {
        guard let value = scalar.properties.numericValue, value >= 0, value < 10,
            value == value.rounded(), !name.contains("ROMAN"), !name.contains("FRACTION")
        else { return nil }
        return Int(value)
    }
}
