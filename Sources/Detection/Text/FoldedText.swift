/// A typed text as folded words, each with its place in the original bytes.
///
/// One pass over the bytes. Words are runs of letters and digits after ``ScalarFold``; apostrophes inside them
/// vanish, marks of leet writing (`@ $ ! |`) and of masking (`* # _`) stay when they touch a letter. What
/// stands between words is kept as the kind of break: a comma does not cut a phrase, the end of a sentence does.
struct FoldedText {
    /// What stands before a word.
    enum Break: UInt8, Comparable {
        /// Nothing but spaces, hyphens and the like.
        case space
        /// A comma, a colon, a bracket.
        case clause
        /// Enter: the message was sent and the next begun.
        case enter
        /// The end of a sentence.
        case sentence

        static func < (left: Break, right: Break) -> Bool { left.rawValue < right.rawValue }
    }

    /// A word.
    struct Word {
        /// Its folded bytes, as a range of ``FoldedText/bytes``.
        var start: Int32
        var end: Int32
        /// Its original bytes.
        var lower: Int32
        var upper: Int32
        /// What stands before it.
        var before: Break
        /// How many characters stand between it and the word before.
        var distance: UInt8
        /// Whether it holds digits or signs that stand for letters.
        var hasSigns = false
        /// Whether it holds a mark that hides a letter.
        var hasMask = false
        /// Whether some character stands three times in a row or more.
        var hasRun = false
        /// Whether it holds a letter.
        var hasLetter = false
        /// Whether its first letter was a capital.
        var isCapitalised = false
        /// Whether it stands inside quotation marks.
        var isQuoted = false
        /// Whether it is an emoji.
        var isEmoji = false
        /// Hash of its folded bytes.
        var hash: UInt64 = 0
    }

    /// The folded bytes of all words, one after the other.
    private(set) var bytes: [UInt8] = []
    /// The words in order.
    private(set) var words: [Word] = []
    /// Whether the text begins with a capital and ends its last sentence.
    private(set) var isProse = false

    private var quoteOpen = -1
    private var singleQuoteOpen = -1

