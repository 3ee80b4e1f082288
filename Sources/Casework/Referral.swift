public import Access
public import Events

/// Who takes an incident over, under which procedure of the school, and how soon (P45, P46).
public struct Referral: Hashable, Sendable {
    /// The procedure that takes over.
    public let procedure: Theme.Procedure
    /// The first contact.
    public let contact: Role
    /// How soon a person must look.
    public let severity: Severity

    /// The referral of an incident by its themes, most urgent first.
    ///
    /// Where any theme is a matter of safeguarding, that procedure takes over: the child comes
    /// before the sanction.
    public init(themes: [Theme], severity: Severity) {
        let procedures = themes.map(\.procedure)
        procedure =
            procedures.contains(.safeguarding) ? .safeguarding : procedures.first ?? .behaviour
        contact = procedure == .staffConduct ? .head : .coordinator
        self.severity = severity
    }

    /// How soon, in plain English.
    public var deadline: String {
        switch severity {
        case .actNow: "act now"
        case .sameDay: "look today"
        case .thisWeek: "look this week"
        case .watch: "keep an eye on"
        case .recordOnly: "for the record"
        }
    }
}
