import Bytes
public import Events

/// The events of a body, column by column, with every content in one buffer.
///
/// This is the form in which events go through the collector: no object, string or dictionary for
/// each of them. Row i of every column belongs to event i.
public struct EventColumns: Sendable, Equatable {
    /// Sequence numbers.
    public private(set) var sequences: [UInt64] = []
    /// Wall clock in Unix milliseconds.
    public private(set) var wallMilliseconds: [Int64] = []
    /// Monotonic clock since session start in milliseconds; 0 where the sender has none.
    public private(set) var monoMilliseconds: [Int64] = []
    /// Kinds.
    public private(set) var kinds: [EventKind] = []
    /// All canonical contents, one after the other.
    public private(set) var contents: [UInt8] = []
    /// Where each content ends in ``contents``.
    public private(set) var contentEnds: [Int] = []

    /// No events.
    public init() {}

    /// The number of events.
    public var count: Int { sequences.count }

    /// Makes room for a number of events and bytes of content.
    public mutating func reserve(events: Int, contentSize: Int) {
        sequences.reserveCapacity(events)
        wallMilliseconds.reserveCapacity(events)
        monoMilliseconds.reserveCapacity(events)
        kinds.reserveCapacity(events)
        contentEnds.reserveCapacity(events)
        contents.reserveCapacity(contentSize)
    }

    /// Where the content of an event lies in ``contents``.
    public func contentRange(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : contentEnds[index - 1])..<contentEnds[index]
    }

    /// The content of an event.
    public func content(_ index: Int) -> ArraySlice<UInt8> { contents[contentRange(index)] }

    /// Appends an event.
    public mutating func append(
        sequence: UInt64, wallMilliseconds wall: Int64, monoMilliseconds mono: Int64,
        kind: EventKind, content: ArraySlice<UInt8>
    ) {
        contents.append(contentsOf: content)
        appendRow(sequence: sequence, wallMilliseconds: wall, monoMilliseconds: mono, kind: kind)
    }

    /// Appends an event whose content lies in a larger buffer.
    public mutating func append(
        sequence: UInt64, wallMilliseconds wall: Int64, monoMilliseconds mono: Int64,
        kind: EventKind, contentIn bytes: [UInt8], at range: Range<Int>
    ) {
        ByteRuns.append(bytes, range, to: &contents)
        appendRow(sequence: sequence, wallMilliseconds: wall, monoMilliseconds: mono, kind: kind)
    }

    /// Appends an event of other columns.
    public mutating func append(_ index: Int, of other: EventColumns, sequence: UInt64? = nil) {
        append(
            sequence: sequence ?? other.sequences[index],
            wallMilliseconds: other.wallMilliseconds[index],
            monoMilliseconds: other.monoMilliseconds[index], kind: other.kinds[index],
            contentIn: other.contents, at: other.contentRange(index))
    }

    /// The events of some rows, in that order.
    public func rows(_ indices: some Sequence<Int>) -> EventColumns {
        var picked = EventColumns()
        for index in indices { picked.append(index, of: self) }
        return picked
    }

    /// Ends the row whose content was just written at the end of ``contents``.
    mutating func appendRow(
        sequence: UInt64, wallMilliseconds wall: Int64, monoMilliseconds mono: Int64,
        kind: EventKind
    ) {
        sequences.append(sequence)
        wallMilliseconds.append(wall)
        monoMilliseconds.append(mono)
        kinds.append(kind)
        contentEnds.append(contents.count)
    }

    /// Appends an event without a monotonic time whose content is written straight into the buffer.
    mutating func append(
        sequence: UInt64, wallMilliseconds wall: Int64, kind: EventKind,
        content write: (inout [UInt8]) -> Void
    ) {
        write(&contents)
        appendRow(sequence: sequence, wallMilliseconds: wall, monoMilliseconds: 0, kind: kind)
    }

    /// Lets the parser write content straight into the buffer; `false` takes back what it wrote.
    mutating func writeContent<Failure: Error>(
        _ write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let before = contents.count
        do {
            try write(&contents)
        } catch {
            contents.removeLast(contents.count - before)
            throw error
        }
    }

    /// How many bytes of content have no row yet.
    var openContentSize: Int { contents.count - (contentEnds.last ?? 0) }

    /// Takes back content that has no row yet.
    mutating func discardOpenContent() { contents.removeLast(openContentSize) }

    /// Sets the sequence number of a row: for senders that do not number their events.
    public mutating func setSequence(_ sequence: UInt64, at index: Int) {
        sequences[index] = sequence
    }
}
