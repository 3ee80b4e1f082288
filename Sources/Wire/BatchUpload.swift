public import Events

/// One event as an agent uploads it.
public struct UploadEvent: Hashable, Sendable {
    /// Sequence number of the device.
    public var sequence: UInt64
    /// Wall clock in Unix milliseconds; whole seconds for keys.
    public var wallMilliseconds: Int64
    /// Milliseconds since session start; whole seconds for keys.
    public var monoMilliseconds: Int64
    /// Kind.
    public var kind: EventKind
    /// Canonical content.
    public var content: [UInt8]

    /// An event to upload.
    public init(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: EventKind,
        content: [UInt8]
    ) {
        self.sequence = sequence
        self.wallMilliseconds = wallMilliseconds
        self.monoMilliseconds = monoMilliseconds
        self.kind = kind
        self.content = content
    }
}

/// The body of `POST /v1/batches`, and the form in which the journal keeps every batch.
///
///     sg.upload/v1 LF
///     seed <64 hex digits: the batch's seed of evidence.md section 2.2> LF
///     statement <size in bytes> LF
///     <the signed note, exactly so many bytes, ending with LF>
///     one line an event:  <seq> SP <wall_ms> SP <mono_ms> SP <kind> TAB <canonical content> LF
///
/// Valid when every content is canonical for its kind, sequence numbers rise by one, key times are
/// whole seconds, and there are 1 to 1,024 events. Whether the note's root is theirs is for `Proofs`.
public struct BatchUpload: Sendable, Equatable {
    /// The first line of version 1.
    public static let versionLine = "sg.upload/v1"
    /// The size of a batch seed in bytes.
    public static let seedSize = 32

    /// The seed of the batch's salts, 32 bytes.
    public var seed: [UInt8]
    /// The batch statement: a whole signed note.
    public var statement: [UInt8]
    /// The events.
    public var columns: EventColumns

    /// An upload from its parts.
    public init(seed: [UInt8], statement: [UInt8], columns: EventColumns) {
        precondition(seed.count == BatchUpload.seedSize, "a batch seed has 32 bytes")
        self.seed = seed
        self.statement = statement
        self.columns = columns
    }

    /// The body of an upload.
    public static func encode(seed: [UInt8], statement: String, events: [UploadEvent]) -> [UInt8] {
        var columns = EventColumns()
        for event in events {
            columns.append(
                sequence: event.sequence, wallMilliseconds: event.wallMilliseconds,
                monoMilliseconds: event.monoMilliseconds, kind: event.kind,
                content: event.content[...])
        }
        return BatchUpload(seed: seed, statement: Array(statement.utf8), columns: columns)
            .encoded()
    }

