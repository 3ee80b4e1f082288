import EvidenceFile

/// What this program calls itself in bundles.
public enum Software {
    /// Its version, the same for all programs of a build.
    public static let version = "0.1.0"

    /// The programs that had a hand in a bundle.
    static var records: [IncidentRecord.SoftwareRecord] {
        [.init(name: "daybook-collector", version: version)]
    }
}
