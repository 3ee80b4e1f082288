import Access
public import Durable
import Foundation
import Storage

/// Where a serving collector can be reached by its own command line: a loopback port and a token of this run.
///
/// `control.json` stands in the data directory, readable by the service account only, and goes when
/// the collector stops. A file left behind by a crash is overwritten by the next start.
public struct ControlFile: Codable, Sendable {
    /// The port on 127.0.0.1.
    public var port: Int
    /// The token, `db_ctl_...`.
    public var token: String

    /// The name of the file in the data directory.
    public static let name = "control.json"

    /// Reads the file of a data directory; nil when there is none.
    public static func read(from directory: String, using files: any FileSystem) throws
        -> ControlFile?
    {
        let path = directory + "/" + name
        guard files.exists(path) else { return nil }
        return try JSONDecoder().decode(ControlFile.self, from: Data(files.read(path)))
    }

    func write(to directory: String, using files: any FileSystem) throws {
        try files.replace(
            directory + "/" + ControlFile.name, with: Array(JSONEncoder().encode(self)))
    }

    static func remove(from directory: String, using files: any FileSystem) throws {
        let path = directory + "/" + name
        if files.exists(path) { try files.remove(path) }
    }
}
