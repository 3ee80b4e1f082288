public import Durable
import Foundation
import Synchronization

/// Files that exist only in memory: no disk to wait for in a loop over thousands of faults.
public final class MemoryFileSystem: FileSystem, Sendable {
    private let state = Mutex(State())

    private struct State {
        var files: [String: MemoryContent] = [:]
        var directories: Set<String> = ["/", "."]
        var locked: Set<String> = []
    }

    /// An empty file system with its root directory.
    public init() {}

    /// Opens a file.
    public func open(_ path: String, creating: Bool) throws(DurableError) -> any DurableFile {
        let content: MemoryContent? = state.withLock { state in
            if let content = state.files[path] { return content }
            guard creating, state.directories.contains(parentDirectory(of: path)) else {
                return nil
            }
            let content = MemoryContent()
            state.files[path] = content
            return content
        }
        guard let content else { throw missing("open", path) }
        return MemoryFile(path: path, content: content)
    }

    /// The whole content of a file.
    public func read(_ path: String) throws(DurableError) -> [UInt8] {
        guard let content = state.withLock({ $0.files[path] }) else { throw missing("open", path) }
        return content.bytes.withLock { $0 }
    }

    /// A part of a file.
    public func read(_ path: String, offset: Int, count: Int) throws(DurableError) -> [UInt8] {
        Array(try read(path).dropFirst(offset).prefix(count))
    }

    /// Whether something is there.
    public func exists(_ path: String) -> Bool {
        state.withLock { $0.files[path] != nil || $0.directories.contains(path) }
    }

    /// The size of a file in bytes.
    public func size(_ path: String) throws(DurableError) -> Int { try read(path).count }

    /// The names in a directory, sorted by UTF-8 bytes.
    public func list(_ path: String) throws(DurableError) -> [String] {
        let names: [String]? = state.withLock { state in
            guard state.directories.contains(path) else { return nil }
            return (Array(state.files.keys) + state.directories)
                .filter { $0 != path && parentDirectory(of: $0) == path }
                .map { String($0.dropFirst(path == "/" ? 1 : path.count + 1)) }
        }
        guard let names else { throw missing("opendir", path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a directory and those above it.
    public func makeDirectory(_ path: String) throws(DurableError) {
        state.withLock { state in
            var path = path
            while state.directories.insert(path).inserted { path = parentDirectory(of: path) }
        }
    }

    /// Renames a file, replacing what has the new name.
    public func rename(_ path: String, to newPath: String) throws(DurableError) {
        let isThere = state.withLock { state in
            guard let content = state.files.removeValue(forKey: path) else { return false }
            state.files[newPath] = content
            return true
        }
        guard isThere else { throw missing("rename", path) }
    }

    /// Removes a file; who has it open goes on reading it.
    public func remove(_ path: String) throws(DurableError) {
        let old = state.withLock { $0.files.removeValue(forKey: path) }
        guard old != nil else { throw missing("unlink", path) }
    }

    /// Removes an empty directory.
    public func removeDirectory(_ path: String) throws(DurableError) {
        guard try list(path).isEmpty else {
            throw .failed(call: "rmdir", path: path, code: ENOTEMPTY)
        }
        state.withLock { state in
            _ = state.directories.remove(path)
        }
    }

    /// Nothing to do: memory loses everything or nothing.
    public func synchronizeDirectory(_ path: String) throws(DurableError) {
        guard state.withLock({ $0.directories.contains(path) }) else {
            throw missing("open", path)
        }
    }

    /// Takes the only lock on a file.
    public func lock(_ path: String) throws(DurableError) -> any FileLock {
        guard state.withLock({ $0.locked.insert(path).inserted }) else {
            throw .locked(path: path)
        }
        return MemoryLock(path: path, system: self)
    }

    fileprivate func unlock(_ path: String) {
        state.withLock { state in
            _ = state.locked.remove(path)
        }
    }

    private func missing(_ call: String, _ path: String) -> DurableError {
        .failed(call: call, path: path, code: ENOENT)
    }
}

private final class MemoryContent: Sendable {
    let bytes = Mutex<[UInt8]>([])
}

private final class MemoryFile: DurableFile, Sendable {
    let path: String
    private let content: MemoryContent

    init(path: String, content: MemoryContent) {
        self.path = path
        self.content = content
    }

    var size: Int { content.bytes.withLock { $0.count } }

    func append(_ bytes: [UInt8]) throws(DurableError) {
        content.bytes.withLock { $0 += bytes }
    }

    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DurableError) {
        content.bytes.withLock { $0.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    }

    func synchronize() throws(DurableError) {}

    func truncate(to size: Int) throws(DurableError) {
        content.bytes.withLock { bytes in
            bytes.removeLast(max(0, bytes.count - size))
            bytes += [UInt8](repeating: 0, count: size - bytes.count)
        }
    }

    func close() {}
}

private final class MemoryLock: FileLock, Sendable {
    private let path: String
    private let system: MemoryFileSystem
    private let isHeld = Mutex(true)

    init(path: String, system: MemoryFileSystem) {
        self.path = path
        self.system = system
    }

    deinit { release() }

    func release() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld { system.unlock(path) }
    }
}
