/// All rules compiled into one machine: what an event is, which rules it fulfils.
///
/// Rules share their questions. Each rule waits for one of its *witnesses*, questions of which one must be
/// answered with yes; the field indexes turn an event into the few questions that may be, and only rules whose
/// witness is true are run. The same engine is used live, at night and for searching back.
public struct RuleEngine: Sendable {
    /// The rules; matches name them by their place here.
    public let rules: [Rule]
    let matcher: PhraseMatcher
    let lexicons: Lexicons
    private let predicates: [Predicate]
    private let fieldOfPredicate: [Int32]
    private let fieldNames: [String]
    private let fieldNumbers: [String: Int32]
    private let indexes: [FieldIndex]
    private let keywordIndex: FieldIndex
    private let hasKeywords: Bool
    private let program: RuleProgram
    private let rulesOfWitness: [[Int32]]
    private let restlessRules: [Int32]
    private let sources: [LogSource]
    private let sourceOfRule: [Int32]
    /// The phrases in the order of the matcher, as questions; contexts of the scoring follow after them.
    let phrasePredicates: [Int32]
    private let normalisedField: Int32

    /// Compiles rules; `contexts` are more phrases that the matcher shall find, numbered after those of the rules.
    init(rules: [Rule], lexicons: Lexicons, contexts: [PhrasePattern]) {
        var compiler = Compiler()
        for rule in rules { compiler.add(rule) }
        compiler.finish()
        self.rules = rules
        self.lexicons = lexicons
        predicates = compiler.predicates
        fieldOfPredicate = compiler.fieldOfPredicate
        fieldNames = compiler.fieldNames
        fieldNumbers = compiler.fieldNumbers
        indexes = compiler.indexes
        keywordIndex = compiler.keywordIndex
        hasKeywords = compiler.hasKeywords
        program = compiler.program
        rulesOfWitness = compiler.rulesOfWitness
        restlessRules = compiler.restlessRules
        sources = compiler.sources
        sourceOfRule = compiler.sourceOfRule
        phrasePredicates = compiler.phrasePredicates
        normalisedField = compiler.fieldNumbers[TypedTextFields.normalised] ?? -1
        matcher = PhraseMatcher(patterns: compiler.phrases + contexts, lexicons: lexicons)
    }

    /// Compiles rules.
    public init(rules: [Rule], lexicons: Lexicons = .none) {
        self.init(rules: rules, lexicons: lexicons, contexts: [])
    }

    /// The rules that an event fulfils, by their place in ``rules``, in order.
    public func matches(_ event: FieldEvent, from source: LogSource = LogSource()) -> [Int] {
        var state = EngineState()
        return matches(event, from: source, phrases: nil, state: &state)
    }

    /// The same with memory to use again, and with the phrases of a typed text that were found already.
    func matches(
        _ event: FieldEvent, from source: LogSource, phrases: [PhraseMatcher.Hit]?,
        state: inout EngineState
    ) -> [Int] {
        state.begin(predicates: predicates.count, fields: fieldNames.count, rules: rules.count)
        // Moved in and out, so that nothing is copied.
        var run = Run(engine: self, event: event, state: EngineState())
        swap(&run.state, &state)
        run.collect(phrases: phrases)
        let found = run.rules(from: source)
        swap(&run.state, &state)
        return found
    }

    /// One event on its way through the engine.
    private struct Run {
        let engine: RuleEngine
        let event: FieldEvent
        var state: EngineState

        /// Finds the questions that may be answered with yes and the rules that wait for them.
        mutating func collect(phrases: [PhraseMatcher.Hit]?) {
            for field in engine.fieldNames.indices {
                if Int32(field) == engine.normalisedField {
                    collectPhrases(phrases)
                    if phrases != nil { continue }
                }
                guard let values = prepare(Int32(field)) else { continue }
                let index = engine.indexes[field]
                for value in values {
                    index.candidates(in: value.folded) { state.candidates.append($0) }
                }
                askCandidates()
                for number in index.others where ask(number) { wake(number) }
            }
            if engine.hasKeywords {
                for value in event.allValues.map(PreparedValue.init) {
                    engine.keywordIndex.candidates(in: value.folded) { state.candidates.append($0) }
                    state.keywords.append(value)
                }
                askCandidates()
                for number in engine.keywordIndex.others where ask(number) { wake(number) }
            }
        }

