/// A field's value with what comparisons need of it.
struct PreparedValue: Sendable {
    /// Its UTF-8, at most ``DetectionLimits/fieldSizeMaximum`` bytes.
    let raw: [UInt8]
    /// The same after ``CaseFold``.
    let folded: [UInt8]
    /// The number it is or is written as.
    let number: Double?
    /// Whether it is null.
    let isNull: Bool

    /// Prepares a value.
    init(_ value: FieldValue) {
        let text = value.written
        isNull = value == .null
        let bytes = text.map { Array($0.utf8.prefix(DetectionLimits.fieldSizeMaximum)) } ?? []
        raw = bytes
        folded = CaseFold.bytes(String(decoding: bytes, as: UTF8.self))
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let double): number = double
        case .text(let text): number = Self.number(text)
        default: number = nil
        }
    }

    /// Prepares text that is folded already.
    init(folded: [UInt8]) {
        raw = folded
        self.folded = folded
        number = nil
        isNull = false
    }

    private static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, first &- 0x30 < 10 || first == UInt8(ascii: "-") else {
            return nil
        }
        return Double(text)
    }

    /// Whether a question about one value is answered with yes.
    func answers(_ test: Predicate.Test) -> Bool {
        switch test {
        case .glob(let glob, let isCased):
            return !isNull && glob.matches(isCased ? raw : folded)
        case .null: return isNull
        case .number(let wanted): return number == wanted
        case .boolean(let wanted): return String(decoding: folded, as: UTF8.self) == "\(wanted)"
        case .compare(let comparison, let bound):
            guard let number else { return false }
            return Self.compare(number, comparison, bound)
        case .expression(let expression): return !isNull && expression.isFound(in: raw)
        case .network(let network):
            return network.contains(String(decoding: raw, as: UTF8.self))
        case .time(let part, let comparison, let bound):
            guard let date = DateParts(String(decoding: raw, as: UTF8.self)),
                let value = date[part]
            else { return false }
            guard let comparison else { return Double(value) == bound }
            return Self.compare(Double(value), comparison, bound)
        case .exists, .reference, .phrase:
            // These need more than the one value; see `RuleEngine`.
            return false
        }
    }

    private static func compare(
        _ number: Double, _ comparison: ModifierChain.Comparison, _ bound: Double
    ) -> Bool {
        switch comparison {
        case .lt: number < bound
        case .lte: number <= bound
        case .gt: number > bound
        case .gte: number >= bound
        }
    }

    /// The raw bytes that a range of folded bytes came from: folding maps scalar to scalar.
    func rawRange(_ range: Range<Int>) -> Range<Int> {
        guard raw.count != folded.count || raw.contains(where: { $0 >= 0x80 }) else { return range }
        var rawOffset = 0
        var foldedOffset = 0
        var lower = 0
        var upper = raw.count
        while foldedOffset < folded.count, rawOffset < raw.count {
            if foldedOffset == range.lowerBound { lower = rawOffset }
            if foldedOffset == range.upperBound {
                upper = rawOffset
                break
            }
            foldedOffset += UTF8Reader.scalar(folded, at: foldedOffset).1
            rawOffset += UTF8Reader.scalar(raw, at: rawOffset).1
        }
        return lower..<max(lower, upper)
    }
}
