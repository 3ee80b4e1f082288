/// The checkpoint on the newest morning report: a fingerprint of the log that a person holds.
///
/// Kept in the catalogue as `<size> <time>`; a bundle names it among its anchors (evidence.md 3.5, A1).
public struct ReportAnchor: Hashable, Sendable {
    /// The size of the log at the checkpoint.
    public let size: UInt64
    /// When the report was made, RFC 3339.
    public let time: String

    /// The setting of the catalogue that holds it.
    public static let settingName = "anchor.morning-report"

    /// An anchor from its parts.
    public init(size: UInt64, time: String) {
        self.size = size
        self.time = time
    }

    /// Reads the setting; nil when it has another form.
    public init?(line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let size = UInt64(parts[0]), !parts[1].isEmpty else { return nil }
        self.init(size: size, time: String(parts[1]))
    }

    /// The setting.
    public var line: String { "\(size) \(time)" }
}
