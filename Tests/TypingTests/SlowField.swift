import Events
import Typing

/// A text field written as plainly as can be, to compare the fast one with: strings are built for every
/// question, words are looked for in the whole text. It knows one passage, no cuts.
struct SlowField {
    struct Piece: Equatable {
        var scalar: Unicode.Scalar
        var sequence: UInt64
    }

    private(set) var left: [Piece] = []
    private(set) var typed: [Piece] = []
    private(set) var runs: [[Piece]] = []
    private(set) var isExact = true
    private var low = 0
    private var high = 0
    private var caretIsLow = false
    private var isRemoving = false
    private var clipboard: [Unicode.Scalar]?

    private var caret: Int { caretIsLow ? low : high }

    mutating func press(_ press: KeyPress, _ sequence: UInt64) {
        let control = press.modifiers.contains(.control)
        let shift = press.modifiers.contains(.shift)
        switch press.key {
        case "Backspace": remove(sequence, forward: false, word: control)
        case "Delete" where !shift: remove(sequence, forward: true, word: control)
        // A plain arrow only lets go of a selection, at the end it points to.
        case "ArrowLeft" where low != high && !shift && !control: jump(false, to: low)
        case "ArrowRight" where low != high && !shift && !control: jump(false, to: high)
        case "ArrowLeft": jump(shift, to: control ? wordsBefore() : before())
        case "ArrowRight": jump(shift, to: control ? wordsAfter() : after())
        case "Home": jump(shift, to: lineStart())
        case "End": jump(shift, to: lineEnd())
        case "Tab": type(["\t"], sequence)
        case "Enter": type(["\n"], sequence)
        case "a" where control: select(0, left.count, caretAtLow: false)
        case "c" where control: copy()
        case "x" where control:
            copy()
            if low == high { isExact = false } else { removeSelection(sequence) }
        case "v" where control: paste(sequence)
        default: type(Array(press.key.unicodeScalars), sequence)
        }
    }

    private mutating func type(_ scalars: [Unicode.Scalar], _ sequence: UInt64) {
        if low != high { removeSelection(sequence) }
        isRemoving = false
        for scalar in scalars {
            typed.append(Piece(scalar: scalar, sequence: sequence))
            left.insert(Piece(scalar: scalar, sequence: sequence), at: low)
            low += 1
        }
        high = low
    }

    private mutating func remove(_ sequence: UInt64, forward: Bool, word: Bool) {
        if low != high { return removeSelection(sequence) }
        if forward, high == left.count {
            isExact = false
        } else if !forward, low == 0 {
            isExact = false
            typed.append(Piece(scalar: Passage.deletionMark, sequence: sequence))
        } else if forward {
            take(low, word ? wordsAfter() : after(), sequence, joins: isRemoving)
        } else {
            take(word ? wordsBefore() : before(), low, sequence, joins: isRemoving)
        }
    }

    private mutating func removeSelection(_ sequence: UInt64) {
        take(low, high, sequence, joins: false)
    }

    private mutating func take(_ from: Int, _ to: Int, _ sequence: UInt64, joins: Bool) {
        let piece = Array(left[from..<to])
        for _ in string(piece) {
            typed.append(Piece(scalar: Passage.deletionMark, sequence: sequence))
        }
        if !joins {
            runs.append(piece)
        } else if from < low {
            runs[runs.count - 1] = piece + runs[runs.count - 1]
        } else {
            runs[runs.count - 1] += piece
        }
        left.removeSubrange(from..<to)
        select(from, from, caretAtLow: false)
        isRemoving = true
    }

    private mutating func copy() {
        clipboard = low == high ? nil : left[low..<high].map(\.scalar)
    }

    private mutating func paste(_ sequence: UInt64) {
        if let clipboard { return type(clipboard, sequence) }
        if low != high { removeSelection(sequence) }
        isRemoving = false
        isExact = false
    }

    private mutating func jump(_ extends: Bool, to target: Int) {
        guard extends else { return select(target, target, caretAtLow: false) }
        let anchor = caretIsLow ? high : low
        select(min(anchor, target), max(anchor, target), caretAtLow: target < anchor)
    }

    private mutating func select(_ from: Int, _ to: Int, caretAtLow: Bool) {
        low = from
        high = to
        caretIsLow = caretAtLow
        isRemoving = false
    }

    // MARK: Where things are

    private func string(_ pieces: some Sequence<Piece>) -> String {
        var view = String.UnicodeScalarView()
        for piece in pieces { view.append(piece.scalar) }
        return String(view)
    }

    private mutating func before() -> Int {
        guard caret > 0 else {
            isExact = false
            return 0
        }
        let character = string(left[..<caret]).last
        return caret - (character?.unicodeScalars.count ?? 0)
    }

    private mutating func after() -> Int {
        guard caret < left.count else {
            isExact = false
            return caret
        }
        let character = string(left[caret...]).first
        return caret + (character?.unicodeScalars.count ?? 0)
    }

    private func lineStart() -> Int {
        caret - string(left[..<caret]).unicodeScalars.reversed().prefix { $0 != "\n" }.count
    }

    private func lineEnd() -> Int {
        caret + string(left[caret...]).unicodeScalars.prefix { $0 != "\n" }.count
    }

    /// The half-open ranges of all words of the text.
    private func words() -> [Range<Int>] {
        let scalars = left.map(\.scalar)
        func isLetter(_ index: Int) -> Bool {
            guard scalars.indices.contains(index) else { return false }
            let text = String(Character(scalars[index]))
            let isMark = ["Mn", "Mc", "Me"].contains(category(scalars[index]))
            return text == "_" || scalars[index].properties.isAlphabetic || isMark
                || scalars[index].properties.numericType == .decimal
        }
        func isWord(_ index: Int) -> Bool {
            if scalars[index] == "'" { return isLetter(index - 1) && isLetter(index + 1) }
            return isLetter(index)
        }
        var words: [Range<Int>] = []
        for index in scalars.indices where isWord(index) {
            if let last = words.last, last.upperBound == index {
                words[words.count - 1] = last.lowerBound..<index + 1
            } else {
                words.append(index..<index + 1)
            }
        }
        return words
    }

    private func category(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        default: ""
        }
    }

    private mutating func wordsBefore() -> Int {
        if caret == 0 { isExact = false }
        return words().last { $0.lowerBound < caret }?.lowerBound ?? 0
    }

    private mutating func wordsAfter() -> Int {
        if caret == left.count { isExact = false }
        return words().first { $0.upperBound > caret }?.upperBound ?? left.count
    }
}
