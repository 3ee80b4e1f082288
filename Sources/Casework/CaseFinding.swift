public import Events

/// What grouping needs to know of a finding; no content.
public struct CaseFinding: Hashable, Sendable {
    /// The catalogue's number of the finding.
    public var id: Int64
    /// The account it is about.
    public var student: StudentID
    /// When the first event it rests on happened.
    public var time: Instant
    /// What it is about.
    public var theme: Theme
    /// How soon a person must look.
    public var severity: Severity

    /// A finding as grouping sees it.
    public init(
        id: Int64, student: StudentID, time: Instant, theme: Theme, severity: Severity
    ) {
        self.id = id
        self.student = student
        self.time = time
        self.theme = theme
        self.severity = severity
    }

    /// Order of grouping: by time, and where that is equal by the catalogue's number.
    static func precedes(_ left: CaseFinding, _ right: CaseFinding) -> Bool {
        (left.time, left.id) < (right.time, right.id)
    }
}
