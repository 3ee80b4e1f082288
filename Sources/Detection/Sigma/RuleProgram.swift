/// The conditions of all rules as one flat list of questions: each says where to go on yes and on no.
///
/// Only as many questions are asked as the answer needs.
struct RuleProgram: Sendable {
    /// Where a rule ends.
    static let accepted: Int32 = -1
    static let refused: Int32 = -2

    private struct Instruction {
        var predicate: Int32
        var onYes: Int32
        var onNo: Int32
    }

    private var instructions: [Instruction] = []
    private var entries: [Int32] = []

    /// Adds a rule's condition; rules are numbered in the order they are added.
    mutating func add(_ tree: PredicateTree, number: (Predicate) -> Int32) {
        entries.append(emit(tree, onYes: Self.accepted, onNo: Self.refused, number: number))
    }

    private mutating func emit(
        _ tree: PredicateTree, onYes: Int32, onNo: Int32, number: (Predicate) -> Int32
    ) -> Int32 {
        switch tree {
        case .predicate(let predicate):
            instructions.append(
                Instruction(predicate: number(predicate), onYes: onYes, onNo: onNo))
            return Int32(instructions.count - 1)
        case .all(let parts):
            var next = onYes
            for part in parts.reversed() {
                next = emit(part, onYes: next, onNo: onNo, number: number)
            }
            return next
        case .any(let parts):
            var next = onNo
            for part in parts.reversed() {
                next = emit(part, onYes: onYes, onNo: next, number: number)
            }
            return next
        case .not(let inner): return emit(inner, onYes: onNo, onNo: onYes, number: number)
        }
    }

    /// Whether a rule's condition holds, asking one question after the other.
    @inline(__always)
    func holds(_ rule: Int, _ ask: (Int32) -> Bool) -> Bool {
        var place = entries[rule]
        while place >= 0 {
            let instruction = instructions[Int(place)]
            place = ask(instruction.predicate) ? instruction.onYes : instruction.onNo
        }
        return place == Self.accepted
    }

    /// Questions of which at least one must be answered with yes for the condition to hold; nil when none must.
    static func witnesses(
        _ tree: PredicateTree, isNegated: Bool = false, cost: (Predicate) -> Int
    ) -> Set<Predicate>? {
        switch (tree, isNegated) {
        case (.predicate(let predicate), false):
            return Self.needsValue(predicate) ? [predicate] : nil
        case (.predicate, true): return nil
        case (.not(let inner), _): return witnesses(inner, isNegated: !isNegated, cost: cost)
        case (.all(let parts), false), (.any(let parts), true):
            var best: (set: Set<Predicate>, cost: Int)?
            for part in parts {
                guard let set = witnesses(part, isNegated: isNegated, cost: cost) else { continue }
                let total = set.reduce(0) { $0 + cost($1) }
                if best.map({ total < $0.cost }) ?? true { best = (set, total) }
            }
            return best?.set
        case (.any(let parts), false), (.all(let parts), true):
            var union: Set<Predicate> = []
            for part in parts {
                guard let set = witnesses(part, isNegated: isNegated, cost: cost) else {
                    return nil
                }
                union.formUnion(set)
            }
            return union
        }
    }

    /// Whether yes means that the field is there with a value.
    private static func needsValue(_ predicate: Predicate) -> Bool {
        switch predicate.test {
        case .null, .exists(false): false
        default: true
        }
    }
}
