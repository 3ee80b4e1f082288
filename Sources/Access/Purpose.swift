/// Why somebody opens a student's data, in their own words (S17).
///
/// At least ``characterCountMinimum`` characters that are not white space at the edges, on one line,
/// so that it can stand in an audit row, a table cell and a bundle as it was given.
public struct Purpose: Hashable, Sendable {
    /// The text, without white space at its edges.
    public let text: String

    /// Fewest characters of a purpose: S17 asks for a sentence, not a tick.
    public static let characterCountMinimum = 10
    /// Greatest size in bytes of UTF-8: a long sentence, not a document.
    public static let sizeMaximum = 1_000

    /// Takes a text that is long enough, short enough and on one line; otherwise nil.
    public init?(_ text: String) {
        let trimmed = Purpose.trimmed(text)
        guard trimmed.count >= Purpose.characterCountMinimum,
            trimmed.utf8.count <= Purpose.sizeMaximum,
            trimmed.unicodeScalars.allSatisfy(Purpose.isPrintable)
        else { return nil }
        self.text = trimmed
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether a scalar neither ends the line nor turns the direction of the text around it.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x61C: false
        default: true
        }
    }
}
