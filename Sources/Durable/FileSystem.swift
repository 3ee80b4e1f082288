/// The file system as this product uses it, so that tests can put a failing one in its place.
///
/// Paths are plain strings. Directories and files that are made are private to the owner
/// (0700 and 0600).
public protocol FileSystem: Sendable {
    /// Opens a file for reading and appending, made when it is missing and `creating` is true.
    func open(_ path: String, creating: Bool) throws(DurableError) -> any DurableFile
    /// The whole content of a file.
    func read(_ path: String) throws(DurableError) -> [UInt8]
    /// A part of a file; fewer bytes only at its end.
    func read(_ path: String, offset: Int, count: Int) throws(DurableError) -> [UInt8]
    /// Whether something is there.
    func exists(_ path: String) -> Bool
    /// The size of a file in bytes.
    func size(_ path: String) throws(DurableError) -> Int
    /// The names in a directory, sorted by UTF-8 bytes.
    func list(_ path: String) throws(DurableError) -> [String]
    /// Makes a directory and those above it; nothing happens when it is there.
    func makeDirectory(_ path: String) throws(DurableError)
    /// Renames, replacing what has the new name.
    func rename(_ path: String, to newPath: String) throws(DurableError)
    /// Removes a file.
    func remove(_ path: String) throws(DurableError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(DurableError)
    /// Makes the names of a directory survive power loss.
    func synchronizeDirectory(_ path: String) throws(DurableError)
    /// Takes the only lock on a file until the value returned is given up.
    func lock(_ path: String) throws(DurableError) -> any FileLock
}

/// A file opened for appending. It has one owner and is not shared between threads.
public protocol DurableFile: AnyObject, Sendable {
    /// The path it was opened with.
    var path: String { get }
    /// Its size in bytes: where the next append goes.
    var size: Int { get }
    /// Appends bytes; they may be lost until ``synchronize()`` has returned.
    func append(_ bytes: [UInt8]) throws(DurableError)
    /// Writes over bytes that are there; like an append it may be lost until ``synchronize()``.
    ///
    /// Only for what fits a sector of 512 bytes and does not straddle two: it is then whole or not done.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DurableError)
    /// Makes everything appended survive power loss (`fdatasync`).
    ///
    /// After a failure the file is poisoned: the kernel may have dropped the pages, so no later call
    /// succeeds and the file must be recovered from what the disk really holds.
    func synchronize() throws(DurableError)
    /// Cuts the file to a size.
    func truncate(to size: Int) throws(DurableError)
    /// Closes it; later calls fail.
    func close()
}

/// A lock that lasts as long as the value does.
public protocol FileLock: AnyObject, Sendable {
    /// Gives the lock up early.
    func release()
}

extension FileSystem {
    /// Writes a file so that after a crash the old or the new content is there, never a mixture:
    /// temporary file, sync, rename, sync of the directory.
    public func replace(_ path: String, with bytes: [UInt8]) throws(DurableError) {
        let temporary = path + ".new"
        if exists(temporary) { try remove(temporary) }
        let file = try open(temporary, creating: true)
        defer { file.close() }
        try file.append(bytes)
        try file.synchronize()
        try rename(temporary, to: path)
        try synchronizeDirectory(parentDirectory(of: path))
    }

    /// Removes a directory and everything in it.
    public func removeTree(_ path: String) throws(DurableError) {
        for name in try list(path) {
            let inner = path + "/" + name
            if isDirectory(inner) { try removeTree(inner) } else { try remove(inner) }
        }
        try removeDirectory(path)
    }

    /// Makes the names in a directory and in all below it survive power loss.
    public func synchronizeTree(_ path: String) throws(DurableError) {
        for name in try list(path) where isDirectory(path + "/" + name) {
            try synchronizeTree(path + "/" + name)
        }
        try synchronizeDirectory(path)
    }

    /// Whether a path is a directory.
    public func isDirectory(_ path: String) -> Bool {
        // What cannot be listed is no directory.
        (try? list(path)) != nil
    }
}

/// The directory a path lies in: everything before the last slash, or `.`.
public func parentDirectory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
