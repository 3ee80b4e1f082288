import Bytes
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
        // Times and kind are mostly those of the line before: its bytes once more.
        var middle: [UInt8] = []
        for index in 0..<columns.count {
            DecimalText.append(columns.sequences[index], to: &out)
            let isSame =
                index > 0 && columns.kinds[index] == columns.kinds[index - 1]
                && columns.wallMilliseconds[index] == columns.wallMilliseconds[index - 1]
                && columns.monoMilliseconds[index] == columns.monoMilliseconds[index - 1]
            if !isSame {
                middle.removeAll(keepingCapacity: true)
                middle.append(0x20)
                DecimalText.append(columns.wallMilliseconds[index], to: &middle)
                middle.append(0x20)
                DecimalText.append(columns.monoMilliseconds[index], to: &middle)
                middle.append(0x20)
                middle.append(contentsOf: kindNames[Int(columns.kinds[index].rawValue)])
                middle.append(0x09)
            }
            out.append(contentsOf: middle)
            ByteRuns.append(columns.contents, columns.contentRange(index), to: &out)
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
        var lines = EventLineReader(isTrusted: isTrusted)
        while !reader.isAtEnd {
            guard columns.count < EventLimits.batchEventsMaximum else {
                throw .tooManyEvents(limit: EventLimits.batchEventsMaximum)
            }
            try lines.read(&reader, into: &columns)
        }
        return columns
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Wire names by raw value of the kind.
    public static let kindNames: [[UInt8]] = (0...UInt8(EventKind.allCases.count)).map {
        EventKind(rawValue: $0).map { Array($0.name.utf8) } ?? []
    }
}