    /// Empties it but keeps its room.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
        isProse = false
        quoteOpen = -1
        singleQuoteOpen = -1
    }

    /// Folds a text in UTF-8.
    mutating func fold(_ text: [UInt8]) {
        clear()
        var offset = 0
        var pending = Break.sentence
        var distance = 0
        var word = Word(start: 0, end: 0, lower: 0, upper: 0, before: .sentence, distance: 0)
        var isOpen = false
        var lastIsStop = false

        @inline(__always)
        func isWordByte(_ index: Int) -> Bool {
            guard index >= 0, index < text.count else { return false }
            let byte = text[index]
            return byte >= 0x80 || Self.kind[Int(byte)] == .word
        }
        @inline(__always)
        func begin(at lower: Int) {
            guard !isOpen else { return }
            isOpen = true
            word = Word(
                start: Int32(bytes.count), end: 0, lower: Int32(lower), upper: 0, before: pending,
                distance: UInt8(min(distance, 255)))
            pending = .space
            distance = 0
        }
        @inline(__always)
        func close(at upper: Int) {
            guard isOpen else { return }
            isOpen = false
            finish(&word, at: upper)
        }
        @inline(__always)
        func separate(_ kind: Break) {
            pending = max(pending, kind)
            distance += 1
        }

        while offset < text.count {
            let byte = text[offset]
            if byte < 0x80 {
                switch Self.kind[Int(byte)] {
                case .word:
                    begin(at: offset)
                    bytes.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
                    if byte &- 0x41 < 26, Int(word.start) == bytes.count - 1 {
                        word.isCapitalised = true
                    }
                    lastIsStop = false
                case .apostrophe:
                    // Inside a word it vanishes; at its edge it may open or close a quotation.
                    if isOpen, isWordByte(offset + 1) { break }
                    close(at: offset)
                    singleQuote(
                        at: offset, opens: isWordByte(offset + 1) && !isWordByte(offset - 1))
                    distance += 1
                case .quote:
                    close(at: offset)
                    quote(at: offset)
                    separate(.clause)
                case .leet:
                    let follows = isWordByte(offset + 1)
                    if follows && (isOpen || byte != UInt8(ascii: "!"))
                        || (isOpen && byte == UInt8(ascii: "$"))
                    {
                        begin(at: offset)
                        bytes.append(byte)
                        word.hasSigns = true
                    } else {
                        close(at: offset)
                        separate(byte == UInt8(ascii: "!") ? .sentence : .space)
                        lastIsStop = byte == UInt8(ascii: "!")
                    }
                case .mask:
                    if isOpen || (byte == UInt8(ascii: "*") && isWordByte(offset + 1)) {
                        begin(at: offset)
                        bytes.append(byte)
                        word.hasMask = true
                    } else {
                        separate(.space)
                    }
                case .stop:
                    let isInside = byte == UInt8(ascii: ".") && isWordByte(offset + 1)
                    close(at: offset)
                    separate(isInside ? .space : .sentence)
                    lastIsStop = true
                case .newline:
                    close(at: offset)
                    separate(.enter)
                case .clause:
                    close(at: offset)
                    separate(.clause)
                case .space:
                    close(at: offset)
                    separate(.space)
                }
                offset += 1
                continue
            }
            let (value, size) = UTF8Reader.scalar(text, at: offset)
            let entry = ScalarFold.shared.entry(value)
            switch entry.role {
            case .letter:
                begin(at: offset)
                if entry.count > 0 {
                    bytes.append(entry.bytes.0)
                    if entry.count > 1 { bytes.append(entry.bytes.1) }
                    if entry.count > 2 { bytes.append(entry.bytes.2) }
                } else {
                    appendOther(value)
                }
                lastIsStop = false
            case .ignored: break
            case .apostrophe:
                if !(isOpen && isWordByte(offset + size)) {
                    close(at: offset)
                    singleQuote(
                        at: offset, opens: isWordByte(offset + size) && !isWordByte(offset - 1))
                    distance += 1
                }
            case .quote:
                close(at: offset)
                quote(at: offset)
                separate(.clause)
            case .sentenceEnd:
                close(at: offset)
                separate(.sentence)
                lastIsStop = true
            case .separator:
                close(at: offset)
                separate(.space)
            case .emoji:
                close(at: offset)
                begin(at: offset)
                bytes.append(contentsOf: text[offset..<(offset + size)])
                word.isEmoji = true
                close(at: offset + size)
            }
            offset += size
        }
        close(at: offset)
        isProse = lastIsStop && (words.first?.isCapitalised ?? false) && words.count >= 6
    }

    private mutating func appendOther(_ value: UInt32) {
        guard let scalar = Unicode.Scalar(value) else { return }
        let lowered = scalar.properties.lowercaseMapping
        bytes.append(contentsOf: lowered.utf8)
    }

    private mutating func finish(_ word: inout Word, at upper: Int) {
        var end = bytes.count
        let start = Int(word.start)
        // Marks at the end of a word with no letter after them may be emphasis: kept, see WordReadings.
        while end > start + 1, bytes[end - 1] == UInt8(ascii: "_") { end -= 1 }
        if end < bytes.count { bytes.removeLast(bytes.count - end) }
        guard end > start else { return }
        word.end = Int32(end)
        word.upper = Int32(upper)
        var hash = WordHash.start
        var run = 0
        var previous: UInt8 = 0
        var index = start
        while index < end {
            let byte = bytes[index]
            hash = WordHash.step(hash, byte)
            if byte &- 0x61 < 26 || byte >= 0x80 {
                word.hasLetter = true
            } else if byte &- 0x30 < 10 {
                word.hasSigns = true
            }
            run = byte == previous ? run + 1 : 1
            if run >= 3 { word.hasRun = true }
            previous = byte
            index += 1
        }
        word.hash = WordHash.finish(hash)
        if words.count < DetectionLimits.wordsMaximum { words.append(word) }
    }

    private mutating func quote(at offset: Int) {
        if quoteOpen < 0 {
            quoteOpen = words.count
        } else {
            markQuoted(from: quoteOpen)
            quoteOpen = -1
        }
    }

    private mutating func singleQuote(at offset: Int, opens: Bool) {
        if opens {
            singleQuoteOpen = words.count
        } else if singleQuoteOpen >= 0 {
            markQuoted(from: singleQuoteOpen)
            singleQuoteOpen = -1
        }
    }

    private mutating func markQuoted(from first: Int) {
        for index in min(first, words.count)..<words.count { words[index].isQuoted = true }
    }

    private enum Kind: UInt8 {
        case word, apostrophe, quote, leet, mask, stop, newline, clause, space
    }

    private static let kind: [Kind] = (0..<128).map { value in
        switch UInt8(value) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            .word
        case UInt8(ascii: "'"), UInt8(ascii: "`"): .apostrophe
        case UInt8(ascii: "\""): .quote
        case UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "|"): .leet
        case UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: "_"): .mask
        case UInt8(ascii: "."), UInt8(ascii: "?"): .stop
        case 0x0A, 0x0D: .newline
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "("),
            UInt8(ascii: ")"):
            .clause
        default: .space
        }
    }

    /// The folded words of a text, for rules and lexicons.
    static func words(of text: String) -> [String] {
        var folded = FoldedText()
        folded.fold(Array(text.utf8))
        return folded.words.map {
            String(decoding: folded.bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
        }
    }

    /// The folded words separated and surrounded by single spaces, one text for each sentence.
    var sentences: [[UInt8]] {
        var all: [[UInt8]] = []
        var sentence: [UInt8] = []
        for word in words {
            if word.before == .sentence, !sentence.isEmpty {
                all.append(sentence)
                sentence = []
            }
            if sentence.isEmpty { sentence.append(0x20) }
            sentence.append(contentsOf: bytes[Int(word.start)..<Int(word.end)])
            sentence.append(0x20)
        }
        if !sentence.isEmpty { all.append(sentence) }
        return all
    }
}
