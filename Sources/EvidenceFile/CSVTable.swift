/// A CSV file that a spreadsheet opens as text (RFC 4180, UTF-8 with mark, CRLF).
struct CSVTable {
    private var text: String
    private let width: Int

    init(columns: [String]) {
        text = "\u{FEFF}"
        width = columns.count
        append(columns)
    }

    /// Appends a row; invisible characters become marks, and no cell can be a formula.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == width, "a row has as many cells as the table has columns")
        text += cells.map(CSVTable.cell).joined(separator: ",") + "\r\n"
    }

    var bytes: [UInt8] { Array(text.utf8) }

    /// A cell: an apostrophe before what a spreadsheet would calculate, quotes where they are needed.
    static func cell(_ value: String) -> String {
        var shown = VisibleText.marked(value)
        if let first = value.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) {
            shown = "'" + shown
        }
        let isQuoted = shown.unicodeScalars.contains { $0 == "\"" || $0 == "," }
        return isQuoted ? "\"" + shown.replacing("\"", with: "\"\"") + "\"" : shown
    }

    /// The cells of a file, row by row; nil when it is not RFC 4180.
    static func parse(_ bytes: [UInt8]) -> [[String]]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rows: [[String]] = []
        var row: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        while let scalar = scalars.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true):
                if scalars.first == "\"" {
                    cell.append(scalars.removeFirst())
                } else {
                    isQuoted = false
                }
            case ("\"", false):
                guard cell.isEmpty else { return nil }
                isQuoted = true
            case (",", false):
                row.append(String(cell))
                cell = String.UnicodeScalarView()
            case ("\r", false):
                guard scalars.popFirst() == "\n" else { return nil }
                rows.append(row + [String(cell)])
                row = []
                cell = String.UnicodeScalarView()
            default: cell.append(scalar)
            }
        }
        return isQuoted || !row.isEmpty || !cell.isEmpty ? nil : rows
    }
}
