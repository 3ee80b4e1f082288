/// A text field as far as its keys tell: text, caret, selection, and what was taken away.
///
/// The field is taken to have been empty when the model began. What reaches past either end of the text
/// (a Backspace before the first character, a caret move to the left of it) stops there and clears
/// ``isExact``, because a real field may have held other text. Nothing here builds a `String`: keys
/// append to flat arrays, and readings are made from them at the cut.
struct EditModel: Sendable {
    /// One scalar and the event that it comes from.
    struct Cell: Hashable, Sendable {
        var scalar: Unicode.Scalar
        var sequence: UInt64
    }

    /// What the field holds.
    private(set) var text: [Cell] = []
    /// What was typed, and a mark for each removal.
    private(set) var typed: [Cell] = []
    /// The finished removed runs, one after the other, and where each ends.
    private(set) var removed: [Cell] = []
    private(set) var removedRunEnds: [Int] = []
    /// Where the next character goes, in scalars.
    private(set) var caret = 0
    /// The other end of the selection; equal to ``caret`` when nothing is selected.
    private(set) var anchor = 0
    /// False once the text depends on something that the keys do not tell.
    private(set) var isExact: Bool
    /// Whether the start of the line may lie to the left of the text.
    private var beginsInsideLine: Bool
    private let wordJump: PassageOptions.WordJump
    /// The run being removed: what Backspace took, nearest first, and what Delete took.
    private var takenBefore: [Cell] = []
    private var takenAfter: [Cell] = []

    init(
        isExact: Bool = true, beginsInsideLine: Bool = false,
        wordJump: PassageOptions.WordJump = .endOfWord
    ) {
        self.isExact = isExact
        self.beginsInsideLine = beginsInsideLine
        self.wordJump = wordJump
    }

    /// Whether no key has made or taken away text yet.
    var isEmpty: Bool { typed.isEmpty }

    /// The selected scalars; empty when nothing is selected.
    var selection: Range<Int> { min(anchor, caret)..<max(anchor, caret) }

    /// Begins again with an empty field.
    mutating func restart(isExact: Bool, beginsInsideLine: Bool) {
        EditModel.clear(&text)
        EditModel.clear(&typed)
        EditModel.clear(&removed)
        removedRunEnds.removeAll(keepingCapacity: true)
        takenBefore.removeAll(keepingCapacity: true)
        takenAfter.removeAll(keepingCapacity: true)
        caret = 0
        anchor = 0
        self.isExact = isExact
        self.beginsInsideLine = beginsInsideLine
    }

    /// Room for an ordinary passage is kept, so that the next one allocates nothing; more is given back,
    /// because there is one model for each login session of a school.
    private static func clear(_ cells: inout [Cell]) {
        cells.removeAll(keepingCapacity: cells.count <= TypingLimits.keptCellsMaximum)
    }

    // MARK: Typing

    /// Types a scalar in place of the selection.
    mutating func insert(_ scalar: Unicode.Scalar, from sequence: UInt64) {
        if caret != anchor { removeSelection(from: sequence) }
        closeRun()
        let cell = Cell(scalar: scalar, sequence: sequence)
        typed.append(cell)
        if caret == text.count {
            text.append(cell)
        } else {
            text.insert(cell, at: caret)
        }
        caret += 1
        anchor = caret
    }

    /// Types several scalars that come from one event.
    mutating func insert(
        contentsOf scalars: some Collection<Unicode.Scalar>, from sequence: UInt64
    ) {
        if caret != anchor { removeSelection(from: sequence) }
        guard !scalars.isEmpty else { return }
        closeRun()
        let cells = scalars.map { Cell(scalar: $0, sequence: sequence) }
        typed.append(contentsOf: cells)
        text.insert(contentsOf: cells, at: caret)
        caret += cells.count
        anchor = caret
    }

    /// Takes away the selection, or else the character or word before the caret.
    mutating func backspace(byWord: Bool, from sequence: UInt64) {
        if caret != anchor { return removeSelection(from: sequence) }
        guard caret > 0 else {
            typed.append(Cell(scalar: Passage.deletionMark, sequence: sequence))
            isExact = false
            return
        }
        let start = byWord ? wordStart(before: caret) : clusterStart(before: caret)
        mark(start..<caret, from: sequence)
        takenBefore.append(contentsOf: text[start..<caret].reversed())
        text.removeSubrange(start..<caret)
        caret = start
        anchor = start
    }

    /// Takes away the selection, or else the character or word after the caret.
    mutating func delete(byWord: Bool, from sequence: UInt64) {
        if caret != anchor { return removeSelection(from: sequence) }
        guard caret < text.count else {
            isExact = false
            return
        }
        let end = byWord ? wordEnd(after: caret) : clusterEnd(after: caret)
        mark(caret..<end, from: sequence)
        takenAfter.append(contentsOf: text[caret..<end])
        text.removeSubrange(caret..<end)
    }

    /// Takes away what is selected; as a run of its own, because selecting moved the caret.
    mutating func removeSelection(from sequence: UInt64) {
        let range = selection
        guard !range.isEmpty else { return }
        closeRun()
        mark(range, from: sequence)
        takenAfter.append(contentsOf: text[range])
        text.removeSubrange(range)
        caret = range.lowerBound
        anchor = caret
    }

    // MARK: Moving

    /// Moves the caret; with `extending` the selection grows or shrinks to it.
    mutating func move(_ move: KeyAction.Move, extending: Bool) {
        closeRun()
        if !extending, caret != anchor, move == .left || move == .right {
            caret = move == .left ? selection.lowerBound : selection.upperBound
            anchor = caret
            return
        }
        caret = target(of: move)
        if !extending { anchor = caret }
    }

    /// Selects the whole text.
    mutating func selectAll() {
        closeRun()
        anchor = 0
        caret = text.count
    }

    /// Says that something happened to the text that its keys do not tell.
    mutating func clearExact() { isExact = false }

    private mutating func target(of move: KeyAction.Move) -> Int {
        switch move {
        case .left, .wordLeft:
            guard caret > 0 else {
                isExact = false
                return 0
            }
            return move == .left ? clusterStart(before: caret) : wordStart(before: caret)
        case .right, .wordRight:
            guard caret < text.count else {
                isExact = false
                return caret
            }
            if move == .right { return clusterEnd(after: caret) }
            return wordJump == .endOfWord ? wordEnd(after: caret) : nextWordStart(after: caret)
        case .lineStart:
            let start = text[..<caret].lastIndex { $0.scalar == "\n" }.map { $0 + 1 } ?? 0
            if start == 0, beginsInsideLine { isExact = false }
            return start
        case .lineEnd:
            let end = text[caret...].firstIndex { $0.scalar == "\n" } ?? text.count
            if end == text.count, beginsInsideLine { isExact = false }
            return end
        }
    }

    // MARK: Removed runs

    /// One mark for each user-perceived character that goes.
    private mutating func mark(_ range: Range<Int>, from sequence: UInt64) {
        let cell = Cell(scalar: Passage.deletionMark, sequence: sequence)
        var at = range.lowerBound
        while at < range.upperBound {
            typed.append(cell)
            at = clusterEnd(after: at)
        }
    }

    /// Ends the run being removed; what follows belongs to another one.
    mutating func closeRun() {
        guard !takenBefore.isEmpty || !takenAfter.isEmpty else { return }
        removed.append(contentsOf: takenBefore.reversed())
        removed.append(contentsOf: takenAfter)
        removedRunEnds.append(removed.count)
        takenBefore.removeAll(keepingCapacity: true)
        takenAfter.removeAll(keepingCapacity: true)
    }
}
