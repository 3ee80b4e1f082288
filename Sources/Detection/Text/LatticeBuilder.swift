/// Builds the lattice of a folded text: every word as written, and every way in which it may hide another
/// (detection.md 2.2).
struct LatticeBuilder {
    let vocabulary: Vocabulary
    /// Hashes of the roster's names.
    let names: Set<UInt64>
    /// Numbers of words that are first names.
    let isFirstName: [Bool]

    /// Words that are run together with others and mean nothing alone; see ``smallWords(of:)``.
    private let smallWords: Set<Int32>

    /// A builder for one text.
    init(matcher: PhraseMatcher, names: Set<UInt64>) {
        vocabulary = matcher.vocabulary
        self.names = names
        isFirstName = matcher.isFirstName
        smallWords = matcher.smallWords
    }

    /// The numbers of words that are run together with others and mean nothing alone.
    static func smallWords(of vocabulary: Vocabulary) -> Set<Int32> {
        let words = [
            "you", "u", "ur", "your", "youre", "ya", "im", "he", "hes", "she", "shes", "is", "the",
            "such", "so", "off", "up", "lol", "and", "are", "r",
        ]
        return Set(words.map { vocabulary.word(WordHash.of($0)) }.filter { $0 >= 0 })
    }

    /// Messages of at most this many words may be the beginning of the next one.
    private static let softEnterWordsMaximum = 6

    /// Fills a lattice.
    func build(_ text: borrowing FoldedText, into lattice: inout WordLattice) {
        let words = text.words
        lattice.begin(words: words.count)
        setGates(words, in: &lattice)
        let isLeet = words.contains { $0.hasSigns && $0.hasLetter }
        var singles = 0
        for index in words.indices {
            addWritten(words[index], at: index, text, into: &lattice)
            if isLeet, words[index].hasSigns, !words[index].hasLetter {
                // A lone 1 is an I where other words are written with digits.
                let bytes = Array(text.bytes[Int(words[index].start)..<Int(words[index].end)])
                for number in readings(bytes) {
                    lattice.add(
                        from: Int32(index), to: Int32(index + 1), word: number,
                        lower: words[index].lower, upper: words[index].upper)
                }
            }
            if index > 0 { addJoin(index, text, into: &lattice) }
            let isSingle =
                words[index].end - words[index].start == 1 && !words[index].isEmoji
            let goesOn = isSingle && (singles == 0 || words[index].before <= .clause)
            if !goesOn {
                addSpaced(from: index - singles, count: singles, text, into: &lattice)
                singles = 0
            }
            if isSingle { singles += 1 }
        }
        addSpaced(from: words.count - singles, count: singles, text, into: &lattice)
        addAliases(words, into: &lattice)
    }

    /// Other ways to write the same: `u r` for `you are`, `dnt` for `don't`.
    private func addAliases(_ words: [FoldedText.Word], into lattice: inout WordLattice) {
        let writtenCount = lattice.edges.count
        for index in 0..<writtenCount {
            let edge = lattice.edges[index]
            guard edge.word >= 0, let aliases = vocabulary.aliases(beginningWith: edge.word) else {
                continue
            }
            for alias in aliases {
                guard let (to, upper) = follow(alias.rest, from: edge, in: lattice) else {
                    continue
                }
                for reading in alias.readings {
                    addPath(
                        reading, from: edge.from, to: to, edge.lower, upper, into: &lattice)
                }
            }
        }
    }

    private func follow(
        _ rest: [Int32], from edge: WordLattice.Edge, in lattice: borrowing WordLattice
    ) -> (Int32, Int32)? {
        var place = (edge.to, edge.upper)
        for word in rest {
            guard lattice.gates[Int(place.0)] == .open else { return nil }
            var next = lattice.headOut[Int(place.0)]
            while next >= 0, lattice.edges[Int(next)].word != word {
                next = lattice.edges[Int(next)].nextOut
            }
            guard next >= 0 else { return nil }
            place = (lattice.edges[Int(next)].to, lattice.edges[Int(next)].upper)
        }
        return place
    }

    private func setGates(_ words: [FoldedText.Word], in lattice: inout WordLattice) {
        var message = 0
        for index in words.indices {
            switch words[index].before {
            case .sentence:
                lattice.setGate(.closed, at: index)
                message = 0
            case .enter:
                let isCutShort = message <= Self.softEnterWordsMaximum
                lattice.setGate(isCutShort ? .softEnter : .hardEnter, at: index)
                message = 0
            case .space, .clause: break
            }
            message += 1
        }
    }

