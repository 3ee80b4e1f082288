import Bytes

/// What a device signs about a batch (evidence.md 2.4).
///
/// One login session, one run of sequence numbers, the root over all events, and the hash of the
/// statement before, so that nothing can be taken out of the middle unseen.
public struct BatchStatement: Hashable, Sendable {
    /// The collector's origin.
    public var origin: String
    /// The device's name, also the name of its key.
    public var device: String
    /// Whether the collector made the statement for an agent that cannot sign.
    public var isCollectorOrigin: Bool
    /// The login session.
    public var session: String
    /// The computer.
    public var host: String
    /// The account, as the operating system asserted it.
    public var user: String
    /// Counts the device's batches from 0, without holes.
    public var number: UInt64
    /// The sequence number of the first event.
    public var firstSequence: UInt64
    /// The sequence number of the last event.
    public var lastSequence: UInt64
    /// The wall clock of the first event, Unix milliseconds.
    public var firstWall: Int64
    /// The wall clock of the last event, Unix milliseconds.
    public var lastWall: Int64
    /// The root over the events' leaves.
    public var root: Hash
    /// The hash of the whole file of the statement before; ``Hash/zero`` for batch 0.
    public var previous: Hash

    /// The first line.
    public static let header = "sg.batch/v1"

    /// A statement from its parts.
    public init(
        origin: String, device: String, isCollectorOrigin: Bool = false, session: String,
        host: String, user: String, number: UInt64, firstSequence: UInt64, lastSequence: UInt64,
        firstWall: Int64, lastWall: Int64, root: Hash, previous: Hash
    ) {
        self.origin = origin
        self.device = device
        self.isCollectorOrigin = isCollectorOrigin
        self.session = session
        self.host = host
        self.user = user
        self.number = number
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.firstWall = firstWall
        self.lastWall = lastWall
        self.root = root
        self.previous = previous
    }

    /// Reads the text of a statement, its last line feed included.
    public init(parsing text: [UInt8]) throws(ProofsError) {
        try NoteText.check(text)
        guard let lines = NoteText.lines(text) else { throw .badStatement(line: 1) }
        var reader = StatementReader(lines: lines)
        guard try reader.next().elementsEqual(BatchStatement.header.utf8) else {
            throw .badStatement(line: 1)
        }
        origin = try reader.name()
        device = try reader.name()
        isCollectorOrigin = reader.skip("origin collector")
        session = try reader.text("session")
        host = try reader.text("host")
        user = try reader.text("user")
        number = try reader.number("batch")
        (firstSequence, lastSequence) = try reader.pair("events") { StrictNumber.unsigned($0) }
        (firstWall, lastWall) = try reader.pair("time") { StrictNumber.signed($0) }
        root = try reader.hash("root")
        previous = try reader.hash("prev")
        guard reader.isAtEnd else { throw .badStatement(line: reader.line + 1) }
        guard firstSequence <= lastSequence else { throw .badStatement(line: reader.line - 3) }
    }

    /// Reads the text of a statement, its last line feed included.
    public init(parsing text: String) throws(ProofsError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The text that is signed.
    public func text() -> String {
        var lines = [BatchStatement.header, origin, device]
        if isCollectorOrigin { lines.append("origin collector") }
        lines += [
            "session \(StatementText.encode(session))", "host \(StatementText.encode(host))",
            "user \(StatementText.encode(user))", "batch \(number)",
            "events \(firstSequence) \(lastSequence)", "time \(firstWall) \(lastWall)",
            "root \(root.base64)", "prev \(previous.base64)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The statement file: text and signature.
    public func signed(by signer: NoteSigner) -> String {
        let text = Array(text().utf8)
        let note = SignedNote(text: text, signatures: [signer.signature(of: text)])
        return String(decoding: note.bytes, as: UTF8.self)
    }

    /// The hash of a whole statement file: what the next statement and the log's leaf name.
    public static func hash(ofFile bytes: [UInt8]) -> Hash { Hash.sha256(bytes) }
}

/// Takes the lines of a statement one by one.
private struct StatementReader {
    let lines: [ArraySlice<UInt8>]
    // The number of lines taken: the number of the last one, counted from 1.
    private(set) var line = 0

    init(lines: [ArraySlice<UInt8>]) { self.lines = lines }

    var isAtEnd: Bool { line == lines.count }

    mutating func next() throws(ProofsError) -> ArraySlice<UInt8> {
        guard line < lines.count else { throw .badStatement(line: line + 1) }
        line += 1
        return lines[line - 1]
    }

    mutating func skip(_ text: String) -> Bool {
        guard line < lines.count, lines[line].elementsEqual(text.utf8) else { return false }
        line += 1
        return true
    }

    mutating func name() throws(ProofsError) -> String {
        let name = String(decoding: try next(), as: UTF8.self)
        guard NoteKey.isName(name) else { throw .badStatement(line: line) }
        return name
    }

    mutating func value(_ word: String) throws(ProofsError) -> ArraySlice<UInt8> {
        guard let value = NoteText.value(of: word, in: try next()), !value.isEmpty else {
            throw .badStatement(line: line)
        }
        return value
    }

    mutating func text(_ word: String) throws(ProofsError) -> String {
        guard let text = StatementText.decode(Array(try value(word))) else {
            throw .badStatement(line: line)
        }
        return text
    }

    mutating func number(_ word: String) throws(ProofsError) -> UInt64 {
        guard let number = StrictNumber.unsigned(try value(word)) else {
            throw .badStatement(line: line)
        }
        return number
    }

    mutating func pair<Number>(
        _ word: String, read: (ArraySlice<UInt8>) -> Number?
    ) throws(ProofsError) -> (Number, Number) {
        let parts = try value(word).split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = read(parts[0]), let last = read(parts[1]) else {
            throw .badStatement(line: line)
        }
        return (first, last)
    }

    mutating func hash(_ word: String) throws(ProofsError) -> Hash {
        guard let hash = Hash(base64: String(decoding: try value(word), as: UTF8.self)) else {
            throw .badStatement(line: line)
        }
        return hash
    }
}

/// Names inside a statement: what cannot be seen is written as `%XX`, byte by byte.
enum StatementText {
    /// The text with control, format and bidi characters, line separators and `%` as `%XX`.
    static func encode(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x25 }) { return text }
        var line: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = UTF8.encode(scalar).map(Array.init) ?? []
            if isPlain(scalar) {
                line += bytes
            } else {
                for byte in bytes { line += Array("%\(Hex.encode([byte]).uppercased())".utf8) }
            }
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// The text of the one encoded form; nil for another form.
    static func decode(_ line: [UInt8]) -> String? {
        if line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x25 }) {
            return String(decoding: line, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var index = 0
        while index < line.count {
            if line[index] == 0x25 {
                guard index + 2 < line.count,
                    let byte = Hex.decode(
                        String(decoding: line[index + 1...index + 2], as: UTF8.self))
                else { return nil }
                bytes += byte
                index += 3
            } else {
                bytes.append(line[index])
                index += 1
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self),
            Array(encode(text).utf8) == line
        else { return nil }
        return text
    }

    // A fixed list, not a Unicode property: a text signed today must read the same with tomorrow's tables.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x25, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
            false
        default: true
        }
    }
}
