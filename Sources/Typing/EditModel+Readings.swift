/// The readings of a finished field.
extension EditModel {
    /// What was typed, with a mark for each removal.
    var asTyped: Reading { EditModel.reading(typed[...]) }

    /// What the field holds.
    var asLeft: Reading { EditModel.reading(text[...]) }

    /// The removed runs, oldest first. Call ``closeRun()`` before.
    var deletedRuns: [Reading] {
        var start = 0
        return removedRunEnds.map { end in
            defer { start = end }
            return EditModel.reading(removed[start..<end])
        }
    }

    private static func reading(_ cells: ArraySlice<Cell>) -> Reading {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(cells.count + cells.count / 8)
        for cell in cells {
            if cell.scalar.value < 0x80 {
                utf8.append(UInt8(truncatingIfNeeded: cell.scalar.value))
            } else {
                utf8.append(
                    contentsOf: UTF8.encode(cell.scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return Reading(
            text: String(decoding: utf8, as: UTF8.self), sequences: cells.map(\.sequence))
    }
}
