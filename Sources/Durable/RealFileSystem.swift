import Glibc

/// The file system of the machine.
public struct RealFileSystem: FileSystem {
    /// The file system of the machine; it has no state.
    public init() {}

    /// Opens a file for reading and appending.
    public func open(_ path: String, creating: Bool) throws(DurableError) -> any DurableFile {
        let isNew = creating && !exists(path)
        let flags = O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0)
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else {
            Glibc.close(descriptor)
            throw failure("lseek", path)
        }
        if isNew { try synchronizeDirectory(parentDirectory(of: path)) }
        return RealFile(path: path, descriptor: descriptor, size: Int(end))
    }

    /// The whole content of a file.
    public func read(_ path: String) throws(DurableError) -> [UInt8] {
        try read(path, offset: 0, count: Int.max)
    }

    /// A part of a file.
    public func read(_ path: String, offset: Int, count: Int) throws(DurableError) -> [UInt8] {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("fstat", path) }
        // A directory opens like a file, and its end may lie at the greatest number there is.
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .failed(call: "read", path: path, code: EISDIR)
        }
        let end = Int(status.st_size)
        let wanted = max(0, min(count, end - offset))
        var bytes = [UInt8](repeating: 0, count: wanted)
        var filled = 0
        while filled < wanted {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled,
                    off_t(offset + filled))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure("read", path) }
            guard got > 0 else { break }
            filled += got
        }
        bytes.removeLast(wanted - filled)
        return bytes
    }

    /// Whether something is there.
    public func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The size of a file in bytes.
    public func size(_ path: String) throws(DurableError) -> Int {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw failure("stat", path) }
        return Int(status.st_size)
    }

    /// The names in a directory, sorted by UTF-8 bytes.
    public func list(_ path: String) throws(DurableError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw failure("opendir", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a directory and those above it.
    public func makeDirectory(_ path: String) throws(DurableError) {
        if exists(path) { return }
        let parent = parentDirectory(of: path)
        if parent != path { try makeDirectory(parent) }
        let isMade = unsafe mkdir(path, 0o700) == 0 || errno == EEXIST
        guard isMade else { throw failure("mkdir", path) }
        try synchronizeDirectory(parent)
    }

    /// Renames, replacing what has the new name.
    public func rename(_ path: String, to newPath: String) throws(DurableError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else { throw failure("rename", path) }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(DurableError) {
        guard unsafe unlink(path) == 0 else { throw failure("unlink", path) }
    }

    /// Removes an empty directory.
    public func removeDirectory(_ path: String) throws(DurableError) {
        guard unsafe rmdir(path) == 0 else { throw failure("rmdir", path) }
    }

    /// Makes the names of a directory survive power loss.
    public func synchronizeDirectory(_ path: String) throws(DurableError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
    }

    /// Takes the only lock on a file.
    public func lock(_ path: String) throws(DurableError) -> any FileLock {
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .failed(call: "flock", path: path, code: code)
            }
            throw .locked(path: path)
        }
        return RealLock(descriptor: descriptor)
    }

    private func failure(_ call: String, _ path: String) -> DurableError {
        .failed(call: call, path: path, code: errno)
    }
}

/// An open file of the machine. @unchecked: one owner uses it, as ``DurableFile`` asks.
private final class RealFile: DurableFile, @unchecked Sendable {
    let path: String
    private(set) var size: Int
    private var descriptor: Int32
    private var isPoisoned = false

    init(path: String, descriptor: Int32, size: Int) {
        self.path = path
        self.descriptor = descriptor
        self.size = size
    }

    deinit { close() }

    func append(_ bytes: [UInt8]) throws(DurableError) {
        try write(bytes, at: size)
        size += bytes.count
    }

    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DurableError) {
        precondition(offset >= 0 && offset + bytes.count <= size, "only what is there")
        try write(bytes, at: offset)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(DurableError) {
        guard !isPoisoned else { throw .poisoned(path: path) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written,
                    off_t(offset + written))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw .failed(call: "write", path: path, code: count == 0 ? ENOSPC : errno)
            }
            written += count
        }
    }

    func synchronize() throws(DurableError) {
        guard !isPoisoned else { throw .poisoned(path: path) }
        guard fdatasync(descriptor) == 0 else {
            isPoisoned = true
            throw .failed(call: "fdatasync", path: path, code: errno)
        }
    }

    func truncate(to newSize: Int) throws(DurableError) {
        guard !isPoisoned else { throw .poisoned(path: path) }
        guard ftruncate(descriptor, off_t(newSize)) == 0 else {
            throw .failed(call: "ftruncate", path: path, code: errno)
        }
        size = newSize
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
        isPoisoned = true
    }
}

/// A lock by `flock`. @unchecked: the descriptor changes only in `release`, which its owner calls.
private final class RealLock: FileLock, @unchecked Sendable {
    private var descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { release() }
    func release() {
        guard descriptor >= 0 else { return }
        // A process that is just being started may hold a copy of the descriptor for a moment.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
        descriptor = -1
    }
}
