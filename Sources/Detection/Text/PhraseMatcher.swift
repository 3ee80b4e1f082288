/// Finds phrases in a lattice of words.
///
/// Each phrase waits at its rarest slot. A text is looked through once; only where a word of such a slot stands
/// is the phrase compared to the left and to the right. A text without such words costs one table look-up a word.
struct PhraseMatcher: Sendable {
    /// Where a phrase was found.
    struct Hit {
        /// The number of the phrase.
        var phrase: Int32
        /// The nodes it lies between.
        var from: Int32
        var to: Int32
        /// Its original bytes.
        var lower: Int32
        var upper: Int32
    }

    private enum Kind: UInt8 { case word, lexicon, optional, gap, name }

    private struct Slot {
        var kind: Kind
        var value: Int32
    }

    private struct Phrase {
        var first: Int32
        var end: Int32
        var startsSentence: Bool
        var endsSentence: Bool
    }

    /// The sequences of a lexicon that begin (or end) with one word.
    private struct Branch {
        var hasSingle = false
        var sequences: [[Int32]] = []
    }

    private struct Anchor {
        /// The phrase, or -1 when the anchor is an entry of a lexicon.
        var phrase: Int32
        /// The slot of the phrase, or the lexicon.
        var slot: Int32
        /// The entry of the lexicon and the place of the word in it.
        var entry: Int32
        var offset: Int32
    }

    /// The words.
    let vocabulary: Vocabulary
    /// First names among them, by number.
    let isFirstName: [Bool]
    /// Words that mean nothing alone, by number.
    let smallWords: Set<Int32>
    private let slots: [Slot]
    private let phrases: [Phrase]
    private let anchorStart: [Int32]
    private let anchors: [Anchor]
    private let lexiconUses: [[(phrase: Int32, slot: Int32)]]
    private let entries: [[Int32]]
    private let byFirst: HashTable
    private let byLast: HashTable
    private let branches: [Branch]

    /// Compiles phrases; hits name them by their place in the list.
    init(patterns: [PhrasePattern], lexicons: Lexicons) {
        var compiler = Compiler(lexicons: lexicons)
        compiler.compile(patterns)
        vocabulary = compiler.vocabulary
        isFirstName = compiler.firstNames
        smallWords = LatticeBuilder.smallWords(of: compiler.vocabulary)
        slots = compiler.slots
        phrases = compiler.phrases
        lexiconUses = compiler.lexiconUses
        entries = compiler.entries
        byFirst = compiler.byFirst
        byLast = compiler.byLast
        branches = compiler.branches
        var starts: [Int32] = []
        var flat: [Anchor] = []
        for list in compiler.anchorsByWord {
            starts.append(Int32(flat.count))
            flat += list
        }
        starts.append(Int32(flat.count))
        anchorStart = starts
        anchors = flat
    }

    /// Finds every phrase; at most one hit for a phrase at one anchor.
    func findAll(in lattice: borrowing WordLattice, hits: inout [Hit]) {
        hits.removeAll(keepingCapacity: true)
        for edge in lattice.edges where edge.word >= 0 {
            let word = Int(edge.word)
            var index = Int(anchorStart[word])
            let end = Int(anchorStart[word + 1])
            while index < end {
                let anchor = anchors[index]
                index += 1
                if anchor.phrase >= 0 {
                    compare(
                        anchor.phrase, anchor.slot, from: edge.from, to: edge.to, lower: edge.lower,
                        upper: edge.upper, lattice, &hits)
                } else {
                    compareEntry(anchor, at: edge, lattice, &hits)
                }
            }
        }
    }

    /// The whole entry of a lexicon around one of its words, then every phrase that waits for it.
    private func compareEntry(
        _ anchor: Anchor, at edge: WordLattice.Edge, _ lattice: borrowing WordLattice,
        _ hits: inout [Hit]
    ) {
        let entry = entries[Int(anchor.entry)]
        var from = edge.from
        var lower = edge.lower
        var offset = Int(anchor.offset) - 1
        while offset >= 0 {
            guard let left = step(left: from, to: entry[offset], lattice) else { return }
            from = lattice.edges[left].from
            lower = lattice.edges[left].lower
            offset -= 1
        }
        var to = edge.to
        var upper = edge.upper
        offset = Int(anchor.offset) + 1
        while offset < entry.count {
            guard let right = step(right: to, to: entry[offset], lattice) else { return }
            to = lattice.edges[right].to
            upper = lattice.edges[right].upper
            offset += 1
        }
        for use in lexiconUses[Int(anchor.slot)] {
            compare(
                use.phrase, use.slot, from: from, to: to, lower: lower, upper: upper, lattice, &hits
            )
        }
    }

