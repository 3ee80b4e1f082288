/// Where characters and words begin and end.
///
/// Between two scalars below U+0300 there is always a boundary of user-perceived characters, so that plain
/// text never pays for Unicode's segmentation rules; the rest asks the standard library.
extension EditModel {
    private static let firstCombining: Unicode.Scalar = "\u{300}"

    private func isPlain(at index: Int) -> Bool { text[index].scalar < EditModel.firstCombining }

    /// The start of the user-perceived character that ends at a position after the first.
    func clusterStart(before position: Int) -> Int {
        if isPlain(at: position - 1), position == 1 || isPlain(at: position - 2) {
            return position - 1
        }
        return position - lastClusterCount(before: position)
    }

    /// The end of the user-perceived character that starts at a position before the end.
    func clusterEnd(after position: Int) -> Int {
        guard position + 1 < text.count, !isPlain(at: position) || !isPlain(at: position + 1) else {
            return position + 1
        }
        let limit = min(text.count, position + TypingLimits.clusterScalarsMaximum)
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text[position..<limit].lazy.map(\.scalar))
        return position + (String(string).first?.unicodeScalars.count ?? 1)
    }

    private func lastClusterCount(before position: Int) -> Int {
        let limit = max(0, position - TypingLimits.clusterScalarsMaximum)
        var start = position - 1
        while start > limit, !isPlain(at: start) { start -= 1 }
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text[start..<position].lazy.map(\.scalar))
        return String(string).last?.unicodeScalars.count ?? 1
    }

    /// Where Control with the left arrow stops: at the start of the word before.
    func wordStart(before position: Int) -> Int {
        var at = position
        while at > 0, !isWord(at: at - 1) { at -= 1 }
        while at > 0, isWord(at: at - 1) { at -= 1 }
        return at
    }

    /// The end of the next word, or of the one that the position is in.
    func wordEnd(after position: Int) -> Int {
        var at = position
        while at < text.count, !isWord(at: at) { at += 1 }
        while at < text.count, isWord(at: at) { at += 1 }
        return at
    }

    /// The start of the next word.
    func nextWordStart(after position: Int) -> Int {
        var at = position
        while at < text.count, isWord(at: at) { at += 1 }
        while at < text.count, !isWord(at: at) { at += 1 }
        return at
    }

    /// Letters, digits, marks, underscore, and an apostrophe between two of them.
    private func isWord(at index: Int) -> Bool {
        let scalar = text[index].scalar
        if scalar == "'" || scalar == "\u{2019}" {
            return index > 0 && index + 1 < text.count
                && EditModel.isLetter(text[index - 1].scalar)
                && EditModel.isLetter(text[index + 1].scalar)
        }
        return EditModel.isLetter(scalar)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            let folded = scalar.value | 0x20
            return folded >= 0x61 && folded <= 0x7A || scalar.value >= 0x30 && scalar.value <= 0x39
                || scalar == "_"
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber:
            return true
        default: return scalar.properties.isAlphabetic
        }
    }
}
