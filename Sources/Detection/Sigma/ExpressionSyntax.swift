/// A regular expression as written, before it becomes steps.
indirect enum ExpressionSyntax {
    case empty
    case set(ScalarSet)
    case start, end, lineStart, lineEnd, wordBoundary, notWordBoundary
    case sequence([ExpressionSyntax])
    case choice([ExpressionSyntax])
    case repeated(ExpressionSyntax, minimum: Int, maximum: Int?)
}

/// A set of Unicode scalars as sorted, separate ranges.
struct ScalarSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    /// A set of ranges in any order.
    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    static let everything = ScalarSet([0...0x10FFFF])
    static let newline = ScalarSet([0x0A...0x0A])
    static let digits = ScalarSet([0x30...0x39])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let spaces = ScalarSet([0x09...0x0D, 0x20...0x20])

    /// All other scalars.
    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    /// Whether a scalar is in the set.
    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= scalar
    }

    /// The set with the other case of its letters. Wide ranges get it for ASCII letters only.
    var foldingCase: ScalarSet {
        var more = ranges
        for range in ranges {
            for shift: (UInt32, UInt32, Int64) in [(0x41, 0x5A, 32), (0x61, 0x7A, -32)] {
                let low = max(range.lowerBound, shift.0)
                let high = min(range.upperBound, shift.1)
                guard low <= high else { continue }
                more.append(
                    UInt32(Int64(low) + shift.2)...UInt32(Int64(high) + shift.2))
            }
            guard range.upperBound >= 0x80, range.count <= 1_024 else { continue }
            for value in range where value >= 0x80 {
                guard let scalar = Unicode.Scalar(value) else { continue }
                for text in [
                    scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping,
                ]
                where text.unicodeScalars.count == 1 {
                    for other in text.unicodeScalars { more.append(other.value...other.value) }
                }
            }
        }
        return ScalarSet(more)
    }
}

/// Reads the regular expressions of the standard: `.`, classes, groups, alternation, anchors, quantifiers
/// (greedy and lazy alike, as only whether and where it matches counts), and the usual escapes.
/// What needs backtracking (back-references, looking around, possessive groups) is refused.
struct ExpressionParser {
    private let scalars: [Unicode.Scalar]
    private var next = 0
    private var depth = 0
    private var ignoresCase: Bool
    private var isMultiline: Bool
    private var dotsMatchNewline: Bool

    /// Why an expression was refused and at which scalar.
    struct Refusal: Error {
        var message: String
        var offset: Int
    }

    /// Prepares to read an expression with the flags of the modifiers.
    init(_ text: String, ignoresCase: Bool, isMultiline: Bool, dotsMatchNewline: Bool) {
        scalars = Array(text.unicodeScalars)
        self.ignoresCase = ignoresCase
        self.isMultiline = isMultiline
        self.dotsMatchNewline = dotsMatchNewline
    }

    /// The whole expression.
    mutating func parse() throws(Refusal) -> ExpressionSyntax {
        let syntax = try choice()
        if next < scalars.count { throw refuse("a closing bracket has no opening one") }
        return syntax
    }

