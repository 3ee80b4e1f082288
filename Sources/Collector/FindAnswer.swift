import Events
import Storage
import Typing

/// What somebody wants to find.
struct FindQuestion: Sendable {
    let student: StudentID
    let from: Instant?
    let to: Instant?
    let kind: EventKind?
    let phrase: String?
}

/// What was found: events, and the passages that their keys make.
struct FindAnswer: Sendable {
    /// A passage and where it was typed.
    struct FoundPassage: Sendable {
        let passage: Passage
        let context: SessionContext
        let device: DeviceName
    }

    let question: FindQuestion
    let events: [StoredEvent]
    let passages: [FoundPassage]
    let isTruncated: Bool

    /// Reads the store once and answers from what it gives.
    static func make(for question: FindQuestion, from store: Store) throws -> FindAnswer {
        let wantsPassages = question.kind == nil || question.kind == .key
        let kinds: Set<EventKind> =
            wantsPassages ? [] : question.kind.map { [$0] } ?? []
        let stored = try store.events(
            matching: EventQuery(
                student: question.student, machine: nil, from: question.from, to: question.to,
                kinds: kinds, limit: CollectorLimits.findEventsMaximum))
        let phrase = question.phrase.map(PhraseSearch.init)
        var passages = wantsPassages ? passages(of: stored) : []
        var events = stored
        if let kind = question.kind { events.removeAll { $0.event.kind != kind } }
        if let phrase {
            passages.removeAll { !phrase.matches($0.passage) }
            // A phrase is never in one key: keys are found through the passages they make.
            events.removeAll { $0.event.kind == .key || !phrase.matches($0.content) }
        }
        return FindAnswer(
            question: question, events: events, passages: passages,
            isTruncated: stored.count >= CollectorLimits.findEventsMaximum)
    }

    /// The passages of events that come ordered by machine, device and sequence.
    static func passages(of events: [StoredEvent]) -> [FoundPassage] {
        var builders: [Session: PassageBuilder] = [:]
        var found: [FoundPassage] = []
        var session: Session?
        var builder = PassageBuilder()
        func keep(_ passages: [Passage], _ session: Session) {
            for passage in passages {
                found.append(
                    FoundPassage(
                        passage: passage, context: session.context, device: session.device))
            }
        }
        for event in events {
            if session?.context != event.context || session?.device != event.device {
                if let session { builders[session] = builder }
                let next = Session(context: event.context, device: event.device)
                builder = builders.removeValue(forKey: next) ?? PassageBuilder()
                session = next
            }
            guard let session else { continue }
            keep(builder.feed(event.event), session)
        }
        if let session { builders[session] = builder }
        for (session, builder) in builders {
            var last = builder
            keep(last.finish(), session)
        }
        return found.sorted {
            ($0.passage.start, $0.context.machine, $0.passage.sequences.lowerBound)
                < ($1.passage.start, $1.context.machine, $1.passage.sequences.lowerBound)
        }
    }

    private struct Session: Hashable {
        let context: SessionContext
        let device: DeviceName
    }

    /// Writes the members of the answer.
    func write(to json: inout JSONWriter) {
        json.member("student", question.student.rawValue)
        json.member("from", question.from)
        json.member("to", question.to)
        json.member("truncated", isTruncated)
        json.array("events") { json in
            for event in events { FindAnswer.write(event, to: &json) }
        }
        json.array("passages") { json in
            for passage in passages { FindAnswer.write(passage, to: &json) }
        }
    }

    private static func write(_ stored: StoredEvent, to json: inout JSONWriter) {
        json.object { json in
            json.member("time", stored.event.time)
            json.member("received", stored.received)
            json.member("host", stored.context.machine.rawValue)
            json.member("session", stored.context.session.rawValue)
            json.member("device", stored.device.rawValue)
            json.member("seq", stored.event.sequence)
            json.member("kind", stored.event.kind.name)
            json.member("leaf", stored.leaf)
            json.member("index", stored.index)
            json.member("content", json: stored.content)
        }
    }

    private static func write(_ found: FoundPassage, to json: inout JSONWriter) {
        let passage = found.passage
        json.object { json in
            json.member("start", passage.start)
            json.member("end", passage.end)
            json.member("host", found.context.machine.rawValue)
            json.member("session", found.context.session.rawValue)
            json.member("device", found.device.rawValue)
            json.member("app", passage.place.app)
            json.member("window", passage.place.window)
            json.member("asTyped", passage.asTyped.text)
            json.member("asLeft", passage.asLeft.text)
            json.array("deleted") { json in
                for run in passage.deletedRuns { json.element(run.text) }
            }
            json.member("firstSeq", passage.sequences.lowerBound)
            json.member("lastSeq", passage.sequences.upperBound)
            json.member("cut", passage.cut.rawValue)
            json.member("exact", passage.isExact)
        }
    }
}

/// Looks for a phrase without regard to case.
struct PhraseSearch: Sendable {
    private let folded: [UInt8]

    init(_ phrase: String) { folded = Array(phrase.lowercased().utf8) }

    /// Whether any reading of a passage holds the phrase.
    func matches(_ passage: Passage) -> Bool {
        contains(passage.asLeft.text) || contains(passage.asTyped.text)
            || passage.deletedRuns.contains { contains($0.text) }
    }

    /// Whether a content holds the phrase as text.
    func matches(_ content: [UInt8]) -> Bool { contains(String(decoding: content, as: UTF8.self)) }

    private func contains(_ text: String) -> Bool {
        let bytes = Array(text.lowercased().utf8)
        guard !folded.isEmpty, bytes.count >= folded.count else { return folded.isEmpty }
        var start = 0
        while start + folded.count <= bytes.count {
            if bytes[start] == folded[0],
                bytes[start..<start + folded.count].elementsEqual(folded)
            {
                return true
            }
            start += 1
        }
        return false
    }
}
