/// A Sigma string value: literal bytes with `*` (any run) and `?` (one character) between them (R10).
///
/// Escapes: a backslash is itself unless it stands before `*`, `?` or another backslash; `\*` and `\?` are the
/// characters themselves, `\\` before a wildcard or at the end is one backslash and `\\` elsewhere is one as
/// well, as the specification's list of examples has it.
struct Glob: Hashable, Sendable {
    /// A part of the pattern.
    enum Piece: Hashable, Sendable {
        case literal([UInt8])
        case anyCharacter
        case anyRun
    }

    /// The parts, no two runs and no two literals in a row.
    private(set) var pieces: [Piece]

    /// A pattern from parts, tidied.
    init(pieces: [Piece]) {
        self.pieces = []
        for piece in pieces { append(piece) }
    }

    /// Reads a value as Sigma writes it.
    init(parsing text: String) {
        pieces = []
        var literal: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        func isSpecial(_ byte: UInt8?) -> Bool {
            byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "\\")
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\\") where isSpecial(bytes.first):
                if let next = bytes.popFirst() { literal.append(next) }
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                if !literal.isEmpty { append(.literal(literal)) }
                literal = []
                append(byte == UInt8(ascii: "*") ? .anyRun : .anyCharacter)
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { append(.literal(literal)) }
    }

    /// A pattern that is one literal.
    init(literal: [UInt8]) {
        pieces = literal.isEmpty ? [] : [.literal(literal)]
    }

    private mutating func append(_ piece: Piece) {
        switch (pieces.last, piece) {
        case (.literal(let before), .literal(let more)):
            pieces[pieces.count - 1] = .literal(before + more)
        case (.anyRun, .anyRun): break
        default: pieces.append(piece)
        }
    }

    /// The literal bytes when there are no wildcards, else nil.
    var plainBytes: [UInt8]? {
        switch pieces.count {
        case 0: []
        case 1: if case .literal(let bytes) = pieces[0] { bytes } else { nil }
        default: nil
        }
    }

    /// The same with any run before it and after it.
    func padded(before: Bool, after: Bool) -> Glob {
        Glob(pieces: (before ? [.anyRun] : []) + pieces + (after ? [.anyRun] : []))
    }

    /// The same with literals folded by ``CaseFold``.
    func folded() -> Glob {
        Glob(
            pieces: pieces.map { piece in
                guard case .literal(let bytes) = piece else { return piece }
                return .literal(CaseFold.bytes(String(decoding: bytes, as: UTF8.self)))
            })
    }

    /// The literals changed by a function that may give several: the product of all choices.
    func replacingLiterals(_ change: ([UInt8], Bool) -> [[UInt8]]) -> [Glob] {
        var variants: [[Piece]] = [[]]
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .literal(let bytes):
                let choices = change(bytes, index == 0)
                variants = variants.flatMap { start in choices.map { start + [.literal($0)] } }
            default: variants = variants.map { $0 + [piece] }
            }
        }
        return variants.map { Glob(pieces: $0) }
    }

    /// The longest literal, the one worth looking for first.
    var longestLiteral: [UInt8]? {
        var longest: [UInt8]?
        for case .literal(let bytes) in pieces where bytes.count > (longest?.count ?? 0) {
            longest = bytes
        }
        return longest
    }

    /// Whether the whole value matches. Time grows with pattern times value at worst, never faster:
    /// a failed literal only ever restarts from the last `*`.
    func matches(_ value: [UInt8]) -> Bool {
        var piece = 0
        var offset = 0
        var restartPiece = -1
        var restartOffset = 0
        while true {
            if piece == pieces.count {
                if offset == value.count { return true }
            } else {
                switch pieces[piece] {
                case .anyRun:
                    if piece == pieces.count - 1 { return true }
                    restartPiece = piece + 1
                    restartOffset = offset
                    piece += 1
                    continue
                case .anyCharacter:
                    if offset < value.count {
                        offset += Self.width(value, at: offset)
                        piece += 1
                        continue
                    }
                case .literal(let bytes):
                    if Self.hasLiteral(bytes, in: value, at: offset) {
                        offset += bytes.count
                        piece += 1
                        continue
                    }
                }
            }
            guard restartPiece >= 0, restartOffset < value.count else { return false }
            // A literal after `*` is looked for, not tried byte by byte.
            if case .literal(let bytes) = pieces[restartPiece] {
                // The last literal of a pattern with no run after it can only stand at the end.
                if restartPiece == pieces.count - 1 {
                    return value.count - bytes.count >= restartOffset
                        && Self.hasLiteral(bytes, in: value, at: value.count - bytes.count)
                }
                guard let found = Self.find(bytes, in: value, from: restartOffset + 1) else {
                    return false
                }
                restartOffset = found
            } else {
                restartOffset += Self.width(value, at: restartOffset)
            }
            offset = restartOffset
            piece = restartPiece
        }
    }

    /// The first range of bytes that the pattern without the runs at its ends covers; for explaining.
    func range(in value: [UInt8]) -> Range<Int>? {
        var inner = pieces[...]
        if inner.first == .anyRun { inner.removeFirst() }
        if inner.last == .anyRun { inner.removeLast() }
        guard let first = inner.first else { return 0..<value.count }
        guard case .literal(let head) = first, case .literal(let tail)? = inner.last else {
            return 0..<value.count
        }
        let isAnchored = pieces.first != .anyRun
        guard let start = isAnchored ? 0 : Self.find(head, in: value, from: 0) else { return nil }
        if inner.count == 1 { return start..<(start + head.count) }
        guard let last = Self.find(tail, in: value, from: start + head.count) else { return nil }
        return start..<(last + tail.count)
    }

    /// Whether a literal stands at an offset.
    @inline(__always)
    static func hasLiteral(_ literal: [UInt8], in value: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, value.count - offset >= literal.count else { return false }
        var index = 0
        while index < literal.count {
            if literal[index] != value[offset + index] { return false }
            index += 1
        }
        return true
    }

    /// Where a literal stands at or after an offset.
    static func find(_ literal: [UInt8], in value: [UInt8], from: Int) -> Int? {
        guard let first = literal.first else { return from <= value.count ? from : nil }
        var offset = from
        let last = value.count - literal.count
        while offset <= last {
            if value[offset] == first, hasLiteral(literal, in: value, at: offset) { return offset }
            offset += 1
        }
        return nil
    }

    private static func width(_ value: [UInt8], at offset: Int) -> Int {
        var end = offset + 1
        while end < value.count, value[end] & 0xC0 == 0x80 { end += 1 }
        return end - offset
    }
}