    private func addWritten(
        _ word: FoldedText.Word, at index: Int, _ text: borrowing FoldedText,
        into lattice: inout WordLattice
    ) {
        let from = Int32(index)
        var number = vocabulary.word(word.hash)
        let isKnownName = number >= 0 && isFirstName[Int(number)]
        let isInner = word.before == .space || word.before == .clause
        let isName =
            isKnownName || names.contains(word.hash)
            || (word.isCapitalised && isInner && word.end - word.start > 1)
        lattice.add(
            from: from, to: from + 1, word: number, lower: word.lower, upper: word.upper,
            isWritten: true, isName: isName)
        func add(_ number: Int32) {
            lattice.add(
                from: from, to: from + 1, word: number, lower: word.lower, upper: word.upper)
        }
        if word.isEmoji {
            for meaning in vocabulary.meanings(ofEmoji: word.hash) {
                addPath(meaning, from: from, to: from + 1, word.lower, word.upper, into: &lattice)
            }
            return
        }
        let length = word.end - word.start
        let bytes = text.bytes[Int(word.start)..<Int(word.end)]
        if word.hasMask {
            for number in maskReadings(bytes) { add(number) }
        } else if word.hasRun || (word.hasSigns && word.hasLetter) || hasSignsOnly(word, bytes) {
            for reading in readings(Array(bytes)) { add(reading) }
        } else if number < 0, length >= 4 {
            number = vocabulary.misspelt(word.hash)
            if number >= 0 { add(number) }
        }
        if number < 0, length >= 6, length <= 40, !word.hasMask {
            addSegments(
                Array(bytes), from: from, to: from + 1, word.lower, word.upper, into: &lattice)
        }
    }

    /// `$` and `@` stand for letters even where no letter stands with them.
    private func hasSignsOnly(_ word: FoldedText.Word, _ bytes: ArraySlice<UInt8>) -> Bool {
        guard word.hasSigns, !word.hasLetter else { return false }
        return bytes.contains(UInt8(ascii: "$")) || bytes.contains(UInt8(ascii: "@"))
    }

    private func addPath(
        _ path: [Int32], from: Int32, to: Int32, _ lower: Int32, _ upper: Int32,
        into lattice: inout WordLattice
    ) {
        var node = from
        for (index, number) in path.enumerated() {
            let next = index == path.count - 1 ? to : lattice.addNode()
            lattice.add(from: node, to: next, word: number, lower: lower, upper: upper)
            node = next
        }
    }

    // MARK: Words that hide others

    /// Words that fit marks; marks around a word may be emphasis, so without them too.
    private func maskReadings(_ bytes: ArraySlice<UInt8>) -> [Int32] {
        var inner = bytes
        while let first = inner.first, FoldedText.isMask(first) { inner.removeFirst() }
        let leading = bytes.count - inner.count
        while let last = inner.last, FoldedText.isMask(last) { inner.removeLast() }
        guard !inner.isEmpty else { return [] }
        var found: [Int32] = []
        if inner.count < bytes.count, !inner.contains(where: FoldedText.isMask) {
            let number = vocabulary.word(WordHash.of(Array(inner), 0, inner.count))
            if number >= 0 { found.append(number) }
        }
        // A first letter that is hidden leaves too much open.
        if leading == 0 { found += vocabulary.words(fitting: bytes).prefix(6) }
        return found
    }

    /// The words that digits, signs and repeats may stand for.
    private func readings(_ written: [UInt8]) -> [Int32] {
        var spellings: [[UInt8]] = [[]]
        for byte in written {
            let letters = Leet.letters(byte)
            let choices = letters.isEmpty ? [byte] : letters
            spellings = spellings.flatMap { start in choices.map { start + [$0] } }
            if spellings.count > DetectionLimits.wordReadingsMaximum {
                spellings.removeLast(spellings.count - DetectionLimits.wordReadingsMaximum)
            }
        }
        var found: [Int32] = []
        for spelling in spellings {
            for candidate in Self.squeezed(spelling) {
                let hash = WordHash.of(candidate, 0, candidate.count)
                var number = vocabulary.word(hash)
                if number < 0, candidate.count >= 4 { number = vocabulary.misspelt(hash) }
                if number >= 0, !found.contains(number) { found.append(number) }
            }
        }
        return found
    }

    /// The spelling as it is, with long runs cut to two, with long runs cut to one, and all runs cut to one.
    static func squeezed(_ bytes: [UInt8]) -> [[UInt8]] {
        var twos: [UInt8] = []
        var ones: [UInt8] = []
        var singles: [UInt8] = []
        var index = 0
        while index < bytes.count {
            var end = index
            while end < bytes.count, bytes[end] == bytes[index] { end += 1 }
            let run = end - index
            for _ in 0..<min(run, 2) { twos.append(bytes[index]) }
            for _ in 0..<(run >= 3 ? 1 : run) { ones.append(bytes[index]) }
            singles.append(bytes[index])
            index = end
        }
        var all = [bytes]
        for candidate in [twos, ones, singles] where !all.contains(candidate) {
            all.append(candidate)
        }
        // Mixed: one run of the word is a double letter, the others are not.
        if singles.count < ones.count || singles.count < twos.count {
            var position = 0
            while position < twos.count - 1 {
                if twos[position] == twos[position + 1] {
                    let prefix = squeezePrefix(twos, upTo: position)
                    let rest = squeezeAll(Array(twos[(position + 2)...]))
                    let mixed = prefix + [twos[position], twos[position]] + rest
                    if !all.contains(mixed) { all.append(mixed) }
                }
                position += 1
            }
        }
        return all
    }

