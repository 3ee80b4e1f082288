/// Who somebody is to the school; the raw values are stored and shown in custody tables.
public enum Role: String, CaseIterable, Sendable, Codable {
    /// The e-safety coordinator: first contact for everything about students (P45).
    case coordinator
    /// The head: complaints about staff go here and nowhere else (P45).
    case head
    /// The network manager: keeps the machines, sees no content (S54).
    case networkManager = "network-manager"
    /// The data protection officer or a governor: reads who looked, not what they saw (S19).
    case auditor
    /// The collector itself: detection and the night.
    case collector

    /// The role in plain English.
    public var title: String {
        switch self {
        case .coordinator: "e-Safety Coordinator"
        case .head: "Head"
        case .networkManager: "Network Manager"
        case .auditor: "Auditor"
        case .collector: "Collector"
        }
    }
}

/// A person or program that asks for something.
public struct Requester: Hashable, Sendable {
    /// The account's id; for a person never their name.
    public let id: String
    /// What they are to the school.
    public let role: Role

    /// Somebody with an id and a role.
    public init(id: String, role: Role) {
        self.id = id
        self.role = role
    }

    /// The collector's own work.
    public static let collector = Requester(id: "collector", role: .collector)
}
