import Bytes

/// One signature line of a note.
public struct NoteSignature: Hashable, Sendable {
    /// The name of the key.
    public var name: String
    /// The id of the key.
    public var keyID: UInt32
    /// What follows the key id: 64 bytes, or a time and 64 bytes for a cosignature.
    public var bytes: [UInt8]

    /// A signature from its parts.
    public init(name: String, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// The line, without line feed.
    var line: String {
        let id = (0..<4).map { UInt8(truncatingIfNeeded: keyID >> UInt32(24 - 8 * $0)) }
        return "\u{2014} \(name) \(Base64.encode(id + bytes))"
    }

    static func cosignedMessage(text: [UInt8], unixSeconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(unixSeconds)\n".utf8) + text
    }
}

/// A text with signatures under it (C2SP signed-note).
public struct SignedNote: Hashable, Sendable {
    /// What is signed, its last line feed included.
    public let text: [UInt8]
    /// The signatures, in the order of the file.
    public let signatures: [NoteSignature]

    /// What a key has to say about a note.
    public enum Verdict: Hashable, Sendable {
        /// Signed by the key; a cosignature also says when, in Unix seconds.
        case valid(unixSeconds: UInt64?)
        /// There is a line with the key's name and id, and it is wrong.
        case invalid
        /// The key has not signed.
        case missing
    }

    /// A note; its text must end with a line feed.
    public init(text: [UInt8], signatures: [NoteSignature]) {
        precondition(text.last == 0x0A, "a note's text ends with a line feed")
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note file.
    public init(parsing file: [UInt8]) throws(ProofsError) {
        guard file.count <= ProofsLimits.noteMaximumSize else {
            throw .tooLarge(count: file.count, limit: ProofsLimits.noteMaximumSize)
        }
        try NoteText.check(file)
        // The text ends at the last blank line: everything after it are signatures.
        guard file.last == 0x0A, let blank = SignedNote.lastBlankLine(in: file), blank > 0 else {
            throw .badNote(line: 1)
        }
        text = Array(file[..<blank])
        var line = text.count { $0 == 0x0A } + 1
        var signatures: [NoteSignature] = []
        for bytes in file[(blank + 1)...].dropLast()
            .split(separator: 0x0A, omittingEmptySubsequences: false)
        {
            line += 1
            guard let signature = SignedNote.signature(line: bytes) else {
                throw .badSignatureLine(line: line)
            }
            signatures.append(signature)
        }
        guard !signatures.isEmpty else { throw .badNote(line: line) }
        guard signatures.count <= ProofsLimits.noteSignaturesMaximum else {
            throw .tooLarge(
                count: signatures.count, limit: ProofsLimits.noteSignaturesMaximum)
        }
        self.signatures = signatures
    }

    /// The note file.
    public var bytes: [UInt8] {
        text + [0x0A] + signatures.flatMap { Array(($0.line + "\n").utf8) }
    }

    /// Whether a key signed the note. Two lines of one key make it invalid: nobody writes that.
    public func verdict(of key: NoteKey) -> Verdict {
        let lines = signatures.filter { $0.name == key.name && $0.keyID == key.keyID }
        guard let line = lines.first else { return .missing }
        guard lines.count == 1 else { return .invalid }
        switch key.algorithm {
        case .ed25519:
            let isValid = SigningKey.isValid(
                signature: line.bytes, message: text, publicKey: key.publicKey)
            return isValid ? .valid(unixSeconds: nil) : .invalid
        case .cosignature:
            guard line.bytes.count == 72 else { return .invalid }
            let time = line.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let isValid = SigningKey.isValid(
                signature: Array(line.bytes.dropFirst(8)),
                message: NoteSignature.cosignedMessage(text: text, unixSeconds: time),
                publicKey: key.publicKey)
            return isValid ? .valid(unixSeconds: time) : .invalid
        }
    }

    /// The offset of the line feed that makes the last blank line.
    private static func lastBlankLine(in file: [UInt8]) -> Int? {
        var index = file.count - 1
        while index > 0 {
            if file[index] == 0x0A, file[index - 1] == 0x0A { return index }
            index -= 1
        }
        return nil
    }

    private static func signature(line: ArraySlice<UInt8>) -> NoteSignature? {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("\u{2014}".utf8) else { return nil }
        let name = String(decoding: parts[1], as: UTF8.self)
        guard NoteKey.isName(name),
            let bytes = Base64.decode(String(decoding: parts[2], as: UTF8.self)),
            bytes.count > 4
        else { return nil }
        return NoteSignature(
            name: name, keyID: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) },
            bytes: Array(bytes.dropFirst(4)))
    }
}

/// The lines of signed texts, as bytes: a `Character` may hold more than one line feed.
enum NoteText {
    /// Throws unless the bytes are UTF-8 without control characters other than line feed.
    static func check(_ bytes: [UInt8]) throws(ProofsError) {
        var isASCII = true
        for (offset, byte) in bytes.enumerated() {
            if byte < 0x20 && byte != 0x0A || byte == 0x7F { throw .badText(offset: offset) }
            if byte >= 0x80 { isASCII = false }
        }
        guard !isASCII else { return }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .badText(offset: 0) }
    }

    /// The lines of a text that ends with a line feed; nil when it does not.
    static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>]? {
        guard text.last == 0x0A else { return nil }
        return text.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
    }

    /// What follows a word and a space; nil when the line does not start so.
    static func value(of word: String, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let size = word.utf8.count
        guard line.count > size, line[line.startIndex + size] == 0x20,
            line.prefix(size).elementsEqual(word.utf8)
        else { return nil }
        return line.dropFirst(size + 1)
    }

    /// The hash that is written in base64 after a word; nil for anything else.
    static func hash(of word: String, in line: ArraySlice<UInt8>) -> Hash? {
        value(of: word, in: line).flatMap { Hash(base64: String(decoding: $0, as: UTF8.self)) }
    }
}
