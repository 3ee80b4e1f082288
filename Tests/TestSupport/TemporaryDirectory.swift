public import Foundation

/// A folder that is there for the length of a closure.
public enum TemporaryDirectory {
    /// Makes a folder with a random name, hands it over, and removes it with all it holds.
    public static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = try make()
        defer { remove(folder) }
        return try body(folder)
    }

    /// Makes a folder with a random name, hands it over, and removes it with all it holds.
    public static func with<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (URL) async throws -> sending Result
    ) async throws -> sending Result {
        let folder = try make()
        defer { remove(folder) }
        return try await body(folder)
    }

    private static func make() throws -> URL {
        let name = "daybook-test-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        return folder
    }

    private static func remove(_ folder: URL) {
        // try?: a test that removed its own folder, or a full disk, must not hide the test's result.
        try? FileManager.default.removeItem(at: folder)
    }
}

extension URL {
    /// The path as text, as system calls and command lines want it.
    public var pathText: String { path(percentEncoded: false) }
}
