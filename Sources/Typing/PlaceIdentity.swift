import Events

/// Whether two places are one text field under two titles.
///
/// Editors put a star into the title at the first key, chats count unread messages there: cutting at
/// these would tear words apart. Only such marks are looked through; any other change is another window.
enum PlaceIdentity {
    static func isSameField(_ left: Place, _ right: Place) -> Bool {
        guard left.app == right.app else { return false }
        if left.window == right.window { return true }
        guard mayHoldMark(left.window) || mayHoldMark(right.window) else { return false }
        return core(left.window) == core(right.window)
    }

    /// A quick look that spares almost every title the work of ``core(_:)``.
    private static func mayHoldMark(_ title: String) -> Bool {
        var previous: UInt8 = 0
        for byte in title.utf8 {
            switch byte {
            // The marks beyond ASCII all begin with E2.
            case UInt8(ascii: "*"), UInt8(ascii: "("), UInt8(ascii: "["), 0xE2: return true
            case UInt8(ascii: "E"), UInt8(ascii: "S"):
                if previous == UInt8(ascii: " ") { return true }
            default: break
            }
            previous = byte
        }
        return false
    }

    /// The title without marks for unsaved changes and unread messages.
    static func core(_ title: String) -> String {
        var text = Substring(title)
        dropLeadingMarks(&text)
        for note in savedNotes {
            guard let range = lastOccurrence(of: note, in: text) else { continue }
            text = Substring(text[..<range.lowerBound] + text[range.upperBound...])
        }
        // The star may stand after the document's name: "essay.txt* - Editor".
        for separator in [" - ", " \u{2013} ", " \u{2014} "] {
            guard let range = lastOccurrence(of: separator, in: text),
                let mark = text[..<range.lowerBound].unicodeScalars.last, isMark(mark)
            else { continue }
            let name = text[..<range.lowerBound].dropLast()
            text = Substring(trimmed(name) + text[range.lowerBound...])
        }
        while let last = text.unicodeScalars.last, isMark(last) || last == " " {
            text.unicodeScalars.removeLast()
        }
        return String(text)
    }

    private static let savedNotes = [
        " [modified]", " (modified)", " [Modified]", " (Modified)", " [+]", " - Edited",
        " \u{2014} Edited", " - Saved", " - Saving...",
    ]

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "*" || scalar == "\u{25CF}" || scalar == "\u{2022}"
    }

    /// Drops "* ", "● " and counts such as "(3) " or "[12+] ".
    private static func dropLeadingMarks(_ text: inout Substring) {
        while let first = text.unicodeScalars.first {
            if isMark(first) || first == " " {
                text.unicodeScalars.removeFirst()
            } else if first == "(" || first == "[", let rest = afterCount(text) {
                text = rest
            } else {
                return
            }
        }
    }

    private static func afterCount(_ text: Substring) -> Substring? {
        let closing: Unicode.Scalar = text.unicodeScalars.first == "(" ? ")" : "]"
        let inside = text.unicodeScalars.dropFirst()
        guard let end = inside.firstIndex(of: closing), end != inside.startIndex,
            inside[..<end].allSatisfy({ $0 >= "0" && $0 <= "9" || $0 == "+" })
        else { return nil }
        return text[inside.index(after: end)...]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.unicodeScalars.last == " " { text.unicodeScalars.removeLast() }
        return text
    }

    private static func lastOccurrence(
        of pattern: String, in text: Substring
    ) -> Range<Substring.Index>? {
        let view = text.unicodeScalars
        let wanted = pattern.unicodeScalars
        var start = view.endIndex
        while true {
            if view[start...].starts(with: wanted) {
                return start..<view.index(start, offsetBy: wanted.count)
            }
            guard start > view.startIndex else { return nil }
            start = view.index(before: start)
        }
    }
}
