/// A named list of words and short phrases that placeholders of rules stand for.
public struct Lexicon: Hashable, Sendable {
    /// The name, as rules write it between per cent signs.
    public var name: String
    /// Whether a phrase may leave the slot out.
    public var isOptional: Bool
    /// Whether its words may be written with marks in place of letters.
    public var isMasked: Bool
    /// Whether common misspellings of its words count.
    public var isMisspelt: Bool
    /// The entries, each a list of folded words; nested lexicons written out.
    public var entries: [[String]]
    /// The entries as they were written, for fields that are not typed text.
    public var values: [String]
}

/// All lexicons of a pack, the meaning of its emoji, and the contexts that speak against a hit.
public struct Lexicons: Sendable {
    /// No lexicons.
    public static let none = Lexicons()

    private var lexicons: [String: Lexicon] = [:]
    /// What emoji stand for, as folded words; an emoji may stand for several.
    public private(set) var emoji: [(symbol: String, meanings: [[String]])] = []
    /// Words that are never taken for a misspelling of another.
    public private(set) var plainWords: [String] = []
    /// Other ways to write a word or a few: what is written, and what else it is read as.
    public private(set) var aliases: [(written: [String], readings: [[String]])] = []
    /// Contexts, in the order of the files.
    public private(set) var contexts: [ContextFrame] = []

    private init() {}

    /// Reads all documents of lexicons of a pack; they may name each other in any order.
    public init(documents: [(node: RuleNode, file: String)]) throws(RuleComplaint) {
        var sources: [String: LexiconSource] = [:]
        for (node, file) in documents {
            do throws(RuleComplaint) {
                for source in try LexiconSource.read(node) {
                    guard sources[source.name] == nil else {
                        throw RuleComplaint(
                            .duplicateID, at: source.position,
                            "the lexicon '\(source.name)' is there twice, join the two lists")
                    }
                    sources[source.name] = source
                }
                emoji += try Self.readMeanings(node, under: "emoji").compactMap {
                    guard let symbol = $0.written.first else { return nil }
                    return (symbol, $0.readings)
                }
                aliases += try Self.readMeanings(node, under: "aliases")
                plainWords += try LexiconSource.texts(node["plainWords"]).map(\.text)
            } catch {
                throw error.inFile(file)
            }
        }
        var writer = LexiconWriter(sources: sources)
        for name in sources.keys.sorted() { lexicons[name] = try writer.lexicon(name) }
        for (node, file) in documents {
            do throws(RuleComplaint) {
                contexts += try ContextFrame.read(node, lexicons: self)
            } catch {
                throw error.inFile(file)
            }
        }
    }

    /// The lexicon of a name, else nil.
    public subscript(name: String) -> Lexicon? { lexicons[name] }

    /// All names, sorted.
    public var names: [String] { lexicons.keys.sorted() }

    /// What a placeholder stands for in a field that is not typed text.
    func plainValues(of name: String) -> [String]? { lexicons[name]?.values }

    /// A map from what is written to one meaning or a list of them.
    private static func readMeanings(
        _ node: RuleNode, under key: String
    ) throws(RuleComplaint) -> [(written: [String], readings: [[String]])] {
        guard let map = node[key] else { return [] }
        guard let entries = map.entries else {
            throw RuleComplaint(
                .wrongType, at: map.position, "\(key) is \(map.kindName), it must be a map")
        }
        var all: [(written: [String], readings: [[String]])] = []
        for entry in entries {
            let readings = try LexiconSource.texts(entry.value).map {
                FoldedText.words(of: $0.text)
            }
            all.append((FoldedText.words(of: entry.key), readings))
        }
        return all
    }
}

extension RuleComplaint {
    /// The same complaint with the file named.
    func inFile(_ file: String) -> RuleComplaint {
        var named = self
        if named.file.isEmpty { named.file = file }
        return named
    }
}

/// A lexicon as its file has it, before nested ones are written out.
struct LexiconSource {
    var name: String
    var position: SourcePosition
    var isOptional = false
    var isMasked = false
    var isMisspelt = false
    var words: [(text: String, position: SourcePosition)] = []
    var verbs: [(text: String, position: SourcePosition)] = []
    var nouns: [(text: String, position: SourcePosition)] = []
    var forms: Set<Inflection.Form> = [.base, .third, .ing, .past]

    /// The lexicons of a document, in order.
    static func read(_ node: RuleNode) throws(RuleComplaint) -> [LexiconSource] {
        guard let map = node["lexicons"] else { return [] }
        guard let entries = map.entries else {
            throw RuleComplaint(
                .wrongType, at: map.position, "lexicons is \(map.kindName), it must be a map")
        }
        var all: [LexiconSource] = []
        for entry in entries { all.append(try read(entry)) }
        return all
    }

