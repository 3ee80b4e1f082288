public import Events
import Proofs
public import Typing
import Wire

/// What the events of a bundle say, read from their disclosures and from nothing else.
///
/// The writer makes the readable files from it, the check makes it again from the bundle and compares,
/// and whoever fills a bundle runs the rules on ``passages`` so that their spans fit.
public struct BundleTimeline: Sendable {
    /// Every event in the order of leaf and index.
    public let entries: [Entry]
    /// What was typed, in the order of time.
    public let passages: [TypedPassage]

    /// One event, shown or withheld.
    public struct Entry: Hashable, Sendable {
        /// The log leaf of its batch.
        public var leaf: UInt64
        /// Its index in the batch.
        public var index: Int
        /// What its batch's statement says of where it comes from.
        public var source: Source
        /// How much of it is shown.
        public var disclosure: EventDisclosure
        /// The event; nil when its content is withheld or cannot be read.
        public var event: Event?
    }

    /// Where events come from.
    public struct Source: Hashable, Sendable {
        /// The device.
        public var device: String
        /// The login session.
        public var session: String
        /// The computer.
        public var host: String
        /// The account.
        public var user: String
    }

    /// A passage with where it was typed.
    public struct TypedPassage: Hashable, Sendable {
        /// Where its events come from.
        public var source: Source
        /// What was typed.
        public var passage: Passage
    }

    /// Reads batches; one whose statement is malformed has no entries.
    public init(batches: [BundleBatch], options: PassageOptions = PassageOptions()) {
        var entries: [Entry] = []
        var decoder = ContentDecoder()
        for batch in batches.sorted(by: { $0.leaf < $1.leaf }) {
            guard let source = Source(statementFile: batch.statement) else { continue }
            for (index, disclosure) in batch.events.enumerated() {
                entries.append(
                    Entry(
                        leaf: batch.leaf, index: index, source: source, disclosure: disclosure,
                        event: BundleTimeline.event(disclosure, &decoder)))
            }
        }
        self.entries = entries
        passages = BundleTimeline.passages(of: entries, options: options)
    }

    /// The words of a detector's span and the events that made them; nil when they are not in the bundle.
    ///
    /// - Parameters:
    ///   - reading: the raw value of the span's reading: `as-left`, `as-typed`, `deleted-run`, `field`.
    ///   - sequences: the first and last event that the finding rests on.
    public func match(
        device: String, reading: String, field: String, lower: Int, upper: Int,
        sequences: ClosedRange<UInt64>
    ) -> MatchRecord? {
        for found in readings(device: device, reading: reading, field: field, in: sequences) {
            guard let text = found.reading.text.utf8Slice(lower, upper),
                let made = found.reading.sequences(ofBytes: lower..<upper)
            else { continue }
            let events = entries.filter { entry in
                entry.source.device == device
                    && (entry.event.map { made.contains($0.sequence) } ?? false)
            }
            return MatchRecord(
                reading: reading, field: field, lower: lower, upper: upper, text: text,
                events: events.map { .init(leaf: $0.leaf, index: $0.index) })
        }
        return nil
    }

    /// The readings that a span may refer to, in the order in which they are tried.
    func readings(
        device: String, reading: String, field: String, in sequences: ClosedRange<UInt64>
    ) -> [(passage: Passage?, reading: Reading)] {
        if reading == "field" {
            return entries.compactMap { entry in
                guard entry.source.device == device, let event = entry.event,
                    sequences.contains(event.sequence),
                    let text = EventWords.field(field, of: event.body)
                else { return nil }
                let sources = Array(repeating: event.sequence, count: text.unicodeScalars.count)
                return (nil, Reading(text: text, sequences: sources))
            }
        }
        return passages.filter {
            $0.source.device == device && $0.passage.sequences.overlaps(sequences)
        }.flatMap { typed -> [(passage: Passage?, reading: Reading)] in
            switch reading {
            case "as-left": [(typed.passage, typed.passage.asLeft)]
            case "as-typed": [(typed.passage, typed.passage.asTyped)]
            case "deleted-run": typed.passage.deletedRuns.map { (typed.passage, $0) }
            default: []
            }
        }
    }

    private static func event(
        _ disclosure: EventDisclosure, _ decoder: inout ContentDecoder
    ) -> Event? {
        guard case .disclosed(_, let envelope, let content) = disclosure,
            let kind = EventKind(name: envelope.kind)
        else { return nil }
        // try?: content of a kind or form that this version does not know is shown as it is.
        let event = try? decoder.event(
            time: Instant(milliseconds: envelope.wallMilliseconds), sequence: envelope.sequence,
            kind: kind, content: content)
        if case .clock(let before, let after) = event?.body {
            let times = EvidenceFileLimits.times
            guard times.contains(before.milliseconds), times.contains(after.milliseconds) else {
                return nil
            }
        }
        return event
    }

    /// One builder for each session; what is withheld cuts, because nobody may guess across it.
    private static func passages(
        of entries: [Entry], options: PassageOptions
    ) -> [TypedPassage] {
        var builders: [Source: PassageBuilder] = [:]
        var typed: [TypedPassage] = []
        for entry in entries {
            var builder = builders[entry.source] ?? PassageBuilder(options: options)
            let ended: [Passage]
            if let event = entry.event {
                ended = builder.feed(event)
            } else {
                ended = builder.finish()
                builder = PassageBuilder(options: options)
            }
            builders[entry.source] = builder
            typed += ended.map { TypedPassage(source: entry.source, passage: $0) }
        }
        for (source, builder) in builders {
            var builder = builder
            typed += builder.finish().map { TypedPassage(source: source, passage: $0) }
        }
        return typed.sorted { $0.order < $1.order }
    }
}

extension BundleTimeline.Source {
    /// What a statement file says; nil when it is malformed.
    init?(statementFile: [UInt8]) {
        // try?: a malformed statement is a verdict of the check (V6), not an error of reading.
        guard let note = try? SignedNote(parsing: statementFile),
            let statement = try? BatchStatement(parsing: note.text)
        else { return nil }
        device = statement.device
        session = statement.session
        host = statement.host
        user = statement.user
    }
}

extension BundleTimeline.TypedPassage {
    fileprivate var order: (Int64, String, UInt64) {
        (passage.start.milliseconds, source.device, passage.sequences.lowerBound)
    }
}

extension String {
    /// The characters of a range of bytes of the UTF-8; nil when it cuts one or lies outside.
    func utf8Slice(_ lower: Int, _ upper: Int) -> String? {
        guard lower >= 0, lower <= upper, upper <= utf8.count else { return nil }
        return String(validating: Array(utf8)[lower..<upper], as: UTF8.self)
    }
}