        private mutating func askCandidates() {
            for number in state.candidates where ask(number) { wake(number) }
            state.candidates.removeAll(keepingCapacity: true)
        }

        private mutating func wake(_ predicate: Int32) {
            for rule in engine.rulesOfWitness[Int(predicate)]
            where state.awake[Int(rule)] != state.epoch {
                state.awake[Int(rule)] = state.epoch
                state.rules.append(rule)
            }
        }

        /// Marks the phrases of a typed text, found before or found now.
        private mutating func collectPhrases(_ found: [PhraseMatcher.Hit]?) {
            var hits: [PhraseMatcher.Hit] = []
            if let found {
                hits = found
            } else if !engine.phrasePredicates.isEmpty {
                // The normalised text follows from the text when the event does not bring it.
                let values =
                    event.values(of: TypedTextFields.normalised)
                    ?? event.values(of: TypedTextFields.raw) ?? []
                for text in values.compactMap(\.written) {
                    hits += engine.phraseHits(in: Array(text.utf8))
                }
            }
            for hit in hits where Int(hit.phrase) < engine.phrasePredicates.count {
                let number = engine.phrasePredicates[Int(hit.phrase)]
                state.set(number, true)
                wake(number)
            }
            // A phrase that was not found now is not there.
            state.arePhrasesKnown = true
        }

        /// The rules that are awake, or always, and hold.
        mutating func rules(from source: LogSource) -> [Int] {
            var found: [Int] = []
            guard !state.rules.isEmpty || !engine.restlessRules.isEmpty else { return found }
            let accepted = engine.sources.map { $0.accepts(source) }
            for rule in state.rules + engine.restlessRules
            where accepted[Int(engine.sourceOfRule[Int(rule)])] {
                if engine.program.holds(Int(rule), { ask($0) }) { found.append(Int(rule)) }
            }
            return found.sorted()
        }

        /// The answer to a question, found once for each event.
        private mutating func ask(_ number: Int32) -> Bool {
            let index = Int(number)
            if state.asked[index] == state.epoch { return state.answers[index] }
            let answer = find(number)
            state.set(number, answer)
            return answer
        }

        private mutating func find(_ number: Int32) -> Bool {
            let predicate = engine.predicates[Int(number)]
            let field = engine.fieldOfPredicate[Int(number)]
            if case .phrase = predicate.test { return false }
            guard field >= 0 else {
                if state.keywords.isEmpty {
                    state.keywords = event.allValues.map(PreparedValue.init)
                }
                return state.keywords.contains { $0.answers(predicate.test) }
            }
            let values = prepare(field)
            switch predicate.test {
            case .exists(let wanted): return (values != nil) == wanted
            case .null: return values?.allSatisfy(\.isNull) ?? true
            case .reference(let other, let placement, let isCased):
                return compare(values, with: other, placement, isCased: isCased)
            default: return values?.contains { $0.answers(predicate.test) } ?? false
            }
        }

        private func compare(
            _ values: [PreparedValue]?, with other: String, _ placement: ModifierChain.Placement,
            isCased: Bool
        ) -> Bool {
            guard let values, let others = event.values(of: other)?.map(PreparedValue.init) else {
                return false
            }
            return values.contains { value in
                others.contains { other in
                    guard !value.isNull, !other.isNull else { return false }
                    let mine = isCased ? value.raw : value.folded
                    let its = isCased ? other.raw : other.folded
                    switch placement {
                    case .whole: return mine == its
                    case .startswith: return mine.starts(with: its)
                    case .endswith:
                        return Glob.hasLiteral(its, in: mine, at: mine.count - its.count)
                    case .contains: return Glob.find(its, in: mine, from: 0) != nil
                    }
                }
            }
        }

        private mutating func prepare(_ field: Int32) -> [PreparedValue]? {
            if state.prepared[Int(field)] == state.epoch { return state.values[Int(field)] }
            let values = engine.values(of: field, in: event)
            state.prepared[Int(field)] = state.epoch
            state.values[Int(field)] = values
            return values
        }
    }

