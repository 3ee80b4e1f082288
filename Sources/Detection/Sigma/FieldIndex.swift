/// Which questions about one field a value may answer with yes, without asking each of them.
///
/// Whole values are looked up by hash. Of every other pattern four bytes of a literal are kept (the rarest four
/// among all patterns of the field), and a value is looked through once: its cost does not grow with the number
/// of rules until their four bytes turn up. Shorter literals keep what they have.
struct FieldIndex: Sendable {
    private struct Gram {
        var predicate: Int32
        var literal: [UInt8]
        var offset: Int
    }

    private var exact = HashTable()
    private var exactLists: [[Int32]] = []
    private var table = HashTable()
    private var lists: [[Gram]] = []
    private var bloom = [UInt64](repeating: 0, count: 1_024)
    private var lengths: UInt8 = 0
    /// Questions that must be asked whenever the field is there.
    private(set) var others: [Int32] = []

    /// An index of the questions, each with its number.
    init(_ predicates: [(number: Int32, test: Predicate.Test)]) {
        var literals: [(Int32, [UInt8])] = []
        for (number, test) in predicates {
            guard case .glob(let glob, let isCased) = test else {
                others.append(number)
                continue
            }
            let folded = isCased ? glob.folded() : glob
            if let whole = folded.plainBytes {
                addExact(whole, number)
            } else if let literal = folded.longestLiteral, !literal.isEmpty {
                literals.append((number, literal))
            } else {
                others.append(number)
            }
        }
        addGrams(literals)
    }

    private mutating func addExact(_ bytes: [UInt8], _ number: Int32) {
        let hash = WordHash.of(bytes, 0, bytes.count)
        let slot = exact[hash]
        if slot >= 0 {
            exactLists[Int(slot)].append(number)
        } else {
            exact.insert(hash, Int32(exactLists.count))
            exactLists.append([number])
        }
    }

    private mutating func addGrams(_ literals: [(Int32, [UInt8])]) {
        var counts: [UInt32: Int] = [:]
        for (_, literal) in literals where literal.count >= 4 {
            for offset in 0...(literal.count - 4) {
                counts[Self.gram(literal, offset), default: 0] += 1
            }
        }
        for (number, literal) in literals {
            let length = min(literal.count, 4)
            var best = 0
            if literal.count > 4 {
                var bestCount = Int.max
                for offset in 0...(literal.count - 4) {
                    let count = counts[Self.gram(literal, offset)] ?? 0
                    if count < bestCount { (best, bestCount) = (offset, count) }
                }
            }
            var key: UInt32 = 0
            for index in best..<(best + length) { key = key << 8 | UInt32(literal[index]) }
            lengths |= 1 << UInt8(length)
            setBloom(key, length)
            let hash = Self.hash(key, length)
            let slot = table[hash]
            let gram = Gram(predicate: number, literal: literal, offset: best)
            if slot >= 0 {
                lists[Int(slot)].append(gram)
            } else {
                table.insert(hash, Int32(lists.count))
                lists.append([gram])
            }
        }
    }

    /// Calls with every question whose whole value or literal the value holds.
    func candidates(in value: [UInt8], _ visit: (Int32) -> Void) {
        if !exactLists.isEmpty {
            let slot = exact[WordHash.of(value, 0, value.count)]
            if slot >= 0 { for number in exactLists[Int(slot)] { visit(number) } }
        }
        guard lengths != 0 else { return }
        var window: UInt32 = 0
        var offset = 0
        let count = value.count
        while offset < count {
            window = window << 8 | UInt32(value[offset])
            offset += 1
            if offset >= 4, lengths & 16 != 0, hasBloom(window, 4) {
                look(window, 4, value, offset, visit)
            }
            if lengths & 14 != 0 {
                if offset >= 3, lengths & 8 != 0, hasBloom(window & 0xFF_FFFF, 3) {
                    look(window & 0xFF_FFFF, 3, value, offset, visit)
                }
                if offset >= 2, lengths & 4 != 0, hasBloom(window & 0xFFFF, 2) {
                    look(window & 0xFFFF, 2, value, offset, visit)
                }
                if lengths & 2 != 0, hasBloom(window & 0xFF, 1) {
                    look(window & 0xFF, 1, value, offset, visit)
                }
            }
        }
    }

    private func look(
        _ key: UInt32, _ length: Int, _ value: [UInt8], _ end: Int, _ visit: (Int32) -> Void
    ) {
        let slot = table[Self.hash(key, length)]
        guard slot >= 0 else { return }
        for gram in lists[Int(slot)] {
            let start = end - length - gram.offset
            if Glob.hasLiteral(gram.literal, in: value, at: start) { visit(gram.predicate) }
        }
    }

    private static func gram(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
            | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
    }

    @inline(__always)
    private static func hash(_ key: UInt32, _ length: Int) -> UInt64 {
        WordHash.finish(UInt64(key) << 8 | UInt64(length))
    }

    @inline(__always)
    private static func bit(_ key: UInt32, _ length: Int) -> Int {
        // A shift binds tighter than a product: without the outer brackets the index leaves the table.
        Int(((key &+ UInt32(length) &* 0x85EB_CA6B) &* 0x9E37_79B1) >> 16)
    }

    private mutating func setBloom(_ key: UInt32, _ length: Int) {
        let bit = Self.bit(key, length)
        bloom[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    private func hasBloom(_ key: UInt32, _ length: Int) -> Bool {
        let bit = Self.bit(key, length)
        return bloom[bit >> 6] >> UInt64(bit & 63) & 1 == 1
    }
}
