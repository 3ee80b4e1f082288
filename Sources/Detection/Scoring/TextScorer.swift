import Events

/// A rule's best hit in one text, with all that speaks for it and against it.
struct ScoredHit {
    /// The rule's place in the engine.
    var rule: Int
    /// Original bytes.
    var lower: Int
    var upper: Int
    /// How sure, of 100.
    var confidence: Int
    /// How soon a person must look.
    var severity: Severity
    /// What it is about; a disclosure takes the theme of what it reports.
    var theme: Theme
    /// What raised or lowered it.
    var reasons: [String]
}

/// Scores one text: which rules hold, how sure, and what speaks against it (detection.md 2.3 to 2.7).
struct TextScorer: Sendable {
    let engine: RuleEngine
    /// The phrases of each rule that speak for it, by number.
    private let phrasesOfRule: [[Int32]]
    private let contexts: [ContextFrame]
    /// For each phrase of the matcher, the context it belongs to, or -1.
    private let contextOfPhrase: [Int32]
    private let hasPlainTextRules: Bool

    private static let source = LogSource(category: "typed_text", product: "school_agent")
    /// A hit that is less sure is not shown.
    private static let enough = 50
    /// What another signal in the same text adds.
    private static let secondSignal = 25
    /// How many words may stand between a negation and what it negates.
    static let negationWords = 2

    /// Compiles a pack.
    init(pack: RulePack) {
        let frames = pack.lexicons.contexts
        engine = RuleEngine(
            rules: pack.rules, lexicons: pack.lexicons, contexts: frames.flatMap(\.phrases))
        contexts = frames
        var numbers: [Int32: Int32] = [:]
        for (phrase, predicate) in engine.phrasePredicates.enumerated() {
            numbers[predicate] = Int32(phrase)
        }
        phrasesOfRule = engine.phrasesOfRules()
        var owner = [Int32](repeating: -1, count: engine.phrasePredicates.count)
        for (index, frame) in frames.enumerated() {
            owner += Array(repeating: Int32(index), count: frame.phrases.count)
        }
        contextOfPhrase = owner
        hasPlainTextRules = engine.hasTextRulesWithoutPhrases(from: Self.source)
    }

    /// Memory for one text, used again for the next.
    struct Scratch: Sendable {
        var folded = FoldedText()
        var lattice = WordLattice()
        var hits: [PhraseMatcher.Hit] = []
        var state = EngineState()
    }

    /// The rules that hold for a text, best hit of each; only hits that reach beyond `start`.
    func score(
        _ text: [UInt8], names: Set<UInt64>, beyond start: Int, scratch: inout Scratch
    ) -> [ScoredHit] {
        scratch.folded.fold(text)
        LatticeBuilder(matcher: engine.matcher, names: names)
            .build(scratch.folded, into: &scratch.lattice)
        engine.matcher.findAll(in: scratch.lattice, hits: &scratch.hits)
        let isSilent = !scratch.hits.contains { Int($0.phrase) < engine.phrasePredicates.count }
        if isSilent, !hasPlainTextRules { return [] }
        let event = FieldEvent(fields: [
            TypedTextFields.raw: .text(String(decoding: text, as: UTF8.self))
        ])
        let matched = engine.matches(
            event, from: Self.source, phrases: scratch.hits, state: &scratch.state)
        guard !matched.isEmpty else { return [] }
        let surroundings = Surroundings(scratch.folded, scratch.hits, contextOfPhrase)
        var scored: [ScoredHit] = []
        for rule in matched {
            if let hit = best(rule, event, scratch.hits, surroundings, beyond: start) {
                scored.append(hit)
            }
        }
        return settle(scored)
    }

    /// The surest hit of a rule.
    private func best(
        _ rule: Int, _ event: FieldEvent, _ hits: [PhraseMatcher.Hit],
        _ surroundings: Surroundings, beyond start: Int
    ) -> ScoredHit? {
        guard let safeguarding = engine.rules[rule].safeguarding else { return nil }
        let phrases = phrasesOfRule[rule]
        var places = hits.filter { phrases.contains($0.phrase) }.map {
            (Int($0.lower), Int($0.upper))
        }
        if places.isEmpty {
            places = engine.explain(rule, event).map { ($0.range.lowerBound, $0.range.upperBound) }
        }
        var best: ScoredHit?
        for (lower, upper) in places where upper > start {
            let hit = weigh(
                ScoredHit(
                    rule: rule, lower: lower, upper: upper,
                    confidence: safeguarding.tier.confidence, severity: safeguarding.severity,
                    theme: safeguarding.theme, reasons: [safeguarding.reason]),
                safeguarding, surroundings)
            if best.map({ hit.confidence > $0.confidence }) ?? true { best = hit }
        }
        return best
    }

