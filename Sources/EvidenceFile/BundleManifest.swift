import Proofs

/// A BagIt manifest: the SHA-256 of each file, sorted by path.
public struct BundleManifest: Hashable, Sendable {
    /// The lower-case hash of each path.
    public var hashes: [String: String]

    /// A manifest from hashes by path.
    public init(hashes: [String: String]) { self.hashes = hashes }

    /// The manifest of some files.
    init(files: [String: [UInt8]]) {
        hashes = files.mapValues { Hash.sha256($0).hex }
    }

    /// Reads a manifest file.
    public init(parsing bytes: [UInt8], path: String) throws(EvidenceFileError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badLine(path: path, line: 1)
        }
        hashes = [:]
        var number = 0
        for line in text.utf8.split(separator: 0x0A) {
            number += 1
            let parts = line.split(separator: 0x20, maxSplits: 1)
            guard parts.count == 2, parts[0].count == 64,
                let hash = Hash(hex: String(Substring(parts[0]))),
                let name = BundleManifest.decode(
                    String(Substring(parts[1].drop { $0 == 0x20 || $0 == 0x2A }))),
                hashes[name] == nil
            else { throw .badLine(path: path, line: number) }
            hashes[name] = hash.hex
        }
    }

    /// The manifest file: hash, two spaces, path.
    public var bytes: [UInt8] {
        let paths = hashes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return Array(
            paths.map { "\(hashes[$0] ?? "")  \(BundleManifest.encode($0))\n" }.joined().utf8)
    }

    /// RFC 8493 asks for exactly three characters to be encoded.
    private static func encode(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("\n", with: "%0A").replacing("\r", with: "%0D")
    }

    /// A path inside the bag; nil for one that leads out of it.
    private static func decode(_ text: String) -> String? {
        let path = text.replacing("%0A", with: "\n").replacing("%0a", with: "\n")
            .replacing("%0D", with: "\r").replacing("%0d", with: "\r").replacing("%25", with: "%")
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isInside = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        return isInside && !path.contains("\\") ? path : nil
    }
}
