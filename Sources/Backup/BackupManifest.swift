import Bytes
import Foundation
import Proofs
import Storage

/// The last member of an archive, `manifest.json`: what must be in it.
///
/// An archive is a tar file inside an age file. Its first member, `sg.backup`, is this manifest without
/// members: format, kind and point, so that a reader knows at once what it has. Then come the files;
/// one whose name ends in `.zst` is a zstd frame of the file without it. A crash while writing leaves
/// a file named `.new`; an archive without its manifest, or cut anywhere, is refused as a whole.
struct BackupManifest: Codable, Equatable {
    /// The kinds of archive.
    enum Kind: String, Codable {
        /// The store without its keys.
        case data
        /// The keys, for a backup with a short life of its own (evidence.md section 5).
        case keys
    }

    struct Member: Codable, Equatable {
        var path: String
        var size: Int
        var sha256: String
    }

    static let format = "sg.backup/v1"
    static let firstName = "sg.backup"
    static let lastName = "manifest.json"

    var format = BackupManifest.format
    var kind: Kind
    /// When it was made, in Unix seconds.
    var made: Int64
    var origin: String
    var treeSize: UInt64
    var root: String
    var checkpoint: String
    var members: [Member] = []

    init(kind: Kind, made: Int64, point: BackupPoint) {
        self.kind = kind
        self.made = made
        origin = point.origin
        treeSize = point.treeSize
        root = point.root.base64
        checkpoint = point.checkpoint
    }

    /// Reads a manifest; nil for anything else.
    init?(parsing bytes: [UInt8]) {
        // What is wrong with it does not matter: it is no manifest.
        guard let read = try? JSONDecoder().decode(BackupManifest.self, from: Data(bytes)),
            read.format == BackupManifest.format
        else { return nil }
        self = read
    }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(self)) + [0x0A]
        } catch {
            preconditionFailure("a manifest encodes: \(error)")
        }
    }

    /// The point; nil when the root is no hash.
    var point: BackupPoint? {
        Hash(base64: root).map {
            BackupPoint(origin: origin, treeSize: treeSize, root: $0, checkpoint: checkpoint)
        }
    }

    /// Whether two manifests are of one archive, apart from the members.
    func isHead(of other: BackupManifest) -> Bool {
        var other = other
        other.members = []
        return self == other
    }

    /// Whether a path may be made below a data directory: plain names, in a folder that the kind has.
    func allows(path: String) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        let folders: Set<Substring> =
            switch kind {
            case .data: ["journal", "segments", "log", "reports", "catalogue"]
            case .keys: ["keys", "vault"]
            }
        guard let first = names.first,
            folders.contains(first) && names.count > 1 || kind == .data && path == "store.json"
        else { return false }
        return names.allSatisfy { name in
            !name.isEmpty && name.utf8.first != 0x2E
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                        || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
                }
        }
    }
}
