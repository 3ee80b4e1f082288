import Events
import Storage

/// A finding on its way into the log. It holds no typed text: that is rebuilt from the events.
enum FindingRecord {
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
}
