import Foundation

/// Lines for people and programs, written at once.
enum Terminal {
    /// A line on stdout.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// A line on stderr.
    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// A path from the root: another process may be told of it.
    static func absolutePath(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }

    /// A value as one JSON object.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// An error on stderr.
    static func complain(_ line: String) { note("daybook-collector: " + line) }
}