    private static func read(_ entry: RuleNode.Entry) throws(RuleComplaint) -> LexiconSource {
        var source = LexiconSource(name: entry.key, position: entry.position)
        if entry.value.list != nil {
            source.words = try texts(entry.value)
            return source
        }
        guard let fields = entry.value.entries else {
            throw RuleComplaint(
                .wrongType, at: entry.value.position,
                "the lexicon is \(entry.value.kindName), it must be a list or a map")
        }
        for field in fields {
            switch field.key {
            case "words", "values": source.words += try texts(field.value)
            case "verbs": source.verbs = try texts(field.value)
            case "nouns": source.nouns = try texts(field.value)
            case "optional": source.isOptional = try flag(field)
            case "masked": source.isMasked = try flag(field)
            case "misspelt": source.isMisspelt = try flag(field)
            case "forms": source.forms = try forms(field.value)
            default:
                throw RuleComplaint(
                    .badValue, at: field.position,
                    "'\(field.key)' is not known in a lexicon, use words, verbs, nouns, forms,"
                        + " optional, masked or misspelt")
            }
        }
        return source
    }

    private static func flag(_ entry: RuleNode.Entry) throws(RuleComplaint) -> Bool {
        guard case .boolean(let value) = entry.value.content else {
            throw RuleComplaint(
                .wrongType, at: entry.value.position, "'\(entry.key)' takes true or false")
        }
        return value
    }

    private static func forms(_ node: RuleNode) throws(RuleComplaint) -> Set<Inflection.Form> {
        var all: Set<Inflection.Form> = []
        for (text, position) in try texts(node) {
            guard let form = Inflection.Form(rawValue: text) else {
                throw RuleComplaint(
                    .badValue, at: position, "'\(text)' is not one of base, third, ing, past")
            }
            all.insert(form)
        }
        return all
    }

    /// The texts of a list or of one text; numbers count as text.
    static func texts(
        _ node: RuleNode?
    ) throws(RuleComplaint) -> [(text: String, position: SourcePosition)] {
        guard let node else { return [] }
        var all: [(text: String, position: SourcePosition)] = []
        for item in node.list ?? [node] {
            switch item.content {
            case .text(let text): all.append((text, item.position))
            case .integer(let number): all.append((String(number), item.position))
            default:
                throw RuleComplaint(
                    .wrongType, at: item.position,
                    "an entry is \(item.kindName), put it in quotation marks")
            }
        }
        return all
    }
}

/// Writes out lexicons that name others.
struct LexiconWriter {
    let sources: [String: LexiconSource]
    private var done: [String: Lexicon] = [:]
    private var open: [String] = []

    init(sources: [String: LexiconSource]) { self.sources = sources }

    /// The lexicon of a name with all that it names.
    mutating func lexicon(_ name: String) throws(RuleComplaint) -> Lexicon {
        if let lexicon = done[name] { return lexicon }
        guard let source = sources[name] else {
            preconditionFailure("a lexicon is asked for only by a name that was looked up")
        }
        guard !open.contains(name) else {
            throw RuleComplaint(
                .placeholder, at: source.position,
                "the lexicon '\(name)' names itself by way of \(open.joined(separator: ", "))")
        }
        open.append(name)
        defer { open.removeLast() }
        var entries: [[String]] = []
        for (text, position) in source.words { entries += try write(text, at: position) }
        for (text, position) in source.verbs {
            for entry in try write(text, at: position) {
                entries += Inflection.verb(entry, forms: source.forms)
            }
        }
        for (text, position) in source.nouns {
            for entry in try write(text, at: position) { entries += Inflection.noun(entry) }
        }
        guard entries.count <= DetectionLimits.lexiconEntriesMaximum else {
            throw RuleComplaint(
                .tooLarge, at: source.position,
                "the lexicon '\(name)' grows to \(entries.count) entries, at most"
                    + " \(DetectionLimits.lexiconEntriesMaximum) are taken")
        }
        var seen: Set<[String]> = []
        let lexicon = Lexicon(
            name: name, isOptional: source.isOptional, isMasked: source.isMasked,
            isMisspelt: source.isMisspelt,
            entries: entries.filter { !$0.isEmpty && seen.insert($0).inserted },
            values: source.words.map(\.text))
        done[name] = lexicon
        return lexicon
    }

    private mutating func write(
        _ text: String, at position: SourcePosition
    ) throws(RuleComplaint) -> [[String]] {
        guard text.contains("%") else { return [FoldedText.words(of: text)] }
        var results: [[String]] = [[]]
        for part in try Placeholders.split(text, at: position) {
            switch part {
            case .text(let text):
                let words = FoldedText.words(of: text)
                results = results.map { $0 + words }
            case .placeholder(let name, let offset):
                guard sources[name] != nil else {
                    throw RuleComplaint(
                        .placeholder, at: position.advanced(by: offset),
                        "there is no lexicon '\(name)', correct the name or add it")
                }
                let inner = try lexicon(name)
                let choices = (inner.isOptional ? [[]] : []) + inner.entries
                results = results.flatMap { start in choices.map { start + $0 } }
            }
            guard results.count <= DetectionLimits.lexiconEntriesMaximum else {
                throw RuleComplaint(
                    .tooLarge, at: position, "the entry stands for too many phrases, split it")
            }
        }
        return results
    }
}
