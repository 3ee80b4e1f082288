/// The name of a log as this collector gives it: a host and which of the host's histories it is.
///
/// `collector.hillside.example/log1` is the first. A collector whose store was lost or restored must not
/// sign on under a name that has signed something else (evidence.md 3.4), so it counts on: `/log2`.
public struct LogOrigin: Hashable, Sendable {
    /// Everything before `/log`.
    public let host: String
    /// Counts the host's histories from 1.
    public let number: UInt64

    /// A name from its parts.
    public init(host: String, number: UInt64) {
        self.host = host
        self.number = number
    }

    /// Reads a name; nil for one of another form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let slash = bytes.lastIndex(of: 0x2F), slash > 0,
            bytes[(slash + 1)...].starts(with: LogOrigin.word),
            let number = StrictNumber.unsigned(bytes[(slash + 1 + LogOrigin.word.count)...]),
            number > 0
        else { return nil }
        self.init(host: String(decoding: bytes[..<slash], as: UTF8.self), number: number)
    }

    /// The name as it stands in checkpoints and statements.
    public var text: String { "\(host)/log\(number)" }

    /// The name of the history after this one.
    public var next: LogOrigin { LogOrigin(host: host, number: number + 1) }

    /// Whether this is a later history of the same collector.
    public func follows(_ other: LogOrigin) -> Bool {
        host == other.host && number > other.number
    }

    private static let word = Array("log".utf8)
}
