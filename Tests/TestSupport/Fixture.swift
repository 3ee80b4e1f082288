public import Foundation

/// Files of the repository that tests read: `Fixtures/` and, for the house rules, everything else.
public enum Fixture {
    /// The top folder of the repository.
    public static let repository: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file or folder below `Fixtures/`.
    public static func url(_ path: String) -> URL {
        repository.appending(path: "Fixtures").appending(path: path)
    }

    /// The bytes of a file below `Fixtures/`.
    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url(path)))
    }

    /// The text of a file below `Fixtures/`; throws when it is not UTF-8.
    public static func text(_ path: String) throws -> String {
        try String(contentsOf: url(path), encoding: .utf8)
    }

    /// The lines of a text file below `Fixtures/`, without the last empty one.
    public static func lines(_ path: String) throws -> [String] {
        var lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines.map(String.init)
    }

    /// Names of the files directly in a folder below `Fixtures/`, sorted, so that a table of cases can be a folder.
    public static func files(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(path).path(percentEncoded: false))
            .filter { !$0.hasPrefix(".") }.sorted()
    }
}