    private func step(
        left node: Int32, to word: Int32, _ lattice: borrowing WordLattice
    ) -> Int? {
        guard lattice.isPassable(node) else { return nil }
        var edge = lattice.headIn[Int(node)]
        while edge >= 0 {
            if lattice.edges[Int(edge)].word == word { return Int(edge) }
            edge = lattice.edges[Int(edge)].nextIn
        }
        return nil
    }

    private func step(
        right node: Int32, to word: Int32, _ lattice: borrowing WordLattice
    ) -> Int? {
        guard lattice.isPassable(node) else { return nil }
        var edge = lattice.headOut[Int(node)]
        while edge >= 0 {
            if lattice.edges[Int(edge)].word == word { return Int(edge) }
            edge = lattice.edges[Int(edge)].nextOut
        }
        return nil
    }

    private func compare(
        _ number: Int32, _ slot: Int32, from: Int32, to: Int32, lower: Int32, upper: Int32,
        _ lattice: borrowing WordLattice, _ hits: inout [Hit]
    ) {
        let phrase = phrases[Int(number)]
        // No input may cost more than a bounded number of comparisons for one anchor.
        var budget = 400
        guard
            let right = right(
                phrase, Int(phrase.first + slot) + 1, (to, upper), lattice, &budget)
        else { return }
        guard
            let left = left(phrase, Int(phrase.first + slot) - 1, (from, lower), lattice, &budget)
        else { return }
        // "contrast" holds "cont", but not as a word of its own.
        guard lattice.mayBegin[Int(left.0)], lattice.mayEnd[Int(right.0)] else { return }
        hits.append(
            Hit(phrase: number, from: left.0, to: right.0, lower: left.1, upper: right.1))
    }

    private typealias Place = (Int32, Int32)

    private func right(
        _ phrase: Phrase, _ slot: Int, _ place: Place, _ lattice: borrowing WordLattice,
        _ budget: inout Int
    ) -> Place? {
        budget -= 1
        guard budget > 0 else { return nil }
        guard slot < Int(phrase.end) else {
            return phrase.endsSentence && !lattice.isEdge(place.0) ? nil : place
        }
        let element = slots[slot]
        switch element.kind {
        case .optional:
            if let end = lexiconRight(phrase, slot, element.value, place, lattice, &budget) {
                return end
            }
            return right(phrase, slot + 1, place, lattice, &budget)
        case .lexicon: return lexiconRight(phrase, slot, element.value, place, lattice, &budget)
        case .gap:
            return gapRight(phrase, slot, Int(element.value), place, lattice, &budget)
        case .word, .name:
            guard lattice.isPassable(place.0) else { return nil }
            var edge = lattice.headOut[Int(place.0)]
            while edge >= 0 {
                let candidate = lattice.edges[Int(edge)]
                edge = candidate.nextOut
                let fits =
                    element.kind == .name ? candidate.isName : candidate.word == element.value
                guard fits else { continue }
                if let end = right(
                    phrase, slot + 1, (candidate.to, candidate.upper), lattice, &budget)
                {
                    return end
                }
            }
            return nil
        }
    }

    private func gapRight(
        _ phrase: Phrase, _ slot: Int, _ room: Int, _ place: Place,
        _ lattice: borrowing WordLattice, _ budget: inout Int
    ) -> Place? {
        if let end = right(phrase, slot + 1, place, lattice, &budget) { return end }
        guard room > 0, lattice.isPassable(place.0) else { return nil }
        var edge = lattice.headOut[Int(place.0)]
        while edge >= 0 {
            let candidate = lattice.edges[Int(edge)]
            edge = candidate.nextOut
            guard candidate.isWritten else { continue }
            return gapRight(
                phrase, slot, room - 1, (candidate.to, candidate.upper), lattice, &budget)
        }
        return nil
    }

