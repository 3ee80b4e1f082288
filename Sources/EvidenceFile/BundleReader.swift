public import Durable

/// The files of a bundle, read into memory.
public struct BundleFiles: Sendable {
    /// The bytes of each file by its path inside the bundle.
    public var files: [String: [UInt8]]

    /// Files by path.
    public init(files: [String: [UInt8]]) { self.files = files }

    /// The paths, sorted by UTF-8 bytes.
    var paths: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}

/// Reads a bundle from disk, within limits.
public struct BundleReader: Sendable {
    private let fileSystem: any FileSystem

    /// A reader on a file system.
    public init(fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    /// Reads every file of a folder.
    public func read(_ directory: String) throws(EvidenceFileError) -> BundleFiles {
        var files: [String: [UInt8]] = [:]
        var size = 0
        do {
            try read(directory, prefix: "", depth: 0, into: &files, size: &size)
        } catch let error as EvidenceFileError {
            throw error
        } catch let error as DurableError {
            throw .disk(error)
        } catch { throw .badFile(path: directory) }
        return BundleFiles(files: files)
    }

    private func read(
        _ directory: String, prefix: String, depth: Int, into files: inout [String: [UInt8]],
        size: inout Int
    ) throws {
        guard depth <= EvidenceFileLimits.depthMaximum else {
            throw EvidenceFileError.tooLarge(
                path: prefix, count: depth, limit: EvidenceFileLimits.depthMaximum)
        }
        for name in try fileSystem.list(directory) {
            let full = directory + "/" + name
            if fileSystem.isDirectory(full) {
                try read(
                    full, prefix: prefix + name + "/", depth: depth + 1, into: &files, size: &size)
                continue
            }
            let fileSize = try fileSystem.size(full)
            size += fileSize
            for (count, limit) in [
                (fileSize, EvidenceFileLimits.fileMaximumSize),
                (size, EvidenceFileLimits.bundleMaximumSize),
                (files.count, EvidenceFileLimits.filesMaximum),
            ] where count > limit {
                throw EvidenceFileError.tooLarge(path: prefix + name, count: count, limit: limit)
            }
            files[prefix + name] = try fileSystem.read(full)
        }
    }
}
