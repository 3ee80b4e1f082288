/// A Swift source cut into what the rules look at: its words and signs without comments and the
/// text of string literals, and its comments by line.
///
/// Not a parser: it knows comments, strings with interpolation and names in backticks, and nothing else.
struct SwiftText: Sendable {
    /// A word or a single sign.
    struct Token: Sendable {
        var text: String
        /// The line, from 1.
        var line: Int
        /// Nothing but white space stands before it on its line.
        var isFirst: Bool
        /// No space stands between it and the token before it.
        var isAttached: Bool
    }

    private(set) var tokens: [Token] = []
    /// The text of all comments that touch a line.
    private(set) var comments: [Int: String] = [:]
    /// The text of all string literals, with their lines.
    private(set) var literals: [(text: String, line: Int)] = []

    init(_ source: String) {
        var scanner = Scanner(bytes: Array(source.utf8))
        scanner.code(until: nil)
        tokens = scanner.tokens
        comments = scanner.comments
        literals = scanner.literals
    }

    /// Whether a comment stands on a line or on one of the three before it: a `guard` may be that long.
    func isExplained(_ line: Int) -> Bool { (line - 3...line).contains { comments[$0] != nil } }

    /// The comment that ends on the line before a line, joined.
    func commentAbove(_ line: Int) -> String {
        var text: [String] = []
        var above = line - 1
        while let comment = comments[above] {
            text.insert(comment, at: 0)
            above -= 1
        }
        return text.joined(separator: " ")
    }
}

extension SwiftText {
    /// The places where some words and signs follow each other.
    func places(of sequence: String...) -> [(index: Int, line: Int)] {
        tokens.indices.compactMap { start in
            guard start + sequence.count <= tokens.count else { return nil }
            let isHere = sequence.indices.allSatisfy {
                tokens[start + $0].text == sequence[$0]
            }
            return isHere ? (start, tokens[start].line) : nil
        }
    }

    /// The modules a file imports.
    var imports: [(module: String, line: Int)] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
        return places(of: "import").compactMap { index, line in
            guard var next = tokens.indices.contains(index + 1) ? index + 1 : nil else {
                return nil
            }
            if kinds.contains(tokens[next].text), next + 1 < tokens.count { next += 1 }
            return tokens[next].line == line ? (tokens[next].text, line) : nil
        }
    }

    /// The types a file declares at any depth.
    var types: [(name: String, line: Int)] {
        ["struct", "class", "enum", "actor", "protocol", "typealias"].flatMap { keyword in
            places(of: keyword).compactMap { index, line in
                guard index + 1 < tokens.count, !tokens[index + 1].isAttached,
                    tokens[index + 1].text.first?.isLetter == true
                else { return nil }
                return (tokens[index + 1].text, line)
            }
        }
    }
}

/// Goes over the bytes once.
private struct Scanner {
    let bytes: [UInt8]
    var at = 0
    var line = 1
    var isFirst = true
    var isAttached = false
    var tokens: [SwiftText.Token] = []
    var comments: [Int: String] = [:]
    var literals: [(text: String, line: Int)] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ offset: Int = 0) -> UInt8? {
        at + offset < bytes.count ? bytes[at + offset] : nil
    }

    private func starts(with text: StaticString) -> Bool {
        let wanted = Array("\(text)".utf8)
        return at + wanted.count <= bytes.count
            && bytes[at..<at + wanted.count].elementsEqual(wanted)
    }

    /// Reads code up to the parenthesis that closes an interpolation, or to the end.
    mutating func code(until closing: UInt8?) {
        var depth = 0
        while let next = byte() {
            if starts(with: "//") {
                lineComment()
            } else if starts(with: "/*") {
                blockComment()
            } else if next == UInt8(ascii: "`") {
                quotedName()
            } else if next == UInt8(ascii: "\"") {
                literal(hashes: 0)
            } else if next == UInt8(ascii: "#"), let hashes = hashesBeforeQuote() {
                at += hashes
                literal(hashes: hashes)
            } else if isWord(next) {
                word()
            } else if next <= 0x20 {
                space(next)
            } else {
                if next == UInt8(ascii: "(") { depth += 1 }
                if next == UInt8(ascii: ")") {
                    if depth == 0, next == closing { return }
                    depth -= 1
                }
                add(String(UnicodeScalar(next)))
                at += 1
            }
        }
    }

    private mutating func add(_ text: String) {
        tokens.append(.init(text: text, line: line, isFirst: isFirst, isAttached: isAttached))
        isFirst = false
        isAttached = true
    }

    private mutating func space(_ next: UInt8) {
        if next == 0x0A {
            line += 1
            isFirst = true
        }
        isAttached = false
        at += 1
    }

    private func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private mutating func word() {
        let start = at
        while let next = byte(), isWord(next) { at += 1 }
        add(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func quotedName() {
        at += 1
        while let next = byte(), next != UInt8(ascii: "`"), next != 0x0A { at += 1 }
        at += 1
        add("`")
    }

    private mutating func lineComment() {
        let start = at
        while let next = byte(), next != 0x0A { at += 1 }
        note(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func blockComment() {
        let start = at
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                at += 2
            } else if starts(with: "*/") {
                depth -= 1
                at += 2
            } else {
                if byte() == 0x0A {
                    note("")
                    line += 1
                }
                at += 1
            }
        } while depth > 0 && at < bytes.count
        note(String(decoding: bytes[start..<min(at, bytes.count)], as: UTF8.self))
    }

    private mutating func note(_ text: String) {
        comments[line] = (comments[line].map { $0 + " " } ?? "") + text
    }

    private func hashesBeforeQuote() -> Int? {
        var count = 0
        while byte(count) == UInt8(ascii: "#") { count += 1 }
        return byte(count) == UInt8(ascii: "\"") ? count : nil
    }

    /// Reads a string literal from its first quote; code in interpolations counts as code.
    private mutating func literal(hashes: Int) {
        let isLong = starts(with: "\"\"\"")
        let closing =
            [UInt8](repeating: UInt8(ascii: "\""), count: isLong ? 3 : 1)
            + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        let escape =
            [UInt8(ascii: "\\")] + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        add("\"")
        at += isLong ? 3 : 1
        var text: [UInt8] = []
        let startLine = line
        while let next = byte() {
            if follows(closing) {
                at += closing.count
                break
            } else if follows(escape) {
                at += escape.count
                if byte() == UInt8(ascii: "(") {
                    at += 1
                    code(until: UInt8(ascii: ")"))
                    at += 1
                } else {
                    // The character after a backslash never ends the literal.
                    if byte() == 0x0A { line += 1 }
                    at += 1
                }
            } else {
                if next == 0x0A {
                    line += 1
                    guard isLong else { break }
                }
                text.append(next)
                at += 1
            }
        }
        isAttached = true
        literals.append((String(decoding: text, as: UTF8.self), startLine))
    }

    private func follows(_ wanted: [UInt8]) -> Bool {
        at + wanted.count <= bytes.count
            && bytes[at..<at + wanted.count].elementsEqual(wanted)
    }
}
