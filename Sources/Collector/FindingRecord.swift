import Detection
import Events
import Foundation
import Storage

/// A finding on its way into the catalogue and the log. It holds no typed text: that is rebuilt from the events.
enum FindingRecord {
    /// The row of a finding.
    static func row(
        _ finding: Finding, _ key: DetectionSessions.SessionKey, leaf: UInt64, time: Instant,
        packVersion: String
    ) throws -> FindingRow {
        FindingRow(
            student: key.context.student, machine: key.context.machine,
            session: key.context.session, device: key.device, leaf: leaf, time: time,
            ruleID: finding.ruleID, ruleTitle: finding.ruleTitle,
            ruleVersion: finding.ruleVersion, ruleHash: finding.ruleHash,
            packVersion: packVersion, theme: finding.theme.rawValue,
            severity: finding.severity.rawValue, reasonsJSON: try json(finding.reasons),
            spansJSON: try json(finding.spans),
            reading: (finding.spans.first?.reading ?? .asLeft).rawValue,
            firstSequence: finding.firstSequence, lastSequence: finding.lastSequence)
    }

    /// The record behind a finding's leaf.
    static func json(_ row: FindingRow) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("student", row.student.rawValue)
            json.member("host", row.machine.rawValue)
            json.member("session", row.session.rawValue)
            json.member("device", row.device.rawValue)
            json.member("time", row.time)
            json.member("rule", row.ruleID)
            json.member("ruleVersion", row.ruleVersion)
            json.member("ruleHash", row.ruleHash)
            json.member("packVersion", row.packVersion)
            json.member("theme", row.theme)
            json.member("severity", row.severity)
            json.member("reading", row.reading)
            json.member("spans", json: Array(row.spansJSON.utf8))
            json.member("firstSeq", row.firstSequence)
            json.member("lastSeq", row.lastSequence)
        }
        return json.bytes
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
