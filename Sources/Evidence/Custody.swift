public import Access
public import Events
import EvidenceFile
import Proofs
public import Storage
import Wire

/// Who touched a student's data: written before it is touched, and read back for `custody.csv`.
public struct Custody: Sendable {
    private let store: Store

    /// Custody in a store.
    public init(store: Store) { self.store = store }

    /// Records an act that is about to happen, durable in the log and the catalogue.
    ///
    /// When it throws, the act must not happen (S17: fail closed).
    /// - Parameter object: what is touched, by its id; content never goes in here.
    @discardableResult
    public func record(_ grant: Grant, object: String, at now: Instant)
        async throws(EvidenceError) -> AuditRow
    {
        do {
            return try await store.record(
                AuditRow(
                    at: now, actor: grant.requester.id, role: grant.requester.role.rawValue,
                    action: grant.action.rawValue, subject: grant.subject?.rawValue,
                    object: object, purpose: grant.purpose.text, leaf: 0, hash: ""))
        } catch {
            throw .notRecorded(error)
        }
    }

    /// The rows of a bundle's custody, oldest first: how the batches came in, what the rules said, who looked.
    func rows(for gathered: Gathered, incident: String, subject: StudentID)
        throws(EvidenceError) -> [CustodyRow]
    {
        var rows = gathered.batches.map { batch in
            CustodyRow(
                time: batch.received, role: Role.collector.rawValue, actor: batch.device.rawValue,
                action: .ingest, object: "batch \(batch.number) of \(batch.device)",
                purpose: "monitoring under the acceptable use policy", leaf: batch.leaf,
                hash: BatchStatement.hash(ofFile: batch.upload.statement))
        }
        for finding in gathered.findings {
            rows.append(
                CustodyRow(
                    time: finding.time, role: Role.collector.rawValue, actor: "detection",
                    action: .finding, object: "rule \(finding.ruleID)",
                    purpose: "incident \(incident)",
                    leaf: finding.findingLeaf, hash: try reference(of: finding.findingLeaf)))
        }
        let acts = try stored { () throws(StorageError) in
            try store.catalogue.audit(from: nil, to: nil, subject: subject)
        }
        for act in acts {
            guard let action = CustodyRow.Action(rawValue: act.action) else { continue }
            // A purpose given for something else may name somebody else (P43).
            let isOurs = act.object == incident
            rows.append(
                CustodyRow(
                    time: act.at, role: act.role, actor: act.actor, action: action,
                    object: isOurs ? incident : "records of the subject",
                    purpose: isOurs ? act.purpose : "another matter", leaf: act.leaf,
                    hash: Hash(hex: act.hash)))
        }
        return rows.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
    }

    private func reference(of leaf: UInt64?) throws(EvidenceError) -> Hash? {
        guard let leaf else { return nil }
        let text = try stored { () throws(StorageError) in try store.leafData(leaf) }
        // nil: a leaf that cannot be parsed is for verify-store to report, here it only has no hash.
        return (try? LeafData(parsing: Array(text.utf8)))?.reference
    }
}
