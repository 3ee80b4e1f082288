public import Events
import Synchronization
public import Typing

/// Decides from passages and events which rules matched, and says why.
///
/// A value that any number of tasks may use at once. Cheap for text that means no harm: one pass over the bytes and
/// one look-up a word.
public struct Detector: Sendable {
    private let scorer: TextScorer
    private let scratches = ScratchPool()

    /// Compiles a pack.
    public init(pack: RulePack) {
        scorer = TextScorer(pack: pack)
    }

    /// The rules in force.
    public var rules: [Rule] { scorer.engine.rules }

    // MARK: Typed text

    /// What a passage holds, in both readings: as it was left, and what was typed and taken away again.
    ///
    /// The last few messages of `context.recent` are read together with it when they were cut short, so that a
    /// sentence sent in pieces is one sentence; only findings that reach into this passage are returned.
    public func findings(in passage: Passage, context: DetectionContext) -> [Finding] {
        var scratch = scratches.take()
        defer { scratches.put(scratch) }
        var findings: [Finding] = []
        let before = conversation(before: passage, context)
        let text = before.text + Array(passage.asLeft.text.utf8)
        for hit in scorer.score(
            text, names: context.roster.hashes, beyond: before.text.count, scratch: &scratch)
        {
            findings.append(
                finding(
                    hit, reading: passage.asLeft, kind: .asLeft, offset: before.text.count,
                    passage, startsAt: hit.lower < before.text.count ? before.first : nil))
        }
        for removed in removedTexts(of: passage) {
            for hit in scorer.score(
                Array(removed.text.utf8), names: context.roster.hashes, beyond: removed.start,
                scratch: &scratch)
            where hit.theme != .swearingOnly {
                guard !findings.contains(where: { $0.ruleID == rules[hit.rule].id }) else {
                    continue
                }
                var made = finding(
                    hit, reading: removed.reading, kind: .deletedRun, offset: removed.start,
                    passage, startsAt: nil)
                made.reasons.append("it was typed and then deleted")
                findings.append(made)
            }
        }
        return findings.sorted { ($1.severity, $0.ruleID) < ($0.severity, $1.ruleID) }
    }

    /// The messages just before, as far as they may run on into this passage.
    private func conversation(
        before passage: Passage, _ context: DetectionContext
    ) -> (text: [UInt8], first: UInt64?) {
        var text: [UInt8] = []
        var first: UInt64?
        var next = passage.start
        for earlier in context.recent.reversed().prefix(
            DetectionLimits.conversationMessagesMaximum)
        {
            let pause = next.milliseconds - earlier.end.milliseconds
            let size = earlier.asLeft.text.utf8.count
            // Long messages are complete: nothing runs on from them.
            guard earlier.cut == .enter, earlier.place == passage.place, size > 0, size <= 80,
                pause <= DetectionLimits.conversationMilliseconds
            else { break }
            text = Array(earlier.asLeft.text.utf8) + [0x0A] + text
            first = earlier.sequences.lowerBound
            next = earlier.start
        }
        return (text, first)
    }

    private func finding(
        _ hit: ScoredHit, reading: Reading, kind: ReadingKind, offset: Int, _ passage: Passage,
        startsAt: UInt64?
    ) -> Finding {
        let size = reading.text.utf8.count
        let lower = min(max(0, hit.lower - offset), size)
        let upper = min(max(lower, hit.upper - offset), size)
        let events = reading.sequences(ofBytes: lower..<upper) ?? passage.sequences
        var reasons = hit.reasons
        if startsAt != nil { reasons.append("it began in the message before") }
        return make(
            hit.rule, theme: hit.theme, severity: hit.severity, reasons: reasons,
            spans: [
                Span(reading: kind, field: TypedTextFields.raw, lower: lower, upper: upper)
            ],
            events: (startsAt ?? events.lowerBound)...events.upperBound)
    }

    private struct RemovedText {
        /// The text as it stood before the removal.
        var text: String
        /// Where the removed run begins in it, in bytes.
        var start: Int
        /// The removed run.
        var reading: Reading
    }