    private func refuse(_ message: String) -> Refusal { Refusal(message: message, offset: next) }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next < scalars.count, scalars[next] == scalar else { return false }
        next += 1
        return true
    }

    private mutating func choice() throws(Refusal) -> ExpressionSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= DetectionLimits.expressionDepthMaximum else {
            throw refuse("more than \(DetectionLimits.expressionDepthMaximum) nested groups")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(Refusal) -> ExpressionSyntax {
        var parts: [ExpressionSyntax] = []
        while next < scalars.count, scalars[next] != "|", scalars[next] != ")" {
            let part = try atom()
            parts.append(try quantified(part))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func quantified(
        _ inner: ExpressionSyntax
    ) throws(Refusal) -> ExpressionSyntax {
        var syntax = inner
        var isQuantified = false
        while next < scalars.count {
            let before = next
            let bounds: (Int, Int?)
            if take("*") {
                bounds = (0, nil)
            } else if take("+") {
                bounds = (1, nil)
            } else if take("?") {
                bounds = (0, 1)
            } else if scalars[next] == "{", let counted = try counts() {
                bounds = counted
            } else {
                break
            }
            guard !isQuantified else {
                next = before
                throw refuse("a quantifier follows a quantifier")
            }
            isQuantified = true
            if take("+") { throw refuse("possessive quantifiers are not part of the standard") }
            _ = take("?")
            syntax = .repeated(inner, minimum: bounds.0, maximum: bounds.1)
        }
        return syntax
    }

    /// `{n}`, `{n,}` or `{n,m}`; a brace that begins none of them is a plain character.
    private mutating func counts() throws(Refusal) -> (Int, Int?)? {
        let start = next
        next += 1
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() }
        guard let minimum, take("}") else {
            next = start
            return nil
        }
        if let maximum, maximum < minimum { throw refuse("the counts stand the wrong way round") }
        guard max(minimum, maximum ?? 0) <= 1_000 else {
            throw refuse("more than 1,000 repeats, shorten it")
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while next < scalars.count, (0x30...0x39).contains(scalars[next].value) {
            value = min((value ?? 0) * 10 + Int(scalars[next].value - 0x30), 100_000)
            next += 1
        }
        return value
    }

    private mutating func atom() throws(Refusal) -> ExpressionSyntax {
        let scalar = scalars[next]
        switch scalar {
        case "(":
            next += 1
            return try group()
        case "[":
            next += 1
            return .set(cased(try characterClass()))
        case ".":
            next += 1
            return .set(dotsMatchNewline ? .everything : ScalarSet.newline.inverted)
        case "^":
            next += 1
            return isMultiline ? .lineStart : .start
        case "$":
            next += 1
            return isMultiline ? .lineEnd : .end
        case "\\":
            next += 1
            return try escape()
        case "*", "+", "?":
            throw refuse("'\(scalar)' has nothing to repeat")
        default:
            next += 1
            return .set(cased(ScalarSet([scalar.value...scalar.value])))
        }
    }

    private func cased(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.foldingCase : set }

    private mutating func group() throws(Refusal) -> ExpressionSyntax {
        let flags = (ignoresCase, isMultiline, dotsMatchNewline)
        if take("?") {
            if next < scalars.count, "=!>".unicodeScalars.contains(scalars[next]) {
                throw refuse("looking ahead and atomic groups are not part of the standard")
            }
            if take("<") || (take("P") && take("<")) {
                if next < scalars.count, "=!".unicodeScalars.contains(scalars[next]) {
                    throw refuse("looking behind is not part of the standard")
                }
                while next < scalars.count, scalars[next] != ">" { next += 1 }
                guard take(">") else { throw refuse("the name of a group does not end") }
            } else if try !inlineFlags() {
                // `(?i)` holds to the end of the group it stands in.
                return .empty
            }
        }
        let inner = try choice()
        guard take(")") else { throw refuse("a closing bracket is missing") }
        (ignoresCase, isMultiline, dotsMatchNewline) = flags
        return inner
    }

    /// Flags of `(?i:` or `(?i)`; true when a group follows.
    private mutating func inlineFlags() throws(Refusal) -> Bool {
        var value = true
        while next < scalars.count {
            let scalar = scalars[next]
            next += 1
            switch scalar {
            case "i": ignoresCase = value
            case "m": isMultiline = value
            case "s": dotsMatchNewline = value
            case "-": value = false
            case ":": return true
            case ")": return false
            default:
                next -= 1
                throw refuse("the group '(?\(scalar)' is not known")
            }
        }
        throw refuse("a group does not end")
    }

    private mutating func escape() throws(Refusal) -> ExpressionSyntax {
        guard next < scalars.count else { throw refuse("a backslash stands at the end") }
        switch scalars[next] {
        case "b":
            next += 1
            return .wordBoundary
        case "B":
            next += 1
            return .notWordBoundary
        case "A":
            next += 1
            return .start
        case "z", "Z":
            next += 1
            return .end
        default: return .set(cased(try escapedSet()))
        }
    }

    /// The set that an escape stands for, inside a class and outside.
    private mutating func escapedSet() throws(Refusal) -> ScalarSet {
        guard next < scalars.count else { throw refuse("a backslash stands at the end") }
        let scalar = scalars[next]
        next += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .words
        case "W": return ScalarSet.words.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "n": return single(0x0A)
        case "r": return single(0x0D)
        case "t": return single(0x09)
        case "f": return single(0x0C)
        case "v": return single(0x0B)
        case "e": return single(0x1B)
        case "a": return single(0x07)
        case "x": return single(try hexadecimal(digits: 2))
        case "u": return single(try hexadecimal(digits: 4))
        case "0"..."9":
            if scalar == "0" { return single(0) }
            next -= 1
            throw refuse("back-references are not part of the standard")
        case "a"..."z", "A"..."Z":
            next -= 1
            throw refuse("the escape '\\\(scalar)' is not known")
        default: return single(scalar.value)
        }
    }

    private func single(_ value: UInt32) -> ScalarSet { ScalarSet([value...value]) }

    private mutating func hexadecimal(digits: Int) throws(Refusal) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while next < scalars.count, count < (isBraced ? 6 : digits),
            let digit = UInt32(String(scalars[next]), radix: 16)
        {
            value = value * 16 + digit
            count += 1
            next += 1
        }
        guard count > 0, isBraced ? take("}") : count == digits, value <= 0x10FFFF else {
            throw refuse("a character number is not complete")
        }
        return value
    }

    private mutating func characterClass() throws(Refusal) -> ScalarSet {
        let start = next - 1
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while next < scalars.count, isFirst || scalars[next] != "]" {
            isFirst = false
            if scalars[next] == "[", next + 1 < scalars.count, scalars[next + 1] == ":" {
                ranges += try namedClass().ranges
                continue
            }
            let low = try classMember()
            let hasRange =
                next + 1 < scalars.count && scalars[next] == "-" && scalars[next + 1] != "]"
            guard hasRange, let first = low.onlyMember else {
                ranges += low.ranges
                continue
            }
            next += 1
            guard let last = try classMember().onlyMember, last >= first else {
                throw refuse("a range of characters stands the wrong way round")
            }
            ranges.append(first...last)
        }
        guard take("]") else {
            next = start
            throw refuse("a class of characters does not end")
        }
        let set = ScalarSet(ranges)
        return isInverted ? (ignoresCase ? set.foldingCase : set).inverted : set
    }

    private mutating func classMember() throws(Refusal) -> ScalarSet {
        if take("\\") {
            if take("b") { return single(0x08) }
            return try escapedSet()
        }
        let value = scalars[next].value
        next += 1
        return single(value)
    }

    private mutating func namedClass() throws(Refusal) -> ScalarSet {
        let names: [String: ScalarSet] = [
            "digit": .digits, "space": .spaces, "word": .words,
            "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A]),
            "alnum": ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
            "upper": ScalarSet([0x41...0x5A]), "lower": ScalarSet([0x61...0x7A]),
            "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66]),
            "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        ]
        next += 2
        var name = ""
        while next < scalars.count, scalars[next] != ":" {
            name.unicodeScalars.append(scalars[next])
            next += 1
        }
        guard take(":"), take("]"), let set = names[name] else {
            throw refuse("the class '[:\(name):]' is not known")
        }
        return set
    }
}

extension ScalarSet {
    /// The one scalar in it, else nil.
    fileprivate var onlyMember: UInt32? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
