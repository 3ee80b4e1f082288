import Events

/// Rows of text under each other.
enum Table {
    /// A table with columns as wide as their widest cell; the last column is not padded.
    static func text(header: [String], rows: [[String]]) -> String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }
}

/// Times as clocks in a British school show them.
enum UKTime {
    /// `2026-11-24 09:00:01`, with `BST` behind it in summer; what is no time stays as it is.
    static func text(_ rfc3339: String) -> String {
        guard let instant = Instant(rfc3339: rfc3339) else { return Visible.text(rfc3339) }
        let offset = SchoolDay.londonOffsetMilliseconds(at: instant)
        let local = instant.advanced(byMilliseconds: offset).rfc3339
        let date = local.prefix(10)
        let time = local.dropFirst(11).prefix(8)
        return "\(date) \(time)" + (offset == 0 ? " GMT" : " BST")
    }
}

/// Text from outside, made safe for a terminal (S27): controls and bidi characters become visible marks.
enum Visible {
    static func text(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: out.append("\u{23CE}")
            case 0x09: out.append(" ")
            case 0..<0x20: out.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: out.append("\u{2421}")
            case 0x80..<0xA0, 0x200E, 0x200F, 0x061C, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
