import HTTPTypes
import Hummingbird
import Storage

/// Whether the process lives, whether it can take batches, and its metrics.
struct HealthRoute: Sendable {
    let parts: CollectorParts

    /// The process answers.
    func live() -> Response { HealthRoute.text("live\n") }

    /// The store is open and takes batches: the queue before the journal is not full.
    func ready() -> Response {
        let load = parts.admission.load
        return load.requests < parts.admission.bounds.requests
            ? HealthRoute.text("ready\n")
            : Response(status: .serviceUnavailable, headers: [.retryAfter: "5"])
    }

    /// Prometheus text, for peers on this computer only.
    func metrics(_ context: CollectorContext) throws -> Response {
        guard context.isLoopback else { throw CollectorError.notLoopback }
        let statistics = try parts.store.statistics()
        let load = parts.admission.load
        return HealthRoute.text(
            parts.metrics.prometheusText(gauges: [
                "daybook_requests_in_flight": load.requests,
                "daybook_bytes_in_flight": load.bytes,
                "daybook_stored_events": statistics.events,
                "daybook_stored_batches": statistics.batches,
                "daybook_store_bytes": statistics.sizeOnDisk,
                "daybook_segments": statistics.segments,
                "daybook_journal_events": statistics.journalEvents,
                "daybook_log_leaves": Int(clamping: statistics.leaves),
                "daybook_journal_waiting": statistics.waiting,
            ]))
    }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