    /// Each longer deleted run with the text that stood before it, so that `i want to [kill myself]` is read whole.
    private func removedTexts(of passage: Passage) -> [RemovedText] {
        guard !passage.deletedRuns.isEmpty else { return [] }
        var found: [RemovedText] = []
        for run in passage.deletedRuns {
            let length = run.text.unicodeScalars.count
            guard length >= DetectionLimits.deletedRunLengthMinimum else { continue }
            let prefix = textBefore(run, in: passage)
            found.append(
                RemovedText(text: prefix + run.text, start: prefix.utf8.count, reading: run))
        }
        return found
    }

    /// What was left of the field before the first key of a run, as far as the sequence numbers tell.
    private func textBefore(_ run: Reading, in passage: Passage) -> String {
        guard let first = run.sequences.first else { return "" }
        var text = String.UnicodeScalarView()
        for (scalar, sequence) in zip(
            passage.asLeft.text.unicodeScalars, passage.asLeft.sequences)
        where sequence < first { text.append(scalar) }
        return String(text)
    }

    // MARK: Other events

    /// What a window title, a page or a program tells; keys are looked at as passages.
    public func findings(in event: Event, context: DetectionContext) -> [Finding] {
        guard let (fields, source) = EventFields.of(event) else { return [] }
        var scratch = scratches.take()
        defer { scratches.put(scratch) }
        let fieldEvent = FieldEvent(fields: fields)
        let matched = scorer.engine.matches(
            fieldEvent, from: source, phrases: [], state: &scratch.state)
        return matched.compactMap { rule in
            guard let safeguarding = rules[rule].safeguarding else { return nil }
            let places = scorer.engine.explain(rule, fieldEvent)
            return make(
                rule, theme: safeguarding.theme, severity: safeguarding.severity,
                reasons: [safeguarding.reason],
                spans: places.map {
                    Span(
                        reading: .field, field: $0.field, lower: $0.range.lowerBound,
                        upper: $0.range.upperBound)
                }, events: event.sequence...event.sequence)
        }
    }

    private func make(
        _ rule: Int, theme: Theme, severity: Severity, reasons: [String], spans: [Span],
        events: ClosedRange<UInt64>
    ) -> Finding {
        let rule = rules[rule]
        return Finding(
            ruleID: rule.id, ruleTitle: rule.title, ruleVersion: rule.version, ruleHash: rule.hash,
            theme: theme, severity: severity, reasons: reasons, spans: spans,
            firstSequence: events.lowerBound, lastSequence: events.upperBound)
    }
}

/// Memory that detectors lend to each call. Owned by the detector; a call that finds none makes its own.
private final class ScratchPool: Sendable {
    private let free = Mutex<[TextScorer.Scratch]>([])

    func take() -> TextScorer.Scratch { free.withLock { $0.popLast() } ?? TextScorer.Scratch() }

    func put(_ scratch: TextScorer.Scratch) {
        free.withLock { if $0.count < 8 { $0.append(scratch) } }
    }
}

/// How events of the agent look to Sigma rules.
enum EventFields {
    /// Fields and log source of an event that rules look at; nil for all other kinds.
    static func of(_ event: Event) -> (fields: [String: FieldValue], source: LogSource)? {
        switch event.body {
        case .window(let place):
            return (
                ["WindowTitle": .text(place.window), "Application": .text(place.app)],
                LogSource(category: "window_title", product: "school_agent")
            )
        case .url(let visit):
            // X12: only what the pupil navigated to counts.
            guard visit.origin == .navigated else { return nil }
            return (
                [
                    "Url": .text(visit.url), "UrlTitle": .text(visit.title),
                    "Application": .text(visit.app),
                ], LogSource(category: "url_visit", product: "school_agent")
            )
        case .process(let change):
            guard change.action == .start else { return nil }
            return (
                [
                    "Image": .text(change.image), "CommandLine": .text(change.commandLine),
                    "ParentImage": .text(change.parentImage),
                    "ProcessId": .integer(Int64(change.pid)),
                    "ParentProcessId": .integer(Int64(change.parentPid)),
                ],
                // The product is left open: public rules name the operating system.
                LogSource(category: "process_creation")
            )
        default: return nil
        }
    }
}
