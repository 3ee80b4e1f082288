import Foundation

/// Lines for people and programs, written at once.
enum Terminal {
    /// A line on stdout.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// A line on stderr.
    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// An error on stderr.
    static func complain(_ line: String) { note("daybook-collector: " + line) }
}