    /// Contexts lower a hit: by half for what means one thing, never by negation for what a child may say of itself.
    private func weigh(
        _ hit: ScoredHit, _ safeguarding: Safeguarding, _ surroundings: Surroundings
    ) -> ScoredHit {
        var hit = hit
        let words = surroundings.words(hit.lower, hit.upper)
        var lowered = 0
        for (index, frame) in contexts.enumerated() {
            guard !safeguarding.ignoredContexts.contains(frame.name) else { continue }
            guard surroundings.holds(frame, index, around: words) else { continue }
            if frame.reach == .before, Self.defiesNegation(safeguarding) { continue }
            let amount = safeguarding.tier == .unambiguous ? frame.lowers * 2 / 3 : frame.lowers
            lowered = max(lowered, amount) + min(lowered, amount) / 3
            hit.reasons.append(frame.says)
        }
        hit.confidence -= lowered
        if lowered >= 15, hit.severity > .recordOnly {
            hit.severity = Severity(rawValue: hit.severity.rawValue - 1) ?? hit.severity
        }
        return hit
    }

    private static func defiesNegation(_ safeguarding: Safeguarding) -> Bool {
        switch safeguarding.theme {
        case .suicide, .selfHarm, .grooming, .illegal: true
        default: safeguarding.tier == .disclosure
        }
    }

    /// Second signals, the disclosure route, and what is left of swearing beside graver things.
    private func settle(_ scored: [ScoredHit]) -> [ScoredHit] {
        var hits = scored
        if scored.count > 1 {
            for index in hits.indices {
                let hasSecond = scored.contains { other in
                    other.rule != hits[index].rule && other.confidence >= 35
                        && (other.upper <= hits[index].lower || other.lower >= hits[index].upper)
                        && tier(other.rule) != .swearing
                }
                if hasSecond {
                    hits[index].confidence += Self.secondSignal
                    hits[index].reasons.append("another sign stands in the same text")
                }
            }
        }
        hits.removeAll { $0.confidence < Self.enough }
        hits = routeDisclosures(hits)
        if hits.contains(where: { $0.theme != .swearingOnly }) {
            hits.removeAll { $0.theme == .swearingOnly }
        }
        return hits
    }

    /// A text that asks for help is a disclosure: the words it reports are not held against the writer, they only
    /// say what it is about.
    private func routeDisclosures(_ hits: [ScoredHit]) -> [ScoredHit] {
        guard let first = hits.firstIndex(where: { tier($0.rule) == .disclosure }) else {
            return hits
        }
        var kept: [ScoredHit] = []
        var theme: Theme?
        for hit in hits where tier(hit.rule) != .disclosure {
            switch hit.theme {
            case .hateRace, .hateReligion, .hateLGBT, .hateDisability, .harassmentSexual:
                theme = theme ?? hit.theme
            case .bullying, .threat, .swearingOnly, .reputation, .violenceWeapon, .drugs, .adult:
                break
            default: if hit.severity >= .sameDay { kept.append(hit) }
            }
        }
        var disclosures = hits.filter { tier($0.rule) == .disclosure }
        if let theme, hits[first].theme == .bullying {
            for index in disclosures.indices where disclosures[index].theme == .bullying {
                disclosures[index].theme = theme
            }
        }
        return disclosures + kept
    }

    private func tier(_ rule: Int) -> Tier { engine.rules[rule].safeguarding?.tier ?? .phrase }
}

/// What stands around the hits of a text, by number of word.
struct Surroundings {
    private let folded: FoldedText
    private let sentence: [Int]
    private var found: [(context: Int, words: Range<Int>)] = []

    /// Collects the contexts that were found.
    init(_ folded: FoldedText, _ hits: [PhraseMatcher.Hit], _ contextOfPhrase: [Int32]) {
        self.folded = folded
        var number = 0
        sentence = folded.words.map { word in
            if word.before == .sentence || word.before == .enter { number += 1 }
            return number
        }
        for hit in hits where contextOfPhrase[Int(hit.phrase)] >= 0 {
            found.append(
                (Int(contextOfPhrase[Int(hit.phrase)]), words(Int(hit.lower), Int(hit.upper))))
        }
    }

    /// The words that a range of original bytes touches.
    func words(_ lower: Int, _ upper: Int) -> Range<Int> {
        let words = folded.words
        let first = words.firstIndex { Int($0.upper) > lower } ?? words.count
        let last = words.lastIndex { Int($0.lower) < upper } ?? -1
        return first..<max(first, last + 1)
    }

    /// Whether a context holds for a hit.
    func holds(_ frame: ContextFrame, _ index: Int, around hit: Range<Int>) -> Bool {
        switch frame.sign {
        case "quoted": return !hit.isEmpty && hit.allSatisfy { folded.words[$0].isQuoted }
        case "prose": return folded.isProse
        default: break
        }
        return found.contains { candidate in
            guard candidate.context == index else { return false }
            switch frame.reach {
            case .passage: return true
            case .sentence: return shares(candidate.words, hit)
            case .before:
                guard shares(candidate.words, hit) else { return false }
                let distance = hit.lowerBound - candidate.words.upperBound
                return distance >= 0 && distance <= TextScorer.negationWords
            }
        }
    }

    private func shares(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard let first = one.first, let second = other.first, first < sentence.count,
            second < sentence.count
        else { return false }
        return sentence[first] == sentence[second]
    }
}
