import Bytes

/// An age file as text, for mail: PEM-like lines of 64 columns of padded base64, the last one not empty.
public enum AgeArmour {
    private static let begin = "-----BEGIN AGE ENCRYPTED FILE-----"
    private static let end = "-----END AGE ENCRYPTED FILE-----"
    private static let columns = 64

    /// An age file as text.
    public static func encode(_ file: [UInt8]) -> String {
        var lines = [begin]
        var rest = Base64.encode(file)[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(columns)))
            rest = rest.dropFirst(columns)
        }
        return (lines + [end]).joined(separator: "\n") + "\n"
    }

    /// The age file in a text; white space around it is skipped, nothing else.
    public static func decode(_ text: String) throws(AgeError) -> [UInt8] {
        // A line ends with LF or CRLF, never with CR alone.
        let unified = String(
            decoding: dropCarriageReturns(Array(text.utf8)), as: UTF8.self)
        var lines = unified.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        let start = lines.startIndex
        guard lines.popFirst() == begin[...] else { throw .badArmour(line: start + 1) }
        guard lines.popLast() == end[...] else { throw .badArmour(line: lines.endIndex + 1) }
        for (index, line) in zip(lines.indices, lines) {
            let isLast = index == lines.endIndex - 1
            guard line.utf8.count == columns || isLast && (1...columns).contains(line.utf8.count)
            else { throw .badArmour(line: index + 1) }
        }
        guard !lines.isEmpty, let bytes = Base64.decode(lines.joined()) else {
            throw .badArmour(line: lines.endIndex)
        }
        return bytes
    }

    private static func dropCarriageReturns(_ bytes: [UInt8]) -> [UInt8] {
        bytes.indices.filter { index in
            bytes[index] != 0x0D || index + 1 >= bytes.count || bytes[index + 1] != 0x0A
        }.map { bytes[$0] }
    }

    private static func isBlank(_ line: Substring) -> Bool {
        line.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
}