    private static func squeezePrefix(_ bytes: [UInt8], upTo end: Int) -> [UInt8] {
        squeezeAll(Array(bytes[..<end]))
    }

    private static func squeezeAll(_ bytes: [UInt8]) -> [UInt8] {
        var squeezed: [UInt8] = []
        for byte in bytes where squeezed.last != byte { squeezed.append(byte) }
        return squeezed
    }

    // MARK: Words written apart

    /// A word cut by Enter or by a space.
    private func addJoin(
        _ index: Int, _ text: borrowing FoldedText, into lattice: inout WordLattice
    ) {
        let left = text.words[index - 1]
        let right = text.words[index]
        guard right.before == .enter || (right.before == .space && right.distance == 1) else {
            return
        }
        let isHalfKnown = vocabulary.word(left.hash) >= 0 && vocabulary.word(right.hash) >= 0
        guard !isHalfKnown, right.end - left.start >= 4, !left.isEmoji, !right.isEmoji else {
            return
        }
        let number = vocabulary.word(WordHash.of(text.bytes, Int(left.start), Int(right.end)))
        guard number >= 0, right.before == .enter || vocabulary.isHarsh(number) else { return }
        lattice.add(
            from: Int32(index - 1), to: Int32(index + 1), word: number, lower: left.lower,
            upper: right.upper)
    }

    /// Letters typed with spaces or stops between them.
    private func addSpaced(
        from first: Int, count: Int, _ text: borrowing FoldedText, into lattice: inout WordLattice
    ) {
        guard count >= 3, count <= 60 else { return }
        addLetters(first..<(first + count), text, into: &lattice)
        var start = first
        var groups: [Range<Int>] = []
        for index in (first + 1)..<(first + count) where text.words[index].distance >= 2 {
            groups.append(start..<index)
            start = index
        }
        guard !groups.isEmpty else { return }
        groups.append(start..<(first + count))
        for group in groups where group.count >= 2 { addLetters(group, text, into: &lattice) }
    }

    private func addLetters(
        _ range: Range<Int>, _ text: borrowing FoldedText, into lattice: inout WordLattice
    ) {
        let start = Int(text.words[range.lowerBound].start)
        let end = Int(text.words[range.upperBound - 1].end)
        let bytes = Array(text.bytes[start..<end])
        let lower = text.words[range.lowerBound].lower
        let upper = text.words[range.upperBound - 1].upper
        let from = Int32(range.lowerBound)
        let to = Int32(range.upperBound)
        var found = readings(bytes)
        if bytes.contains(where: FoldedText.isMask) { found += maskReadings(bytes[...]) }
        for number in found {
            lattice.add(from: from, to: to, word: number, lower: lower, upper: upper)
        }
        if found.isEmpty {
            addSegments(bytes, from: from, to: to, lower, upper, into: &lattice)
        }
    }

    /// Several words written as one: the split into known words with the fewest parts.
    private func addSegments(
        _ bytes: [UInt8], from: Int32, to: Int32, _ lower: Int32, _ upper: Int32,
        into lattice: inout WordLattice
    ) {
        let count = bytes.count
        var best = [Int](repeating: Int.max, count: count + 1)
        var previous = [Int](repeating: -1, count: count + 1)
        var word = [Int32](repeating: -1, count: count + 1)
        best[0] = 0
        for start in 0..<count where best[start] < 8 {
            var hash = WordHash.start
            for end in (start + 1)...count where end - start <= 16 {
                hash = WordHash.step(hash, bytes[end - 1])
                let number = vocabulary.word(WordHash.finish(hash))
                guard number >= 0, best[start] + 1 < best[end] else { continue }
                if end - start == 1, !Self.isWordLetter(bytes[start]) { continue }
                best[end] = best[start] + 1
                previous[end] = start
                word[end] = number
            }
        }
        guard best[count] >= 2, best[count] < 9 else { return }
        var path: [Int32] = []
        var end = count
        while end > 0 {
            path.append(word[end])
            end = previous[end]
        }
        path.reverse()
        addSplit(path, from: from, to: to, lower, upper, into: &lattice)
    }

    /// The words of a split. A phrase may begin or end inside only where nothing but small words is
    /// left out ("uretard", "fuckyou"): in "contrast" or "affair" it would be an accident.
    private func addSplit(
        _ path: [Int32], from: Int32, to: Int32, _ lower: Int32, _ upper: Int32,
        into lattice: inout WordLattice
    ) {
        var node = from
        for (index, number) in path.enumerated() {
            let isLast = index == path.count - 1
            let next =
                isLast
                ? to
                : lattice.addNode(
                    mayBegin: path[...index].allSatisfy(smallWords.contains),
                    mayEnd: path[(index + 1)...].allSatisfy(smallWords.contains))
            lattice.add(from: node, to: next, word: number, lower: lower, upper: upper)
            node = next
        }
    }

    private static func isWordLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "i") || byte == UInt8(ascii: "a") || byte == UInt8(ascii: "u")
            || byte == UInt8(ascii: "r")
    }
}
