public import Events

/// What somebody wants to do; the raw values are the actions of audit rows and custody tables.
public enum Action: String, CaseIterable, Sendable, Codable {
    /// Looking through events and passages by student, period and words.
    case search
    /// Looking at incidents and what they rest on.
    case view
    /// Making a bundle.
    case export
}

/// A permission that was given: by whom it is used, for what, and until when.
///
/// It always ends (S17: 30 minutes for that subject). Holding one means that the question was asked
/// and answered; it does not mean that the audit row is written yet.
public struct Grant: Hashable, Sendable {
    /// Who may.
    public let requester: Requester
    /// What they may do.
    public let action: Action
    /// About whom; nil for everybody.
    public let subject: StudentID?
    /// Why.
    public let purpose: Purpose
    /// When it ends.
    public let expires: Instant

    /// How long a permission lasts, in milliseconds (S17: 30 minutes).
    public static let lifetimeMilliseconds: Int64 = 30 * 60 * 1_000
}

/// Why somebody may not.
public enum Refusal: String, Hashable, Sendable, Codable {
    /// The purpose is missing, too short, too long or not one line.
    case purpose
    /// The role has no right to content (S54, S19).
    case role

    /// The refusal in plain English, with what to do.
    public var explanation: String {
        switch self {
        case .purpose:
            """
            the purpose must be one line of at least \(Purpose.characterCountMinimum) characters \
            that says why this is opened
            """
        case .role: "this role has no right to content, ask the e-Safety Coordinator"
        }
    }
}

/// The answer to a question about access.
public enum AccessDecision: Hashable, Sendable {
    /// Yes, until the grant ends.
    case granted(Grant)
    /// No, and why.
    case refused(Refusal)
}

/// Decides who may do what; deny by default (P20).
public enum Entitlement {
    /// Answers whether somebody may do something now, and for how long.
    public static func decide(
        _ action: Action, by requester: Requester, about subject: StudentID?, purpose: String,
        at now: Instant
    ) -> AccessDecision {
        switch requester.role {
        case .coordinator, .head: break
        case .networkManager, .auditor, .collector: return .refused(.role)
        }
        guard let purpose = Purpose(purpose) else { return .refused(.purpose) }
        return .granted(
            Grant(
                requester: requester, action: action, subject: subject, purpose: purpose,
                expires: now.advanced(byMilliseconds: Grant.lifetimeMilliseconds)))
    }
}
