import Bytes
import Events

/// Reads the parts of an upload's lines.
struct UploadReader {
    let bytes: [UInt8]
    let end: Int
    var at: Int

    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        at = start
    }

    var isAtEnd: Bool { at == end }
    var remaining: Int { end - at }

    mutating func expect(_ text: String) throws(WireError) {
        for byte in text.utf8 { try expectByte(byte) }
    }

    mutating func expectByte(_ byte: UInt8) throws(WireError) {
        guard at < end, bytes[at] == byte else { throw unexpected() }
        at += 1
    }

    private func unexpected() -> WireError { .badUpload(why: "unexpected byte at \(at)") }

    mutating func until(_ delimiter: UInt8) throws(WireError) -> Range<Int> {
        let start = at
        at = ByteRuns.firstIndex(of: delimiter, in: bytes, at..<end)
        guard at < end else { throw .badUpload(why: "line at \(start) ends too early") }
        defer { at += 1 }
        return start..<at
    }

    /// Skips bytes that are the same as those at a range; false when they are not.
    mutating func skip(_ range: Range<Int>) -> Bool {
        guard range.count <= end - at,
            ByteRuns.isSame(bytes, range.lowerBound, bytes, at, count: range.count)
        else { return false }
        at += range.count
        return true
    }

    mutating func take(_ size: Int) throws(WireError) -> [UInt8] {
        guard size <= end - at else {
            throw .badUpload(why: "statement is shorter than stated")
        }
        defer { at += size }
        return Array(bytes[at..<at + size])
    }

    mutating func hex(size: Int) throws(WireError) -> [UInt8] {
        var out: [UInt8] = []
        for _ in 0..<size {
            guard at + 2 <= end, let high = digit(bytes[at]), let low = digit(bytes[at + 1])
            else { throw .badUpload(why: "bad hex digit at \(at)") }
            out.append(high << 4 | low)
            at += 2
        }
        return out
    }

    private func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    mutating func unsigned() throws(WireError) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        // Eighteen digits cannot overflow; almost no number has more.
        var index = at
        let safe = min(end, at + 18)
        while index < safe, bytes[index] &- 0x30 <= 9 {
            value = value &* 10 &+ UInt64(bytes[index] &- 0x30)
            index += 1
        }
        at = index
        while at < end, bytes[at] &- 0x30 <= 9 {
            let (scaled, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, carries) = scaled.addingReportingOverflow(UInt64(bytes[at] - 0x30))
            guard !tooLarge, !carries else { throw .badUpload(why: "number at \(start) too large") }
            value = next
            at += 1
        }
        let hasLeadingZero = at - start > 1 && bytes[start] == 0x30
        guard at > start, !hasLeadingZero else { throw .badUpload(why: "bad number at \(start)") }
        return value
    }

    mutating func signed() throws(WireError) -> Int64 {
        let isNegative = at < end && bytes[at] == 0x2D
        if isNegative { at += 1 }
        let start = at
        guard let value = Int64(exactly: try unsigned()) else {
            throw .badUpload(why: "number at \(start) too large")
        }
        return isNegative ? -value : value
    }

    mutating func number() throws(WireError) -> Int {
        let start = at
        guard let value = Int(exactly: try unsigned()) else {
            throw .badUpload(why: "number at \(start) too large")
        }
        return value
    }
}

/// Reads the lines of events of one body, each by the help of those before it.
///
/// Times and kind are mostly those of the line before, and contents of keys mostly differ in the key's name
/// alone: what is the same bytes is not read and not checked again.
struct EventLineReader {
    /// Wall time, monotonic time and kind with their delimiters, and what they say.
    private struct Middle {
        var range: Range<Int>
        var wall: Int64
        var mono: Int64
        var kind: EventKind
    }

    private let isTrusted: Bool
    private var checker = CanonicalChecker()
    private var templates = KeyTemplates()
    private var middle: Middle?

    init(isTrusted: Bool) { self.isTrusted = isTrusted }

    mutating func read(_ reader: inout UploadReader, into columns: inout EventColumns)
        throws(WireError)
    {
        let sequence = try reader.unsigned()
        try reader.expectByte(0x20)
        let middle = try readMiddle(&reader)
        if !isTrusted, let previous = columns.sequences.last {
            guard previous != UInt64.max, sequence == previous + 1 else {
                throw .sequenceNotContiguous
            }
        }
        let content = try readContent(&reader, kind: middle.kind)
        columns.append(
            sequence: sequence, wallMilliseconds: middle.wall, monoMilliseconds: middle.mono,
            kind: middle.kind, contentIn: reader.bytes, at: content)
    }

    private mutating func readMiddle(_ reader: inout UploadReader) throws(WireError) -> Middle {
        if let middle, reader.skip(middle.range) { return middle }
        let start = reader.at
        let wall = try reader.signed()
        try reader.expectByte(0x20)
        let mono = try reader.signed()
        try reader.expectByte(0x20)
        let name = try reader.until(0x09)
        guard
            let kind = EventKind.allCases.first(where: {
                isEqual(BatchUpload.kindNames[Int($0.rawValue)], reader.bytes, name)
            })
        else { throw .unknownKind }
        if !isTrusted {
            guard ContentSchema.timesAllowed.contains(wall), mono.magnitude < 1 << 48 else {
                throw .badUpload(why: "time out of range")
            }
            guard kind != .key || (wall % 1_000 == 0 && mono % 1_000 == 0) else {
                throw .keyTimeTooFine
            }
        }
        let read = Middle(range: start..<reader.at, wall: wall, mono: mono, kind: kind)
        middle = read
        return read
    }

    private mutating func readContent(_ reader: inout UploadReader, kind: EventKind)
        throws(WireError) -> Range<Int>
    {
        let start = reader.at
        if kind == .key, let end = templates.end(reader.bytes, from: start, to: reader.end),
            end < reader.end, reader.bytes[end] == 0x0A
        {
            reader.at = end + 1
            return start..<end
        }
        let content = try reader.until(0x0A)
        if !isTrusted { try checker.check(reader.bytes, content, kind: kind) }
        if kind == .key, let name = KeyTemplates.nameRange(reader.bytes, content) {
            templates.learn(content, name: name)
        }
        return content
    }
}