    /// This upload as a body.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(
            statement.count + 128 + columns.contents.count + columns.count * 48)
        out.append(contentsOf: BatchUpload.versionLine.utf8)
        out.append(contentsOf: "\nseed ".utf8)
        for byte in seed {
            out.append(BatchUpload.hexDigits[Int(byte >> 4)])
            out.append(BatchUpload.hexDigits[Int(byte & 15)])
        }
        out.append(contentsOf: "\nstatement \(statement.count)\n".utf8)
        out.append(contentsOf: statement)
        BatchUpload.appendLines(of: columns, to: &out)
        return out
    }

    /// Appends the lines of some events: the last part of an upload.
    public static func appendLines(of columns: EventColumns, to out: inout [UInt8]) {
        for index in 0..<columns.count {
            append(columns.sequences[index], to: &out)
            out.append(0x20)
            append(columns.wallMilliseconds[index], to: &out)
            out.append(0x20)
            append(columns.monoMilliseconds[index], to: &out)
            out.append(0x20)
            out.append(contentsOf: kindNames[Int(columns.kinds[index].rawValue)])
            out.append(0x09)
            out.append(contentsOf: columns.content(index))
            out.append(0x0A)
        }
    }

    /// Reads lines that ``appendLines(of:to:)`` wrote: bytes of ours that carry their own checksum,
    /// so that contents are not checked again.
    public static func parseTrustedLines(_ bytes: [UInt8], _ range: Range<Int>)
        throws(WireError) -> EventColumns
    {
        var reader = UploadReader(bytes, from: range.lowerBound, to: range.upperBound)
        return try columns(&reader, isTrusted: true)
    }

    /// Reads a body and checks everything in it but the signature and the root.
    ///
    /// - Parameter isTrusted: true for bytes that the collector wrote itself and that carry their own
    ///   checksum: contents are then not checked again.
    public static func parse(_ body: [UInt8], isTrusted: Bool = false) throws(WireError)
        -> BatchUpload
    {
        var reader = UploadReader(body, from: 0, to: body.count)
        try reader.expect("\(versionLine)\n")
        try reader.expect("seed ")
        let seed = try reader.hex(size: seedSize)
        try reader.expect("\nstatement ")
        let size = try reader.number()
        try reader.expect("\n")
        let statement = try reader.take(size)
        let columns = try columns(&reader, isTrusted: isTrusted)
        guard columns.count > 0 else { throw .noEvents }
        return BatchUpload(seed: seed, statement: statement, columns: columns)
    }

    private static func columns(_ reader: inout UploadReader, isTrusted: Bool) throws(WireError)
        -> EventColumns
    {
        var columns = EventColumns()
        columns.reserve(
            events: min(reader.remaining / 48 + 1, EventLimits.batchEventsMaximum),
            contentSize: reader.remaining)
        var checker = CanonicalChecker()
        while !reader.isAtEnd {
            guard columns.count < EventLimits.batchEventsMaximum else {
                throw .tooManyEvents(limit: EventLimits.batchEventsMaximum)
            }
            try readEvent(&reader, into: &columns, &checker, isTrusted: isTrusted)
        }
        return columns
    }

    private static func readEvent(
        _ reader: inout UploadReader, into columns: inout EventColumns,
        _ checker: inout CanonicalChecker, isTrusted: Bool
    ) throws(WireError) {
        let body = reader.bytes
        let sequence = try reader.unsigned()
        try reader.expectByte(0x20)
        let wall = try reader.signed()
        try reader.expectByte(0x20)
        let mono = try reader.signed()
        try reader.expectByte(0x20)
        let kindRange = try reader.until(0x09)
        guard
            let kind = EventKind.allCases.first(where: {
                isEqual(kindNames[Int($0.rawValue)], body, kindRange)
            })
        else { throw .unknownKind }
        let content = try reader.until(0x0A)
        if !isTrusted {
            guard ContentSchema.timesAllowed.contains(wall), mono.magnitude < 1 << 48 else {
                throw .badUpload(why: "time out of range")
            }
            if let previous = columns.sequences.last {
                guard previous != UInt64.max, sequence == previous + 1 else {
                    throw .sequenceNotContiguous
                }
            }
            guard kind != .key || (wall % 1_000 == 0 && mono % 1_000 == 0) else {
                throw .keyTimeTooFine
            }
            try checker.check(body, content, kind: kind)
        }
        columns.append(
            sequence: sequence, wallMilliseconds: wall, monoMilliseconds: mono, kind: kind,
            content: body[content])
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Wire names by raw value of the kind.
    public static let kindNames: [[UInt8]] = (0...UInt8(EventKind.allCases.count)).map {
        EventKind(rawValue: $0).map { Array($0.name.utf8) } ?? []
    }

    /// Appends a decimal number without making a string of it.
    static func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
        if value < 0 { out.append(0x2D) }
        var rest = UInt64(value.magnitude)
        let start = out.count
        repeat {
            out.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        var low = start
        var high = out.count - 1
        while low < high {
            out.swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}

/// Checks that contents are canonical by writing them canonically and comparing.
struct CanonicalChecker {
    private var members: [JSONMember] = []
    private var scratch: [UInt8] = []

    init() {}

    mutating func check(_ bytes: [UInt8], _ range: Range<Int>, kind: EventKind)
        throws(WireError)
    {
        guard range.count <= EventLimits.contentSizeMaximum else {
            throw .tooLong(
                field: "content", bytes: range.count, limit: EventLimits.contentSizeMaximum)
        }
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        try scanner.object(into: &members)
        try ContentSchema.check(members, of: bytes, kind: kind)
        scratch.removeAll(keepingCapacity: true)
        let wasRepaired = try CanonicalContent.write(&members, of: bytes, to: &scratch)
        guard !wasRepaired, isEqual(scratch, bytes, range) else { throw .notCanonical }
    }
}

/// Reads the parts of an upload's lines.
private struct UploadReader {
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
        guard at < end, bytes[at] == byte else {
            throw .badUpload(why: "unexpected byte at \(at)")
        }
        at += 1
    }

    mutating func until(_ delimiter: UInt8) throws(WireError) -> Range<Int> {
        let start = at
        var index = at
        while index < end, bytes[index] != delimiter { index += 1 }
        at = index
        guard at < end else { throw .badUpload(why: "line at \(start) ends too early") }
        defer { at += 1 }
        return start..<at
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
