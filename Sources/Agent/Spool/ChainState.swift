import Bytes
public import Proofs

/// Where the statements of this device have got to: the numbers and the hash that come next.
///
/// The file `chain` of the spool, replaced as a whole (old or new, never a mixture):
///
///     sg.chain/v1
///     device <name>
///     batch <next batch number>
///     previous <base64 hash of the last statement file; zero bytes before the first>
///     sequence <next sequence number>
///     gap <first sequence number not recorded> <how many, at least>     only while the spool is full
///     replay <hex key of a file> <offset of a chunk> <events taken of it>     none or more
///     end <hex CRC-32C of all lines above>
///
/// It is written after a batch file and before that batch is sent, and no batch file goes before it is
/// written. So after a crash the truth is this file or, one step on, the batch file that follows it.
public struct ChainState: Sendable, Equatable {
    /// The device that the chain belongs to.
    public let device: String
    /// The number of the next batch.
    public var nextBatch: UInt64 = 0
    /// The hash of the last statement file.
    public var previous = Hash.zero
    /// The next sequence number.
    public var nextSequence: UInt64 = 0
    /// The events that could not be recorded since the spool is full.
    public var gap: Gap?
    /// How far files were replayed, the oldest first.
    public private(set) var marks: [ReplayMark] = []

    /// Numbers used up by events that nothing else holds.
    public struct Gap: Sendable, Equatable {
        /// The first of them.
        public var first: UInt64
        /// How many, at least.
        public var count: UInt64
    }

    /// The chain of a device that has sent nothing.
    public init(device: String) { self.device = device }

    /// How far a file was replayed.
    public func mark(of key: String) -> ReplayMark? { marks.first { $0.key == key } }

    /// Remembers how far a file was replayed; forgets the oldest file when there are too many.
    public mutating func remember(_ mark: ReplayMark) {
        marks.removeAll { $0.key == mark.key }
        marks.append(mark)
        marks.removeFirst(max(0, marks.count - AgentLimits.replayPositionsMaximum))
    }

    /// The file.
    public var bytes: [UInt8] {
        var text = "sg.chain/v1\ndevice \(device)\nbatch \(nextBatch)\n"
        text += "previous \(previous.base64)\nsequence \(nextSequence)\n"
        if let gap { text += "gap \(gap.first) \(gap.count)\n" }
        for mark in marks { text += "replay \(mark.text)\n" }
        let body = Array(text.utf8)
        let checksum = String(CRC32C.checksum(body), radix: 16)
        return body + Array("end \(checksum)\n".utf8)
    }

    /// Reads the file.
    public init(parsing bytes: [UInt8]) throws(AgentError) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popLast() == "", let end = lines.popLast() else { throw Self.damage("cut off") }
        let body = Array((lines.joined(separator: "\n") + "\n").utf8)
        guard end == "end " + String(CRC32C.checksum(body), radix: 16) else {
            throw Self.damage("wrong checksum")
        }
        guard lines.popFirst() == "sg.chain/v1" else { throw Self.damage("unknown version") }
        device = String(try Self.value("device", &lines))
        nextBatch = try Self.number(try Self.value("batch", &lines))
        guard let hash = Hash(base64: String(try Self.value("previous", &lines))) else {
            throw Self.damage("bad hash")
        }
        previous = hash
        nextSequence = try Self.number(try Self.value("sequence", &lines))
        if lines.first?.hasPrefix("gap ") == true {
            let parts = try Self.value("gap", &lines).split(separator: " ")
            guard parts.count == 2 else { throw Self.damage("bad gap") }
            gap = Gap(first: try Self.number(parts[0]), count: try Self.number(parts[1]))
        }
        while !lines.isEmpty {
            guard let mark = ReplayMark(text: String(try Self.value("replay", &lines))) else {
                throw Self.damage("bad replay line")
            }
            marks.append(mark)
        }
    }

    private static func value(_ name: String, _ lines: inout ArraySlice<Substring>)
        throws(AgentError) -> Substring
    {
        guard let line = lines.popFirst(), line.hasPrefix(name + " ") else {
            throw damage("no line \(name)")
        }
        return line.dropFirst(name.count + 1)
    }

    private static func number(_ text: Substring) throws(AgentError) -> UInt64 {
        guard let number = UInt64(text), String(number) == text else { throw damage("bad number") }
        return number
    }

    private static func damage(_ why: String) -> AgentError {
        .damagedFile(name: "chain", why: why)
    }
}

/// How far a file was replayed: whole chunks up to an offset, and some events of the next chunk.
///
/// It is stored with the batch that reached it, so that neither can be there without the other.
public struct ReplayMark: Sendable, Equatable {
    /// Which file: a hash of its path and first line.
    public var key: String
    /// Where the chunk starts, in bytes.
    public var offset: Int
    /// How many events of the chunk are in batches.
    public var taken: Int

    /// A mark in a file.
    public init(key: String, offset: Int, taken: Int) {
        self.key = key
        self.offset = offset
        self.taken = taken
    }

    var text: String { "\(key) \(offset) \(taken)" }

    init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, parts[0].count == 64, let offset = Int(parts[1]), offset >= 0,
            let taken = Int(parts[2]), taken >= 0
        else { return nil }
        self.init(key: String(parts[0]), offset: offset, taken: taken)
    }
}
