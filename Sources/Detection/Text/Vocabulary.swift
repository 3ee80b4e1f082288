/// Every word that some rule knows, with the ways in which pupils write it.
struct Vocabulary: Sendable {
    /// Another way to write a few words.
    struct Alias: Sendable {
        /// The words after the first one.
        var rest: [Int32]
        /// What they are read as.
        var readings: [[Int32]]
    }

    private var table = HashTable(capacity: 4_096)
    private var variants = HashTable(capacity: 4_096)
    private var isMasked: [Bool] = []
    private var maskBuckets: [[Int32]] = Array(repeating: [], count: 33)
    private var emojiIndex = HashTable()
    private var emojiMeanings: [[[Int32]]] = []
    private var aliases: [Int32: [Alias]] = [:]
    private var beginsAlias: [Bool] = []
    /// The words, by number.
    private(set) var words: [String] = []
    private var wordBytes: [[UInt8]] = []

    /// The number of a word, made when it is new.
    mutating func add(_ word: String) -> Int32 {
        let hash = WordHash.of(word)
        let known = table[hash]
        if known >= 0 { return known }
        let number = Int32(words.count)
        words.append(word)
        wordBytes.append(Array(word.utf8))
        isMasked.append(false)
        beginsAlias.append(false)
        table.insert(hash, number)
        return number
    }

    /// Lets a word be written with marks in place of letters.
    mutating func allowMasks(_ word: Int32) {
        let bytes = wordBytes[Int(word)]
        guard !isMasked[Int(word)], bytes.count >= 3, bytes.count < maskBuckets.count else {
            return
        }
        isMasked[Int(word)] = true
        maskBuckets[bytes.count].append(word)
    }

    /// Lets a word be misspelt in the common ways, unless that gives a word with a meaning of its own.
    mutating func allowMisspellings(_ word: Int32, plainWords: Set<String>) {
        for variant in Misspelling.variants(of: words[Int(word)])
        where !plainWords.contains(variant) {
            let hash = WordHash.of(variant)
            if table[hash] < 0 { variants.insert(hash, word) }
        }
    }

    /// Lets every longer word be mistyped; those whose misspellings are known already keep them.
    mutating func allowSlips(plainWords: Set<String>) {
        for (number, word) in words.enumerated() where word.utf8.count >= 5 {
            for slip in Misspelling.slips(of: word) where !plainWords.contains(slip) {
                let hash = WordHash.of(slip)
                if table[hash] < 0 { variants.insert(hash, Int32(number)) }
            }
        }
    }

    /// All spellings that are taken for another word, for checking them against a dictionary.
    func spellings(plainWords: Set<String>) -> Set<String> {
        var all: Set<String> = []
        for word in words {
            all.formUnion(Misspelling.variants(of: word))
            all.formUnion(Misspelling.slips(of: word))
        }
        return all.filter { variants[WordHash.of($0)] >= 0 }
    }

    /// Gives an emoji its meanings, each a phrase.
    mutating func setEmoji(_ symbol: String, meanings: [[String]]) {
        let numbers = meanings.map { $0.map { add($0) } }
        emojiIndex.insert(WordHash.of(symbol), Int32(emojiMeanings.count))
        emojiMeanings.append(numbers)
    }

    /// Lets words be read as others, beside what they are.
    mutating func setAlias(_ written: [String], readings: [[String]]) {
        let numbers = written.map { add($0) }
        guard let first = numbers.first else { return }
        let alias = Alias(
            rest: Array(numbers.dropFirst()), readings: readings.map { $0.map { add($0) } })
        aliases[first, default: []].append(alias)
        beginsAlias[Int(first)] = true
    }

    /// The aliases that begin with a word.
    @inline(__always)
    func aliases(beginningWith word: Int32) -> [Alias]? {
        beginsAlias[Int(word)] ? aliases[word] : nil
    }

    /// The number of a hash as it stands, or -1.
    @inline(__always)
    func word(_ hash: UInt64) -> Int32 { table[hash] }

    /// The number of the word that this is a common misspelling of, or -1.
    @inline(__always)
    func misspelt(_ hash: UInt64) -> Int32 { variants[hash] }

    /// Whether a word is written with marks in place of letters by those who mean it.
    @inline(__always)
    func isHarsh(_ word: Int32) -> Bool { isMasked[Int(word)] }

    /// What an emoji stands for.
    func meanings(ofEmoji hash: UInt64) -> [[Int32]] {
        let index = emojiIndex[hash]
        return index < 0 ? [] : emojiMeanings[Int(index)]
    }

    /// The words that fit a pattern with marks for letters.
    func words(fitting pattern: ArraySlice<UInt8>) -> [Int32] {
        guard pattern.count < maskBuckets.count else { return [] }
        return maskBuckets[pattern.count].filter { number in
            var index = pattern.startIndex
            for byte in wordBytes[Int(number)] {
                let shown = pattern[index]
                if !FoldedText.isMask(shown), byte != shown, !Leet.letters(shown).contains(byte) {
                    return false
                }
                index += 1
            }
            return true
        }
    }
}

extension FoldedText {
    /// Whether a byte hides a letter.
    static func isMask(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "_")
    }
}

