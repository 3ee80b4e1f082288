import Events
import Proofs
import Typing

/// `events.csv`, `text.csv` and `custody.csv` (evidence.md 7.5 and 7.6).
enum Tables {
    /// Every event of the bundle, withheld ones as such.
    static func events(_ timeline: BundleTimeline, _ record: IncidentRecord) -> [UInt8] {
        var table = CSVTable(columns: [
            "seq", "leaf", "index", "time_utc", "time_local", "type", "role", "text",
            "source_note",
        ])
        for entry in timeline.entries {
            table.append(eventCells(entry, record))
        }
        return table.bytes
    }

    /// What was typed, passage by passage.
    static func text(_ timeline: BundleTimeline) -> [UInt8] {
        var table = CSVTable(columns: [
            "line", "start_utc", "end_utc", "start_local", "end_local", "app", "window",
            "as_typed", "as_left", "first_seq", "last_seq", "cut", "exact", "device", "session",
        ])
        for (index, typed) in timeline.passages.enumerated() {
            let passage = typed.passage
            table.append([
                "\(index + 1)", passage.start.rfc3339, passage.end.rfc3339,
                LocalTime(passage.start).iso, LocalTime(passage.end).iso, passage.place.app,
                passage.place.window, passage.asTyped.text.replacingDeletionMarks("[bksp]"),
                passage.asLeft.text, "\(passage.sequences.lowerBound)",
                "\(passage.sequences.upperBound)", passage.cut.rawValue,
                passage.isExact ? "yes" : "no", typed.source.device, typed.source.session,
            ])
        }
        return table.bytes
    }

    static let custodyColumns = [
        "time_utc", "actor_role", "actor_id", "action", "object", "purpose", "log_leaf_index",
        "hash",
    ]

    /// Who touched it.
    static func custody(_ rows: [CustodyRow]) -> [UInt8] {
        var table = CSVTable(columns: custodyColumns)
        for row in rows {
            table.append([
                row.time.rfc3339, row.role, row.actor, row.action.rawValue, row.object,
                row.purpose, row.leaf.map { "\($0)" } ?? "", row.hash?.hex ?? "",
            ])
        }
        return table.bytes
    }

    /// What part an event plays: `match`, `before` or `after` the first match.
    static func role(of entry: BundleTimeline.Entry, in record: IncidentRecord) -> String {
        guard let sequence = entry.disclosure.envelope?.sequence else { return "" }
        let findings = record.findings.filter { $0.device == entry.source.device }
        if findings.contains(where: { $0.firstSequence <= sequence && sequence <= $0.lastSequence })
        {
            return "match"
        }
        guard let first = findings.map(\.firstSequence).min() else { return "" }
        return sequence < first ? "before" : "after"
    }

    private static func eventCells(
        _ entry: BundleTimeline.Entry, _ record: IncidentRecord
    ) -> [String] {
        let envelope = entry.disclosure.envelope
        let time = envelope.map { Instant(milliseconds: $0.wallMilliseconds) }
        return [
            envelope.map { "\($0.sequence)" } ?? "", "\(entry.leaf)", "\(entry.index)",
            time?.rfc3339 ?? "", time.map { LocalTime($0).iso } ?? "", envelope?.kind ?? "",
            role(of: entry, in: record), text(entry), note(entry),
        ]
    }

    private static func text(_ entry: BundleTimeline.Entry) -> String {
        switch entry.disclosure {
        case .withheld(_, let reason): return "[withheld: \(reason.rawValue)]"
        case .contentWithheld(_, let reason): return "[content withheld: \(reason.rawValue)]"
        case .disclosed(_, _, let content):
            return entry.event.map { EventWords.text($0.body) }
                ?? String(decoding: content, as: UTF8.self)
        }
    }

    private static func note(_ entry: BundleTimeline.Entry) -> String {
        var notes = [entry.source.device, entry.source.session]
        if let event = entry.event {
            if let place = event.body.place { notes.append("\(place.app): \(place.window)") }
            if event.isRemote { notes.append("remote-control session, not the pupil") }
            if event.isOnSite == false { notes.append("off site") }
        } else if case .disclosed = entry.disclosure {
            notes.append("content shown as it was received")
        }
        return notes.joined(separator: " | ")
    }
}

extension String {
    /// The text with another sign for each removal.
    func replacingDeletionMarks(_ sign: String) -> String {
        replacing(String(Passage.deletionMark), with: sign)
    }
}