    private func values(of field: Int32, in event: FieldEvent) -> [PreparedValue]? {
        let name = fieldNames[Int(field)]
        if let values = event.values(of: name) { return values.map(PreparedValue.init) }
        // The normalised text follows from the text when the event does not bring it.
        guard field == normalisedField, let raw = event.values(of: TypedTextFields.raw) else {
            return nil
        }
        var folded = FoldedText()
        return raw.compactMap(\.written).flatMap { text in
            folded.fold(Array(text.utf8))
            return folded.sentences.map { PreparedValue(folded: $0) }
        }
    }

    /// The phrases in a text that stands alone.
    func phraseHits(in text: [UInt8]) -> [PhraseMatcher.Hit] {
        var folded = FoldedText()
        folded.fold(text)
        var lattice = WordLattice()
        LatticeBuilder(matcher: matcher, names: []).build(folded, into: &lattice)
        var hits: [PhraseMatcher.Hit] = []
        matcher.findAll(in: lattice, hits: &hits)
        return hits
    }

    /// Where a matched rule's questions were answered with yes: field and bytes of the value as it was.
    func explain(
        _ rule: Int, _ event: FieldEvent
    ) -> [(identifier: String, field: String, range: Range<Int>)] {
        var places: [(identifier: String, field: String, range: Range<Int>)] = []
        rules[rule].tree.forEach { predicate in
            guard let field = predicate.field,
                let values = event.values(of: field)?.map(PreparedValue.init)
            else { return }
            for value in values where value.answers(predicate.test) {
                var range = 0..<value.raw.count
                switch predicate.test {
                case .glob(let glob, let isCased):
                    let found = glob.range(in: isCased ? value.raw : value.folded) ?? range
                    range = isCased ? found : value.rawRange(found)
                case .expression(let expression):
                    range = expression.firstMatch(in: value.raw) ?? range
                default: break
                }
                places.append((rules[rule].identifiers[predicate] ?? "", field, range))
                break
            }
        }
        return places
    }
}

/// Memory of the engine for one event, used again for the next: nothing is cleared but a number.
struct EngineState: Sendable {
    fileprivate(set) var epoch: UInt32 = 0
    fileprivate var asked: [UInt32] = []
    fileprivate var answers: [Bool] = []
    fileprivate var prepared: [UInt32] = []
    fileprivate var values: [[PreparedValue]?] = []
    fileprivate var awake: [UInt32] = []
    fileprivate var rules: [Int32] = []
    fileprivate var candidates: [Int32] = []
    fileprivate var keywords: [PreparedValue] = []
    fileprivate var arePhrasesKnown = false

    fileprivate mutating func begin(predicates: Int, fields: Int, rules ruleCount: Int) {
        if asked.count != predicates || awake.count != ruleCount || epoch == .max {
            asked = Array(repeating: 0, count: predicates)
            answers = Array(repeating: false, count: predicates)
            prepared = Array(repeating: 0, count: fields)
            values = Array(repeating: nil, count: fields)
            awake = Array(repeating: 0, count: ruleCount)
            epoch = 0
        }
        epoch += 1
        rules.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        keywords.removeAll(keepingCapacity: true)
        arePhrasesKnown = false
    }

    fileprivate mutating func set(_ predicate: Int32, _ answer: Bool) {
        asked[Int(predicate)] = epoch
        answers[Int(predicate)] = answer
    }
}

extension RuleEngine {
    private struct Compiler {
        var predicates: [Predicate] = []
        var numbers: [Predicate: Int32] = [:]
        var fieldOfPredicate: [Int32] = []
        var fieldNames: [String] = []
        var fieldNumbers: [String: Int32] = [:]
        var indexes: [FieldIndex] = []
        var keywordIndex = FieldIndex([])
        var hasKeywords = false
        var program = RuleProgram()
        var rulesOfWitness: [[Int32]] = []
        var restlessRules: [Int32] = []
        var sources: [LogSource] = []
        var sourceNumbers: [LogSource: Int32] = [:]
        var sourceOfRule: [Int32] = []
        var phrases: [PhrasePattern] = []
        var phrasePredicates: [Int32] = []
        private var witnessNumbers: Set<Int32> = []
        private var ruleCount: Int32 = 0