    private func lexiconRight(
        _ phrase: Phrase, _ slot: Int, _ lexicon: Int32, _ place: Place,
        _ lattice: borrowing WordLattice, _ budget: inout Int
    ) -> Place? {
        guard lattice.isPassable(place.0) else { return nil }
        var edge = lattice.headOut[Int(place.0)]
        while edge >= 0 {
            let candidate = lattice.edges[Int(edge)]
            edge = candidate.nextOut
            guard candidate.word >= 0 else { continue }
            let branch = byFirst[Self.key(lexicon, candidate.word)]
            guard branch >= 0 else { continue }
            for sequence in branches[Int(branch)].sequences {
                var end: Place = (candidate.to, candidate.upper)
                var isWhole = true
                for word in sequence.dropFirst() {
                    guard let next = step(right: end.0, to: word, lattice) else {
                        isWhole = false
                        break
                    }
                    end = (lattice.edges[next].to, lattice.edges[next].upper)
                }
                if isWhole, let found = right(phrase, slot + 1, end, lattice, &budget) {
                    return found
                }
            }
            if branches[Int(branch)].hasSingle,
                let found = right(
                    phrase, slot + 1, (candidate.to, candidate.upper), lattice, &budget)
            {
                return found
            }
        }
        return nil
    }

    private func left(
        _ phrase: Phrase, _ slot: Int, _ place: Place, _ lattice: borrowing WordLattice,
        _ budget: inout Int
    ) -> Place? {
        budget -= 1
        guard budget > 0 else { return nil }
        guard slot >= Int(phrase.first) else {
            return phrase.startsSentence && !lattice.isEdge(place.0) ? nil : place
        }
        let element = slots[slot]
        switch element.kind {
        case .optional:
            if let start = lexiconLeft(phrase, slot, element.value, place, lattice, &budget) {
                return start
            }
            return left(phrase, slot - 1, place, lattice, &budget)
        case .lexicon: return lexiconLeft(phrase, slot, element.value, place, lattice, &budget)
        case .gap: return gapLeft(phrase, slot, Int(element.value), place, lattice, &budget)
        case .word, .name:
            guard lattice.isPassable(place.0) else { return nil }
            var edge = lattice.headIn[Int(place.0)]
            while edge >= 0 {
                let candidate = lattice.edges[Int(edge)]
                edge = candidate.nextIn
                let fits =
                    element.kind == .name ? candidate.isName : candidate.word == element.value
                guard fits else { continue }
                if let start = left(
                    phrase, slot - 1, (candidate.from, candidate.lower), lattice, &budget)
                {
                    return start
                }
            }
            return nil
        }
    }

    private func gapLeft(
        _ phrase: Phrase, _ slot: Int, _ room: Int, _ place: Place,
        _ lattice: borrowing WordLattice, _ budget: inout Int
    ) -> Place? {
        if let start = left(phrase, slot - 1, place, lattice, &budget) { return start }
        guard room > 0, lattice.isPassable(place.0) else { return nil }
        var edge = lattice.headIn[Int(place.0)]
        while edge >= 0 {
            let candidate = lattice.edges[Int(edge)]
            edge = candidate.nextIn
            guard candidate.isWritten else { continue }
            return gapLeft(
                phrase, slot, room - 1, (candidate.from, candidate.lower), lattice, &budget)
        }
        return nil
    }

    private func lexiconLeft(
        _ phrase: Phrase, _ slot: Int, _ lexicon: Int32, _ place: Place,
        _ lattice: borrowing WordLattice, _ budget: inout Int
    ) -> Place? {
        guard lattice.isPassable(place.0) else { return nil }
        var edge = lattice.headIn[Int(place.0)]
        while edge >= 0 {
            let candidate = lattice.edges[Int(edge)]
            edge = candidate.nextIn
            guard candidate.word >= 0 else { continue }
            let branch = byLast[Self.key(lexicon, candidate.word)]
            guard branch >= 0 else { continue }
            for sequence in branches[Int(branch)].sequences {
                var start: Place = (candidate.from, candidate.lower)
                var isWhole = true
                for word in sequence.dropLast().reversed() {
                    guard let next = step(left: start.0, to: word, lattice) else {
                        isWhole = false
                        break
                    }
                    start = (lattice.edges[next].from, lattice.edges[next].lower)
                }
                if isWhole, let found = left(phrase, slot - 1, start, lattice, &budget) {
                    return found
                }
            }
            if branches[Int(branch)].hasSingle,
                let found = left(
                    phrase, slot - 1, (candidate.from, candidate.lower), lattice, &budget)
            {
                return found
            }
        }
        return nil
    }

