import Synchronization

/// All metrics of the collector: counters that only rise, added up per batch, never per event.
///
/// Names are those of the enum's cases; labels come from closed enums only, so no content, name or
/// address can get in (S29).
public final class CollectorMetrics: Sendable {
    /// What is counted.
    public enum Counter: String, CaseIterable, Sendable {
        case batchesAccepted = "daybook_batches_accepted_total"
        case batchesDuplicate = "daybook_batches_duplicate_total"
        case eventsAccepted = "daybook_events_accepted_total"
        case eventsDuplicate = "daybook_events_duplicate_total"
        case eventsRejected = "daybook_events_rejected_total"
        case linesRepaired = "daybook_lines_repaired_total"
        case bodyBytes = "daybook_body_bytes_total"
        case bodyBytesExpanded = "daybook_body_expanded_bytes_total"
        case authenticationFailures = "daybook_authentication_failures_total"
        case accessRefusals = "daybook_access_refusals_total"
        case overloadRefusals = "daybook_overload_refusals_total"
        case clientErrors = "daybook_client_errors_total"
        case serverErrors = "daybook_server_errors_total"
        case finds = "daybook_finds_total"
        case bundles = "daybook_bundles_total"
        case passagesScanned = "daybook_passages_scanned_total"
        case eventsScanned = "daybook_events_scanned_total"
        case findings = "daybook_findings_total"
        case incidents = "daybook_incidents_total"
        case checkpoints = "daybook_checkpoints_total"
        case seals = "daybook_seals_total"
    }

    private static let position: [Counter: Int] = Dictionary(
        uniqueKeysWithValues: Counter.allCases.enumerated().map { ($1, $0) })

    /// One sum for each counter, in the order of the cases. Written by every request.
    private let sums = Mutex([Int](repeating: 0, count: Counter.allCases.count))

    /// All counters at zero.
    public init() {}

    /// Adds to some counters at once.
    func add(_ amounts: KeyValuePairs<Counter, Int>) {
        sums.withLock { sums in
            for (counter, amount) in amounts {
                guard let index = CollectorMetrics.position[counter] else { continue }
                sums[index] += amount
            }
        }
    }

    /// The value of a counter.
    public func value(_ counter: Counter) -> Int {
        sums.withLock { sums in CollectorMetrics.position[counter].map { sums[$0] } ?? 0 }
    }

    /// The Prometheus text of all counters and of some gauges.
    func prometheusText(gauges: KeyValuePairs<String, Int>) -> String {
        let values = sums.withLock { $0 }
        var text = ""
        for (counter, value) in zip(Counter.allCases, values) {
            text += "# TYPE \(counter.rawValue) counter\n\(counter.rawValue) \(value)\n"
        }
        for (name, value) in gauges { text += "# TYPE \(name) gauge\n\(name) \(value)\n" }
        return text
    }
}
