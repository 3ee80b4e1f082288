public import Access
public import Casework

/// Who wants a bundle of what, and why.
public struct EvidenceRequest: Hashable, Sendable {
    /// The incident.
    public var incident: IncidentID
    /// Why, in the requester's words.
    public var purpose: String
    /// Who asks.
    public var requester: Requester

    /// A request for a bundle.
    public init(incident: IncidentID, purpose: String, requester: Requester) {
        self.incident = incident
        self.purpose = purpose
        self.requester = requester
    }
}

/// A bundle that was made, checked and recorded.
public struct IssuedBundle: Hashable, Sendable {
    /// Its id, also the name of its folder.
    public let id: String
    /// Its folder.
    public let path: String
    /// The leaf of the log that records it.
    public let leaf: UInt64
    /// SHA-256 of its tag manifest, in hex: what the leaf names.
    public let tagManifestHash: String
    /// The fingerprint of the key that signed it, to compare with the printed one.
    public let fingerprint: String
    /// What the check warned of, one sentence each; empty when it found all good.
    public let warnings: [String]
    /// Findings that the rules in force did not give again.
    public let findingsLeftOut: Int
}
