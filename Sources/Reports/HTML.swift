/// A piece of HTML in which every value is escaped unless it is HTML itself (S27).
///
/// A literal is taken as it stands; what is put into it with `\( )` is text and is escaped. Control
/// and bidi characters become visible marks, so that a hostile window title can neither run, nor
/// break out of its cell, nor turn the text around it.
public struct HTML: ExpressibleByStringInterpolation, Hashable, Sendable {
    /// The markup.
    public private(set) var markup: String

    /// Markup written by hand.
    public init(stringLiteral markup: String) { self.markup = markup }

    /// Markup with values in it.
    public init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    /// Pieces one after the other.
    public init(_ pieces: [HTML]) { markup = pieces.map(\.markup).joined(separator: "\n") }

    /// No markup.
    public static let nothing: HTML = ""

    /// Collects literals as they are and values escaped.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        /// Makes room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        /// Takes markup written by hand.
        public mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Takes text, escaped.
        public mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }

        /// Takes a number.
        public mutating func appendInterpolation(_ number: some BinaryInteger) {
            markup += String(number)
        }

        /// Takes markup as it is.
        public mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

        /// Takes pieces one after the other.
        public mutating func appendInterpolation(_ pieces: [HTML]) {
            markup += HTML(pieces).markup
        }
    }

    /// Text as it may stand between tags and in quoted attributes.
    public static func escaped(_ text: String) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case _ where isInvisible(scalar): out += mark(scalar)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// Controls, bidi controls, zero-width characters, separators and tags: what a reader cannot see.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
            true
        default: false
        }
    }

    private static func mark(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "[U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
    }
}
