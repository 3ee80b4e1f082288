/// A regular expression that is matched in one pass over the text, whatever the text (R24).
///
/// It is compiled to steps (Thompson's construction) and all of them that could be next are followed at once
/// (Pike's machine). The cost is at most steps times characters; there is no going back, so no input can
/// make it slow. Equality is equality of source and flags.
struct RegularExpression: Hashable, Sendable {
    /// One step of the compiled form.
    enum Step: Hashable, Sendable {
        case set(Int)
        case split(Int, Int)
        case jump(Int)
        case start, end, lineStart, lineEnd, wordBoundary, notWordBoundary
        case found
    }

    /// What was written.
    let source: String
    private let flags: Set<Modifier>
    private let steps: [Step]
    private let sets: [ScalarSet]

    static func == (left: Self, right: Self) -> Bool {
        left.source == right.source && left.flags == right.flags
    }

    func hash(into hasher: inout Hasher) { hasher.combine(source) }

    /// Compiles an expression, or says at which scalar it is not understood.
    init(_ source: String, flags: Set<Modifier>) throws(ExpressionParser.Refusal) {
        var parser = ExpressionParser(
            source, ignoresCase: flags.contains(.ignoreCase),
            isMultiline: flags.contains(.multiline), dotsMatchNewline: flags.contains(.dotAll))
        let syntax = try parser.parse()
        var compiler = Compiler()
        try compiler.emit(syntax)
        try compiler.add(.found)
        self.source = source
        self.flags = flags
        steps = compiler.steps
        sets = compiler.sets
    }

    private struct Compiler {
        var steps: [Step] = []
        var sets: [ScalarSet] = []
        var setIndex: [ScalarSet: Int] = [:]

        mutating func add(_ step: Step) throws(ExpressionParser.Refusal) {
            guard steps.count < DetectionLimits.expressionStepsMaximum else {
                throw ExpressionParser.Refusal(
                    message: "the expression is too large, shorten its counts", offset: 0)
            }
            steps.append(step)
        }

        mutating func emit(_ syntax: ExpressionSyntax) throws(ExpressionParser.Refusal) {
            switch syntax {
            case .empty: break
            case .set(let set):
                let index = setIndex[set] ?? sets.count
                if index == sets.count {
                    sets.append(set)
                    setIndex[set] = index
                }
                try add(.set(index))
            case .start: try add(.start)
            case .end: try add(.end)
            case .lineStart: try add(.lineStart)
            case .lineEnd: try add(.lineEnd)
            case .wordBoundary: try add(.wordBoundary)
            case .notWordBoundary: try add(.notWordBoundary)
            case .sequence(let parts):
                for part in parts { try emit(part) }
            case .choice(let branches): try emitChoice(branches)
            case .repeated(let inner, let minimum, let maximum):
                try emitRepeated(inner, minimum: minimum, maximum: maximum)
            }
        }

        private mutating func emitChoice(
            _ branches: [ExpressionSyntax]
        ) throws(ExpressionParser.Refusal) {
            var ends: [Int] = []
            for (index, branch) in branches.enumerated() {
                if index == branches.count - 1 {
                    try emit(branch)
                    break
                }
                let split = steps.count
                try add(.split(split + 1, 0))
                try emit(branch)
                ends.append(steps.count)
                try add(.jump(0))
                steps[split] = .split(split + 1, steps.count)
            }
            for end in ends { steps[end] = .jump(steps.count) }
        }

        private mutating func emitRepeated(
            _ inner: ExpressionSyntax, minimum: Int, maximum: Int?
        ) throws(ExpressionParser.Refusal) {
            for _ in 0..<minimum { try emit(inner) }
            guard let maximum else {
                let split = steps.count
                try add(.split(split + 1, 0))
                try emit(inner)
                try add(.jump(split))
                steps[split] = .split(split + 1, steps.count)
                return
            }
            var splits: [Int] = []
            for _ in minimum..<max(maximum, minimum) {
                splits.append(steps.count)
                try add(.split(steps.count + 1, 0))
                try emit(inner)
            }
            for split in splits { steps[split] = .split(split + 1, steps.count) }
        }
    }