        mutating func add(_ rule: Rule) {
            rule.tree.forEach { predicate in _ = number(predicate) }
            let numbers = numbers
            program.add(rule.tree) { numbers[$0] ?? -1 }
            let witnesses = RuleProgram.witnesses(rule.tree, cost: Self.cost)
            if let witnesses, !witnesses.isEmpty {
                for witness in witnesses {
                    guard let number = numbers[witness] else { continue }
                    rulesOfWitness[Int(number)].append(ruleCount)
                    witnessNumbers.insert(number)
                }
            } else {
                restlessRules.append(ruleCount)
            }
            let source = sourceNumbers[rule.logSource] ?? Int32(sources.count)
            if Int(source) == sources.count {
                sources.append(rule.logSource)
                sourceNumbers[rule.logSource] = source
            }
            sourceOfRule.append(source)
            ruleCount += 1
        }

        private mutating func number(_ predicate: Predicate) -> Int32 {
            if let number = numbers[predicate] { return number }
            let number = Int32(predicates.count)
            numbers[predicate] = number
            predicates.append(predicate)
            rulesOfWitness.append([])
            var field: Int32 = -1
            if let name = predicate.field {
                field = fieldNumbers[name] ?? Int32(fieldNames.count)
                if Int(field) == fieldNames.count {
                    fieldNames.append(name)
                    fieldNumbers[name] = field
                }
            } else {
                hasKeywords = true
            }
            fieldOfPredicate.append(field)
            if case .phrase(let pattern) = predicate.test {
                phrases.append(pattern)
                phrasePredicates.append(number)
            }
            return number
        }

        /// Indexes hold only the questions that rules wait for.
        mutating func finish() {
            var byField: [[(number: Int32, test: Predicate.Test)]] = Array(
                repeating: [], count: fieldNames.count)
            var keywords: [(number: Int32, test: Predicate.Test)] = []
            for number in witnessNumbers.sorted() {
                let predicate = predicates[Int(number)]
                if case .phrase = predicate.test { continue }
                let field = fieldOfPredicate[Int(number)]
                if field < 0 {
                    keywords.append((number, predicate.test))
                } else {
                    byField[Int(field)].append((number, predicate.test))
                }
            }
            indexes = byField.map { FieldIndex($0) }
            keywordIndex = FieldIndex(keywords)
        }

        /// Long literals are rare, expressions and numbers are asked of every event that has the field.
        private static func cost(_ predicate: Predicate) -> Int {
            switch predicate.test {
            case .glob(let glob, _):
                let length = glob.plainBytes?.count ?? glob.longestLiteral?.count ?? 0
                let isWhole = glob.plainBytes != nil
                return length == 0 ? 5_000 : max(1, (isWhole ? 20 : 100) / length)
            case .phrase: return 1
            case .number: return 300
            default: return 3_000
            }
        }
    }
}

extension RuleEngine {
    /// For each rule the phrases that speak for it: those that no `not` stands before.
    func phrasesOfRules() -> [[Int32]] {
        var numbers: [PhrasePattern: Int32] = [:]
        for (phrase, predicate) in phrasePredicates.enumerated() {
            if case .phrase(let pattern) = predicates[Int(predicate)].test {
                numbers[pattern] = Int32(phrase)
            }
        }
        func collect(_ tree: PredicateTree, _ isNegated: Bool, into found: inout [Int32]) {
            switch tree {
            case .predicate(let predicate):
                if !isNegated, case .phrase(let pattern) = predicate.test,
                    let number = numbers[pattern]
                {
                    found.append(number)
                }
            case .all(let parts), .any(let parts):
                for part in parts { collect(part, isNegated, into: &found) }
            case .not(let inner): collect(inner, !isNegated, into: &found)
            }
        }
        return rules.map { rule in
            var found: [Int32] = []
            collect(rule.tree, false, into: &found)
            return found
        }
    }

    /// Whether rules for a source look at text in other ways than by phrases.
    func hasTextRulesWithoutPhrases(from source: LogSource) -> Bool {
        rules.contains { rule in
            guard rule.logSource.accepts(source) else { return false }
            var hasOther = false
            rule.tree.forEach { predicate in
                if case .phrase = predicate.test { return }
                hasOther = true
            }
            return hasOther
        }
    }
}
