import Access
import Events
import Storage

/// Writes who looked at whom, durable and in the log before the first byte is read (S17).
///
/// If the row cannot be written, nothing is shown: the error goes up and ends the request.
struct AuditTrail: Sendable {
    let store: Store
    let now: @Sendable () -> Instant

    /// Records one look. `object` names what was looked at by its id; content never goes in here.
    func record(_ grant: Grant, object: String?) async throws {
        _ = try await store.record(
            AuditRow(
                at: now(), actor: grant.requester.id, role: grant.requester.role.rawValue,
                action: grant.action.rawValue, subject: grant.subject?.rawValue, object: object,
                purpose: grant.purpose.text, leaf: 0, hash: ""))
    }
}
