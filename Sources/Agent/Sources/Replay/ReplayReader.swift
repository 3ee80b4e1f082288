import Bytes
import Events
import Proofs
import Wire

/// Reads events of a file or stream in chunks of lines, and orders each chunk by session.
///
/// A chunk is always the same lines of the same file, so that "the first n events of the chunk at this
/// offset" names the same events after a crash. Inside a chunk the events of one session keep their
/// order, and sessions follow each other as they first occur: a batch holds one session only.
public struct ReplayReader: ~Copyable {
    /// Where bytes come from: gives the next ones, none at the end.
    public typealias Input = () throws(AgentError) -> [UInt8]

    private let input: Input
    private var buffer: [UInt8] = []
    private var bufferStart = 0
    private var isAtEnd = false
    private var line = 0
    /// The offset of the next chunk.
    public private(set) var offset: Int

    /// A line that is no event.
    public struct Rejected: Sendable, Equatable {
        /// The line's number from 1, counted from where this run started to read.
        public var line: Int
        /// What is wrong with it.
        public var why: String
    }

    /// Some lines: their events, ordered by session, and those that are none.
    struct Chunk {
        var offset: Int
        var nextOffset: Int
        var events: EventLines
        var order: [Int]
        var rejected: [Rejected]
    }

    /// A reader of an input that starts at an offset of its file.
    public init(startingAt offset: Int, input: @escaping Input) {
        self.offset = offset
        self.input = input
    }

    /// The next chunk; nil at the end.
    mutating func next() throws(AgentError) -> Chunk? {
        var count = 0
        var end = bufferStart
        while count < AgentLimits.replayChunkLines {
            guard let newline = buffer[end...].firstIndex(of: 0x0A) else {
                guard try fill(&end) else { break }
                continue
            }
            end = newline + 1
            count += 1
        }
        guard end > bufferStart else { return nil }
        let body = Array(buffer[bufferStart..<end])
        let firstLine = line
        line += count
        bufferStart = end
        let start = offset
        offset += body.count
        return try chunk(body, at: start, firstLine: firstLine)
    }

    private func chunk(_ body: [UInt8], at start: Int, firstLine: Int) throws(AgentError)
        -> Chunk
    {
        let events: EventLines
        do throws(WireError) {
            events = try EventLines(parsing: body)
        } catch {
            throw .event(error)
        }
        let order = events.contextIndices.indices.sorted { left, right in
            let (one, other) = (events.contextIndices[left], events.contextIndices[right])
            return one == other ? left < right : one < other
        }
        return Chunk(
            offset: start, nextOffset: offset, events: events, order: order,
            rejected: events.rejected.map {
                Rejected(line: firstLine + $0.line, why: $0.error.message)
            })
    }

    /// Reads more; false at the end, where a last line without a line feed counts as whole.
    private mutating func fill(_ end: inout Int) throws(AgentError) -> Bool {
        if isAtEnd { return false }
        // What was handed out goes only now, so that a chunk does not move the rest each time.
        buffer.removeFirst(bufferStart)
        end -= bufferStart
        bufferStart = 0
        let more = try input()
        if more.isEmpty {
            isAtEnd = true
            guard end < buffer.count else { return false }
            end = buffer.count
            return false
        }
        // A line longer than any event may be: not a file of events, and no reason to fill memory.
        guard buffer.count - end <= EventLimits.bodySizeMaximum else {
            throw .replay(file: "input", why: "a line is longer than 1 MiB, is this NDJSON?")
        }
        buffer += more
        return true
    }

    /// The key under which the position in a file is remembered: its path and its first line.
    static func key(path: String, firstLine: [UInt8]) -> String {
        Hash.sha256(Array(path.utf8) + [0] + firstLine).hex
    }
}