    @inline(__always)
    private static func key(_ lexicon: Int32, _ word: Int32) -> UInt64 {
        WordHash.finish(UInt64(UInt32(lexicon)) << 32 | UInt64(UInt32(word)) &+ 0x9E37)
    }

    // MARK: Compiling

    private struct Compiler {
        let lexicons: Lexicons
        var vocabulary = Vocabulary()
        var firstNames: [Bool] = []
        var slots: [Slot] = []
        var phrases: [Phrase] = []
        var entries: [[Int32]] = []
        var entryRanges: [Range<Int>] = []
        var lexiconNumbers: [String: Int32] = [:]
        var lexiconUses: [[(phrase: Int32, slot: Int32)]] = []
        var byFirst = HashTable(capacity: 4_096)
        var byLast = HashTable(capacity: 4_096)
        var branches: [Branch] = []
        var anchorsByWord: [[Anchor]] = []
        private var costs: [Int] = []
        private var lexiconCosts: [Int] = []

        init(lexicons: Lexicons) { self.lexicons = lexicons }

        mutating func compile(_ patterns: [PhrasePattern]) {
            for pattern in patterns { addPhrase(pattern) }
            // First names count as names even when no phrase lists them.
            if lexicons["first_names"] != nil { _ = number(ofLexicon: "first_names") }
            for (symbol, meanings) in lexicons.emoji {
                vocabulary.setEmoji(symbol, meanings: meanings)
            }
            for (written, readings) in lexicons.aliases {
                vocabulary.setAlias(written, readings: readings)
            }
            allowSpellings()
            anchorsByWord = Array(repeating: [], count: vocabulary.words.count)
            firstNames = Array(repeating: false, count: vocabulary.words.count)
            if let names = lexiconNumbers["first_names"] {
                for entry in entryRanges[Int(names)] {
                    if entries[entry].count == 1 { firstNames[Int(entries[entry][0])] = true }
                }
            }
            costs = vocabulary.words.map { WordFrequency.cost($0) }
            lexiconCosts = entryRanges.map { range in
                range.reduce(0) { $0 + rarest(entries[$1]).cost }
            }
            for index in phrases.indices { anchor(index) }
            anchorLexicons()
        }

        private mutating func addPhrase(_ pattern: PhrasePattern) {
            let first = Int32(slots.count)
            for element in pattern.elements {
                let slot: Slot =
                    switch element {
                    case .word(let word): Slot(kind: .word, value: vocabulary.add(word))
                    case .lexicon(let name):
                        Slot(kind: .lexicon, value: number(ofLexicon: name))
                    case .optional(let name):
                        Slot(kind: .optional, value: number(ofLexicon: name))
                    case .gap(let count): Slot(kind: .gap, value: Int32(count))
                    case .name: Slot(kind: .name, value: 0)
                    }
                slots.append(slot)
            }
            phrases.append(
                Phrase(
                    first: first, end: Int32(slots.count), startsSentence: pattern.startsSentence,
                    endsSentence: pattern.endsSentence))
        }

        private mutating func number(ofLexicon name: String) -> Int32 {
            if let number = lexiconNumbers[name] { return number }
            let number = Int32(lexiconUses.count)
            lexiconNumbers[name] = number
            lexiconUses.append([])
            let start = entries.count
            for entry in lexicons[name]?.entries ?? [] {
                let words = entry.map { vocabulary.add($0) }
                entries.append(words)
                addBranch(number, words, isFirst: true)
                addBranch(number, words, isFirst: false)
            }
            entryRanges.append(start..<entries.count)
            return number
        }

        private mutating func addBranch(_ lexicon: Int32, _ words: [Int32], isFirst: Bool) {
            guard let word = isFirst ? words.first : words.last else { return }
            let key = PhraseMatcher.key(lexicon, word)
            var branch = isFirst ? byFirst[key] : byLast[key]
            if branch < 0 {
                branch = Int32(branches.count)
                branches.append(Branch())
                if isFirst { byFirst.insert(key, branch) } else { byLast.insert(key, branch) }
            }
            if words.count == 1 {
                branches[Int(branch)].hasSingle = true
            } else {
                branches[Int(branch)].sequences.append(words)
                // Longest first, so that a phrase takes as much as it can.
                branches[Int(branch)].sequences.sort { $0.count > $1.count }
            }
        }

