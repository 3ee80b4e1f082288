/// Text as it may be shown to a person: nothing in it can hide, turn around or break out.
enum VisibleText {
    /// The text with every control, bidi and invisible character as a mark such as `⟦U+202E⟧`.
    static func marked(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isSeen(scalar) {
                shown.append(scalar)
            } else {
                shown.append(contentsOf: mark(scalar).unicodeScalars)
            }
        }
        return String(shown)
    }

    /// The text for HTML: marked, and with every special character escaped.
    static func html(_ text: String) -> String {
        var page = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": page += "&amp;"
            case "<": page += "&lt;"
            case ">": page += "&gt;"
            case "\"": page += "&quot;"
            case "'": page += "&#39;"
            default:
                if isSeen(scalar) {
                    page.unicodeScalars.append(scalar)
                } else {
                    page += "<span class=\"sign\">\(mark(scalar))</span>"
                }
            }
        }
        return page
    }

    private static func mark(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\u{27E6}U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            + "\u{27E7}"
    }

    // A fixed list and not a Unicode property, so that a page reads the same with tomorrow's tables.
    private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5,
            0x180B...0x180F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164,
            0xFE00...0xFE0E, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0x1D173...0x1D17A,
            0xE0000...0xE0FFF:
            false
        default: true
        }
    }
}
