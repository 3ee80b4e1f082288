/// Names an incident: `I-<year>-<six digits>`, counted from 1 in every year.
///
/// It carries no name, class or date of birth, so it may stand in a file name or a mail (S48).
public struct IncidentID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year in London of the incident's first finding.
    public let year: Int
    /// The number in that year, from 1.
    public let number: Int

    /// The greatest number that six digits hold.
    public static let numberMaximum = 999_999

    /// An id of a year from 1000 to 9999 and a number from 1 to ``numberMaximum``; otherwise nil.
    public init?(year: Int, number: Int) {
        guard (1_000...9_999).contains(year), (1...IncidentID.numberMaximum).contains(number)
        else { return nil }
        self.year = year
        self.number = number
    }

    /// Reads `I-2026-000123`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "I", parts[1].utf8.count == 4,
            parts[2].utf8.count == 6, parts[1].utf8.allSatisfy(isDigit),
            parts[2].utf8.allSatisfy(isDigit), let year = Int(parts[1]),
            let number = Int(parts[2])
        else { return nil }
        self.init(year: year, number: number)
    }

    /// `I-2026-000123`.
    public var description: String {
        let digits = String(number)
        return "I-\(year)-" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Orders by year and number.
    public static func < (left: IncidentID, right: IncidentID) -> Bool {
        (left.year, left.number) < (right.year, right.number)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
