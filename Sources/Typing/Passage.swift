public import Events

/// One way to read what was typed: text in which every character points to the event that typed it.
public struct Reading: Hashable, Sendable {
    /// The text.
    public var text: String
    /// For each Unicode scalar of ``text``, in order, the sequence number of the event it comes from.
    public var sequences: [UInt64]

    /// A reading from text and its sources; as many sources as the text has Unicode scalars.
    public init(text: String, sequences: [UInt64]) {
        precondition(
            text.unicodeScalars.count == sequences.count,
            "a reading needs one source per Unicode scalar")
        self.text = text
        self.sequences = sequences
    }

    /// The events that typed a range of bytes of the text's UTF-8: the first and the last of them.
    public func sequences(ofBytes range: Range<Int>) -> ClosedRange<UInt64>? {
        var offset = 0
        var lowest: UInt64?
        var highest: UInt64?
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let end = offset + UTF8.width(scalar)
            if end > range.lowerBound, offset < range.upperBound {
                lowest = min(lowest ?? sequences[index], sequences[index])
                highest = max(highest ?? sequences[index], sequences[index])
            }
            offset = end
        }
        guard let lowest, let highest else { return nil }
        return lowest...highest
    }
}

/// What was typed in one place between two cuts (another window, Enter, a pause).
public struct Passage: Hashable, Sendable {
    /// Why a passage ended.
    public enum Cut: String, Sendable, Codable {
        /// Enter was pressed.
        case enter
        /// The focus moved to another window.
        case window
        /// Nothing was typed for a while.
        case idle
        /// The caret moved to a place that cannot be known (a click, a jump between fields).
        case caret
        /// The passage grew to its greatest length.
        case length
        /// The session ended or the events did.
        case end
    }

    /// The program and window it was typed in.
    public var place: Place
    /// The time of the first key, in whole seconds.
    public var start: Instant
    /// The time of the last key, in whole seconds.
    public var end: Instant
    /// The sequence numbers of the first and last event that belong to it.
    public var sequences: ClosedRange<UInt64>
    /// Everything that made or took away text: a removed character stays, and each character that was
    /// removed (and each Backspace that found nothing to remove) shows as one ``deletionMark``.
    public var asTyped: Reading
    /// What the field holds at the end.
    public var asLeft: Reading
    /// Runs of text that were taken away without other typing in between, oldest run first; each reads
    /// in the order in which it stood in the field.
    public var deletedRuns: [Reading]
    /// Why it ended.
    public var cut: Cut
    /// False when some of it cannot be known: text pasted without its content, an unknown caret.
    public var isExact: Bool
    /// Whether it was typed over a remote-control session, so that it is never attributed to the pupil (P4).
    public var isRemote: Bool

    /// The mark for one removal in ``asTyped``: U+232B, as in the labelled cases.
    public static let deletionMark: Unicode.Scalar = "\u{232B}"

    /// A passage from its parts.
    public init(
        place: Place, start: Instant, end: Instant, sequences: ClosedRange<UInt64>,
        asTyped: Reading, asLeft: Reading, deletedRuns: [Reading], cut: Cut, isExact: Bool,
        isRemote: Bool = false
    ) {
        self.place = place
        self.start = start
        self.end = end
        self.sequences = sequences
        self.asTyped = asTyped
        self.asLeft = asLeft
        self.deletedRuns = deletedRuns
        self.cut = cut
        self.isExact = isExact
        self.isRemote = isRemote
    }
}
