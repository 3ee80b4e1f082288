import Events

/// Decides which incident a finding belongs to.
///
/// One incident holds the findings of one student and one ``CaseFamily`` that follow each other
/// within ``gapMilliseconds``: a campaign over days is one story. A finding that arrives late, from a
/// machine that was offline, joins the incident it would have stood in. Findings for the record only
/// (severity 1) join an incident and never open one or keep one open.
public struct IncidentBuilder: Sendable {
    /// The longest quiet time inside one incident, in milliseconds: seven days.
    public static let gapMilliseconds: Int64 = 7 * 86_400_000

    /// Where a finding goes.
    public enum Placement: Hashable, Sendable {
        /// Into an incident that is there already.
        case joins(IncidentID)
        /// Into a new incident.
        case opens
        /// Nowhere: it is kept for the record.
        case recordOnly
    }

    /// An incident as far as placing needs it.
    private struct Stretch {
        let id: IncidentID
        let student: StudentID
        let family: CaseFamily
        var first: Instant
        var last: Instant
    }

    private var stretches: [Stretch]

    /// Starts from the incidents that are there already.
    public init(after incidents: [Incident]) {
        stretches = incidents.map {
            Stretch(
                id: $0.id, student: $0.student, family: $0.family, first: $0.firstAlert,
                last: $0.lastAlert)
        }
    }

    /// Where a finding goes; ask for findings in the order of their time.
    public func placement(of finding: CaseFinding) -> Placement {
        let fitting = stretches.filter { IncidentBuilder.reaches($0, finding) }
        // Where a late finding lies between two stories it belongs to the nearer one.
        let nearest = fitting.min {
            (IncidentBuilder.distance($0, finding), $0.id)
                < (IncidentBuilder.distance($1, finding), $1.id)
        }
        if let nearest { return .joins(nearest.id) }
        return finding.severity > .recordOnly ? .opens : .recordOnly
    }

    /// Notes that a finding now stands in an incident, so that the next one can join it.
    public mutating func note(_ finding: CaseFinding, in id: IncidentID) {
        guard let index = stretches.firstIndex(where: { $0.id == id }) else {
            stretches.append(
                Stretch(
                    id: id, student: finding.student, family: finding.theme.family,
                    first: finding.time, last: finding.time))
            return
        }
        guard finding.severity > .recordOnly else { return }
        stretches[index].first = min(stretches[index].first, finding.time)
        stretches[index].last = max(stretches[index].last, finding.time)
    }

    private static func reaches(_ stretch: Stretch, _ finding: CaseFinding) -> Bool {
        stretch.student == finding.student && stretch.family == finding.theme.family
            && distance(stretch, finding) <= gapMilliseconds
    }

    /// How long after the last or before the first finding it is; 0 in between.
    private static func distance(_ stretch: Stretch, _ finding: CaseFinding) -> Int64 {
        max(
            0, finding.time.milliseconds - stretch.last.milliseconds,
            stretch.first.milliseconds - finding.time.milliseconds)
    }
}