        private mutating func allowSpellings() {
            let plain = Set(lexicons.plainWords)
            for name in lexiconNumbers.keys.sorted() {
                guard let lexicon = lexicons[name] else { continue }
                for entry in lexicon.entries {
                    for word in entry {
                        let number = vocabulary.add(word)
                        if lexicon.isMasked { vocabulary.allowMasks(number) }
                        if lexicon.isMisspelt {
                            vocabulary.allowMisspellings(number, plainWords: plain)
                        }
                    }
                }
            }
            vocabulary.allowSlips(plainWords: plain)
        }

        /// Chooses the slot with the fewest expected occurrences.
        private mutating func anchor(_ index: Int) {
            let phrase = phrases[index]
            var best: (slot: Int, cost: Int)?
            for slot in Int(phrase.first)..<Int(phrase.end) {
                let cost: Int
                switch slots[slot].kind {
                case .word: cost = costs[Int(slots[slot].value)]
                case .lexicon: cost = lexiconCosts[Int(slots[slot].value)]
                case .optional, .gap, .name: continue
                }
                if best.map({ cost < $0.cost }) ?? true { best = (slot, cost) }
            }
            guard let best else { return }
            let slot = Int32(best.slot) - phrase.first
            let element = slots[best.slot]
            if element.kind == .word {
                anchorsByWord[Int(element.value)].append(
                    Anchor(phrase: Int32(index), slot: slot, entry: -1, offset: 0))
            } else {
                lexiconUses[Int(element.value)].append((Int32(index), slot))
            }
        }

        private mutating func anchorLexicons() {
            for (lexicon, uses) in lexiconUses.enumerated() where !uses.isEmpty {
                for entry in entryRanges[lexicon] {
                    let offset = rarest(entries[entry]).offset
                    anchorsByWord[Int(entries[entry][offset])].append(
                        Anchor(
                            phrase: -1, slot: Int32(lexicon), entry: Int32(entry),
                            offset: Int32(offset)))
                }
            }
        }

        private func rarest(_ entry: [Int32]) -> (offset: Int, cost: Int) {
            var best = (offset: 0, cost: Int.max)
            for (offset, word) in entry.enumerated() {
                let cost = costs[Int(word)]
                if cost < best.cost { best = (offset, cost) }
            }
            return best
        }
    }
}

/// How often a word is met, roughly, to choose where a phrase waits.
enum WordFrequency {
    /// Expected occurrences in some ten thousand words; 1 for all but the commonest.
    static func cost(_ word: String) -> Int {
        if commonest.contains(word) { return 200 }
        return common.contains(word) ? 30 : 1
    }

    private static let commonest: Set<String> = [
        "a", "and", "at", "be", "but", "can", "do", "for", "have", "he", "i", "im", "in", "is",
        "it",
        "its", "just", "like", "me", "my", "no", "not", "of", "on", "or", "she", "so", "that",
        "the",
        "they", "this", "to", "u", "was", "we", "what", "with", "you", "your", "ur", "are", "r",
        "if", "get", "go", "up", "out", "all", "dont", "will", "am", "an", "as", "by", "her", "him",
        "his", "how", "them", "then", "there", "when", "who", "from", "be", "been", "had", "has",
    ]

    private static let common: Set<String> = [
        "about", "after", "again", "any", "back", "because", "being", "come", "could", "day", "did",
        "does", "down", "even", "ever", "every", "everyone", "feel", "friend", "friends", "girl",
        "give", "going", "gonna", "good", "got", "home", "know", "last", "let", "look", "looks",
        "make", "more", "mum", "need", "never", "new", "nobody", "now", "one", "only", "other",
        "our", "over", "people", "please", "really", "right", "said", "say", "school", "see",
        "should", "some", "someone", "still", "stop", "such", "take", "tell", "than", "their",
        "think", "time", "today", "tomorrow", "too", "us", "very", "want", "wanna", "were", "why",
        "work", "would", "year", "youre", "yourself", "thats", "hes", "shes", "theyre", "id", "ill",
        "off", "into", "myself", "thing", "things", "way", "well", "went", "where", "which",
        "while",
    ]
}
