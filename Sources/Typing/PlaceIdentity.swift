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
        var text = Array(title.utf8)[...]
        dropLeadingMarks(&text)
        for note in savedNotes {
            guard let start = lastOccurrence(of: note, in: text) else { continue }
            text.removeSubrange(start..<start + note.count)
        }
        // The star may stand after the document's name: "essay.txt* - Editor".
        for separator in separators {
            guard let start = lastOccurrence(of: separator, in: text) else { continue }
            var name = text[..<start]
            guard let size = trailingMarkSize(name) else { continue }
            name.removeLast(size)
            while name.last == 0x20 { name.removeLast() }
            text.removeSubrange(name.endIndex..<start)
        }
        while let size = text.last == 0x20 ? 1 : trailingMarkSize(text) { text.removeLast(size) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let savedNotes = [
        " [modified]", " (modified)", " [Modified]", " (Modified)", " [+]", " - Edited",
        " \u{2014} Edited", " - Saved", " - Saving...",
    ].map { Array($0.utf8) }

    private static let separators = [" - ", " \u{2013} ", " \u{2014} "].map { Array($0.utf8) }

    /// A star, a filled circle and a bullet.
    private static let marks = ["*", "\u{25CF}", "\u{2022}"].map { Array($0.utf8) }

    private static func trailingMarkSize(_ text: ArraySlice<UInt8>) -> Int? {
        marks.first { text.suffix($0.count).elementsEqual($0) }?.count
    }

    /// Drops "* ", "● " and counts such as "(3) " or "[12+] ".
    private static func dropLeadingMarks(_ text: inout ArraySlice<UInt8>) {
        while let first = text.first {
            if first == 0x20 {
                text.removeFirst()
            } else if let mark = marks.first(where: { text.starts(with: $0) }) {
                text.removeFirst(mark.count)
            } else if let rest = afterCount(text) {
                text = rest
            } else {
                return
            }
        }
    }

    private static func afterCount(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let closing: UInt8
        switch text.first {
        case UInt8(ascii: "("): closing = UInt8(ascii: ")")
        case UInt8(ascii: "["): closing = UInt8(ascii: "]")
        default: return nil
        }
        let inside = text.dropFirst()
        guard let end = inside.firstIndex(of: closing), end != inside.startIndex,
            inside[..<end].allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: "+") })
        else { return nil }
        return text[(end + 1)...]
    }

    private static func lastOccurrence(
        of pattern: [UInt8], in text: ArraySlice<UInt8>
    ) -> Int? {
        var start = text.endIndex - pattern.count
        while start >= text.startIndex {
            // All patterns begin with a space: few places are looked at twice.
            if text[start] == pattern[0], text[start + 1] == pattern[1],
                text[start...].starts(with: pattern)
            {
                return start
            }
            start -= 1
        }
        return nil
    }
}