    /// The first match: the one that starts furthest left, up to where it was first complete.
    func firstMatch(in text: [UInt8]) -> Range<Int>? {
        var machine = Machine(steps: steps, sets: sets, size: steps.count)
        return machine.run(text)
    }

    /// Whether it is found anywhere in the text.
    func isFound(in text: [UInt8]) -> Bool { firstMatch(in: text) != nil }

    /// The set of steps that could be next, with where each one's match began.
    private struct Machine {
        let steps: [Step]
        let sets: [ScalarSet]
        var current: [(step: Int, start: Int)] = []
        var following: [(step: Int, start: Int)] = []
        var mark: [Int]
        var stack: [Int] = []

        init(steps: [Step], sets: [ScalarSet], size: Int) {
            self.steps = steps
            self.sets = sets
            mark = Array(repeating: -1, count: size)
        }

        mutating func run(_ text: [UInt8]) -> Range<Int>? {
            var offset = 0
            var previous: UInt32?
            var best: Range<Int>?
            var generation = 0
            while true {
                let (scalar, width) = Self.scalar(text, at: offset)
                generation += 1
                // Threads carried over first, so that the match that began earliest wins.
                let carried = following
                following.removeAll(keepingCapacity: true)
                current.removeAll(keepingCapacity: true)
                for thread in carried {
                    follow(thread.step, thread.start, offset, previous, scalar, generation)
                }
                if best == nil {
                    follow(0, offset, offset, previous, scalar, generation)
                }
                for thread in current {
                    switch steps[thread.step] {
                    case .found:
                        if best.map({ thread.start <= $0.lowerBound }) ?? true {
                            best = thread.start..<offset
                        }
                    case .set(let set):
                        if let scalar, sets[set].contains(scalar) {
                            following.append((thread.step + 1, thread.start))
                        }
                    default: break
                    }
                }
                guard let scalar else { return best }
                if let best {
                    following.removeAll { $0.start >= best.lowerBound }
                    if following.isEmpty { return best }
                }
                previous = scalar
                offset += width
            }
        }

        /// Adds a step and all that it leads to without reading a character.
        private mutating func follow(
            _ first: Int, _ start: Int, _ offset: Int, _ previous: UInt32?, _ scalar: UInt32?,
            _ generation: Int
        ) {
            stack.append(first)
            while let step = stack.popLast() {
                guard mark[step] != generation else { continue }
                mark[step] = generation
                switch steps[step] {
                case .jump(let target): stack.append(target)
                case .split(let one, let other):
                    stack.append(other)
                    stack.append(one)
                case .start: if offset == 0 { stack.append(step + 1) }
                case .end:
                    // PCRE's $ also stands before a last newline; here it is the very end.
                    if scalar == nil { stack.append(step + 1) }
                case .lineStart: if previous == nil || previous == 10 { stack.append(step + 1) }
                case .lineEnd: if scalar == nil || scalar == 10 { stack.append(step + 1) }
                case .wordBoundary:
                    if isWord(previous) != isWord(scalar) { stack.append(step + 1) }
                case .notWordBoundary:
                    if isWord(previous) == isWord(scalar) { stack.append(step + 1) }
                case .set, .found: current.append((step, start))
                }
            }
        }

        private func isWord(_ scalar: UInt32?) -> Bool {
            guard let scalar else { return false }
            switch scalar {
            case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
            default: return false
            }
        }

        private static func scalar(_ text: [UInt8], at offset: Int) -> (UInt32?, Int) {
            guard offset < text.count else { return (nil, 0) }
            return UTF8Reader.scalar(text, at: offset)
        }
    }
}

/// Decodes UTF-8 scalar by scalar; a broken sequence is U+FFFD, one byte long.
enum UTF8Reader {
    /// The scalar at an offset and its size in bytes.
    @inline(__always)
    static func scalar(_ bytes: [UInt8], at offset: Int) -> (UInt32, Int) {
        let first = bytes[offset]
        if first < 0x80 { return (UInt32(first), 1) }
        let size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard size > 0, first < 0xF5, offset + size <= bytes.count else { return (0xFFFD, 1) }
        var value = UInt32(first) & (0xFF >> UInt32(size + 1))
        for index in 1..<size {
            let byte = bytes[offset + index]
            guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (value, size)
    }
}