/// Digits and signs that stand for letters.
enum Leet {
    /// The letters that a byte may stand for.
    static func letters(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "0"): [UInt8(ascii: "o")]
        case UInt8(ascii: "1"): [UInt8(ascii: "i"), UInt8(ascii: "l")]
        case UInt8(ascii: "3"): [UInt8(ascii: "e")]
        case UInt8(ascii: "4"), UInt8(ascii: "@"): [UInt8(ascii: "a")]
        case UInt8(ascii: "5"), UInt8(ascii: "$"): [UInt8(ascii: "s")]
        case UInt8(ascii: "6"), UInt8(ascii: "9"): [UInt8(ascii: "g")]
        case UInt8(ascii: "7"): [UInt8(ascii: "t")]
        case UInt8(ascii: "8"): [UInt8(ascii: "b")]
        case UInt8(ascii: "!"): [UInt8(ascii: "i")]
        case UInt8(ascii: "|"): [UInt8(ascii: "l"), UInt8(ascii: "i")]
        default: []
        }
    }
}

/// The common ways in which a word is misspelt or mistyped.
enum Misspelling {
    /// Swapped neighbours, a letter left out, doubled or halved, and spellings by sound.
    static func variants(of word: String) -> Set<String> {
        let letters = Array(word.utf8)
        guard letters.count >= 4, letters.allSatisfy({ $0 &- 0x61 < 26 }) else { return [] }
        var found: Set<String> = []
        func keep(_ bytes: [UInt8]) { found.insert(String(decoding: bytes, as: UTF8.self)) }
        for index in 0..<(letters.count - 1) where letters[index] != letters[index + 1] {
            var swapped = letters
            swapped.swapAt(index, index + 1)
            if index > 0 || letters.count >= 6 { keep(swapped) }
        }
        for index in letters.indices {
            // A letter left out of a short word leaves another word too often.
            if index > 0, letters.count >= 6 {
                var shorter = letters
                shorter.remove(at: index)
                keep(shorter)
            }
            if index > 0, index + 1 < letters.count, letters[index] == letters[index + 1] {
                var halved = letters
                halved.remove(at: index)
                keep(halved)
            }
            if letters.count >= 5 || index > 0 {
                var doubled = letters
                doubled.insert(letters[index], at: index)
                keep(doubled)
            }
        }
        for (written, heard) in sounds {
            var start = 0
            while let offset = Glob.find(written, in: letters, from: start) {
                let isOnlyAtEnd = written.first == UInt8(ascii: "e") && heard == [UInt8(ascii: "a")]
                if !isOnlyAtEnd || offset + written.count == letters.count {
                    var changed = letters
                    changed.replaceSubrange(offset..<(offset + written.count), with: heard)
                    if changed.count >= 3 { keep(changed) }
                }
                start = offset + 1
            }
        }
        found.remove(word)
        return found
    }

    /// Slips of the finger only: swapped neighbours, a letter doubled or left out. For words that no lexicon
    /// marks, where a spelling by sound would reach too far.
    static func slips(of word: String) -> Set<String> {
        let letters = Array(word.utf8)
        guard letters.count >= 5, letters.allSatisfy({ $0 &- 0x61 < 26 }) else { return [] }
        var found: Set<String> = []
        func keep(_ bytes: [UInt8]) { found.insert(String(decoding: bytes, as: UTF8.self)) }
        for index in 1..<letters.count {
            if letters[index] != letters[index - 1] {
                var swapped = letters
                swapped.swapAt(index, index - 1)
                keep(swapped)
            }
            var doubled = letters
            doubled.insert(letters[index], at: index)
            keep(doubled)
            if letters.count >= 6 || letters[index] == letters[index - 1] {
                var shorter = letters
                shorter.remove(at: index)
                keep(shorter)
            }
        }
        found.remove(word)
        return found
    }

    private static let sounds: [(written: [UInt8], heard: [UInt8])] = [
        ("ea", "e"), ("wr", "r"), ("gh", "g"), ("ape", "aip"), ("ike", "yk"), ("ay", "ey"),
        ("sch", "sk"), ("oul", "u"), ("ight", "ite"), ("ite", "ight"), ("ing", "in"), ("ng", "n"),
        ("nk", "nck"), ("sc", "s"), ("ss", "s"), ("st", "s"), ("bb", "b"), ("mm", "m"), ("rr", "r"),
        ("ui", "i"), ("igh", "y"), ("mb", "m"), ("er", "a"), ("er", "ur"), ("or", "er"),
        ("ar", "er"), ("ph", "f"), ("f", "ph"),
        ("ck", "k"), ("ck", "c"), ("c", "k"), ("k", "c"), ("c", "s"), ("s", "c"), ("s", "z"),
        ("z", "s"), ("ee", "ea"), ("ea", "ee"), ("ie", "ei"), ("ei", "ie"), ("oo", "u"),
        ("u", "oo"), ("y", "ee"), ("y", "i"), ("i", "y"), ("y", "ie"), ("ai", "ay"), ("a", "e"),
        ("e", "a"), ("i", "e"), ("e", "i"), ("o", "u"), ("u", "o"), ("a", "u"), ("u", "a"),
        ("qu", "kw"), ("x", "ks"), ("th", "f"), ("tt", "dd"), ("gh", ""), ("wh", "w"), ("kn", "n"),
        ("le", "el"), ("le", "al"), ("ly", "ley"), ("tion", "shun"), ("ou", "o"), ("igh", "i"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
