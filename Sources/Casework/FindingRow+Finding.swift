public import Detection
public import Events
import Foundation
public import Storage

/// Between what detection says and what the catalogue keeps.
extension FindingRow {
    /// The row of a finding.
    ///
    /// - Parameters:
    ///   - context: who was where.
    ///   - device: the device that sent the events.
    ///   - leaf: the leaf of the batch that holds the first event.
    ///   - time: the time of the last event it rests on.
    ///   - packVersion: the version of the pack in force.
    public init(
        _ finding: Finding, context: SessionContext, device: DeviceName, leaf: UInt64,
        time: Instant, packVersion: String
    ) {
        self.init(
            student: context.student, machine: context.machine, session: context.session,
            device: device, leaf: leaf, time: time, ruleID: finding.ruleID,
            ruleTitle: finding.ruleTitle, ruleVersion: finding.ruleVersion,
            ruleHash: finding.ruleHash, packVersion: packVersion,
            theme: finding.theme.rawValue, severity: finding.severity.rawValue,
            reasonsJSON: StoredJSON.text(finding.reasons),
            spansJSON: StoredJSON.text(finding.spans),
            reading: (finding.spans.first?.reading ?? .field).rawValue,
            firstSequence: finding.firstSequence, lastSequence: finding.lastSequence)
    }

    /// The finding of a row.
    public func finding() throws(CaseworkError) -> Finding {
        guard let theme = Theme(rawValue: theme), let severity = Severity(rawValue: severity),
            let reasons = StoredJSON.read([String].self, reasonsJSON),
            let spans = StoredJSON.read([Span].self, spansJSON)
        else { throw .badFinding(id: id ?? 0) }
        return Finding(
            ruleID: ruleID, ruleTitle: ruleTitle, ruleVersion: ruleVersion, ruleHash: ruleHash,
            theme: theme, severity: severity, reasons: reasons, spans: spans,
            firstSequence: firstSequence, lastSequence: lastSequence)
    }
}

extension CaseFinding {
    /// What grouping needs of a stored row.
    init(_ row: FindingRow) throws(CaseworkError) {
        guard let id = row.id, let theme = Theme(rawValue: row.theme),
            let severity = Severity(rawValue: row.severity)
        else { throw .badFinding(id: row.id ?? 0) }
        self.init(id: id, student: row.student, time: row.time, theme: theme, severity: severity)
    }
}

/// Lists in the catalogue, as JSON with sorted keys.
private enum StoredJSON {
    static func text(_ values: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(values) else {  // strings and integers always encode
            preconditionFailure("strings and integers did not encode as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func read<Values: Decodable>(_ type: Values.Type, _ text: String) -> Values? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))  // nil says that it is broken
    }
}
