// A file system that fails when it is told to, and can lose its power.
//
// It passes every call on to another one (the machine's, or a `MemoryFileSystem`) and counts them.
//
// - One call can be made to fail, or to be the last one of the process (`Fault`).
// - It knows what no sync has covered yet, and `cutPower` takes that away again:
//
//   | done | survives power loss once |
//   | --- | --- |
//   | bytes appended, file truncated | `synchronize` of that file |
//   | file renamed or removed | `synchronizeDirectory` of its directory |
//   | file or directory made | at once: `FileSystem` promises that by itself |
//
// A loop over all calls of a scenario, each failing once, is the whole of R3; each with the power
// cut instead, the whole of R2.

public import Durable
import Foundation
import Synchronization

/// What happens at one call.
public enum Fault: Hashable, Sendable {
    /// The call does nothing and fails with an `errno` value.
    case error(Int32)
    /// An append writes only so many bytes, then fails with an `errno` value; other calls just fail.
    case short(bytes: Int, Int32)
    /// The process dies in this call: an append gets so far, and no later call does anything.
    case death(afterBytes: Int)
}

/// How much of what was not synced a power cut takes.
public enum PowerLoss: Hashable, Sendable {
    /// All of it.
    case everything
    /// A seeded part: a file keeps some of its unsynced bytes, cut anywhere or at 512 bytes and
    /// perhaps with zeros for data; of renames and removals a first few happened.
    case some(seed: UInt64)
}

/// Passes calls on, counts them, fails on order, and can lose its power.
public final class FaultyFileSystem: FileSystem, Sendable {
    private let base: any FileSystem
    private let state = Mutex(State())

    /// A file system over another one, without faults at first.
    public init(over base: any FileSystem = RealFileSystem()) { self.base = base }

    /// How many calls were made so far; `exists` and `close` cannot fail and do not count.
    public var callCount: Int { state.withLock { $0.calls.count } }

    /// The calls so far, as `append journal/00000001`, for a test's message.
    public var calls: [String] { state.withLock { $0.calls } }

    /// Makes a call to come fail: 1 is the first from now on.
    public func fail(call number: Int, with fault: Fault) {
        precondition(number > 0, "the first call from now on is number 1")
        state.withLock { $0.faults[$0.calls.count + number] = fault }
    }

    /// Forgets faults ordered, lets a dead process live again with new file handles, frees locks.
    ///
    /// What the dead one had not synced is there and may still go with the power.
    public func restart() {
        state.withLock { state in
            state.restart()
        }
    }

    /// Takes away what was not synced, as a power cut would; then as ``restart()``.
    public func cutPower(losing loss: PowerLoss = .everything) throws(DurableError) {
        try withState { (state) throws(DurableError) in
            var random: SeededRandom? =
                switch loss {
                case .everything: nil
                case .some(let seed): SeededRandom(seed: seed)
                }
            try state.undoNames(keeping: &random, in: base)
            try state.undoContents(keeping: &random, in: base)
            state.names = []
            state.contents = [:]
            state.restart()
        }
    }

    /// Opens a file.
    public func open(_ path: String, creating: Bool) throws(DurableError) -> any DurableFile {
        try withState { (state) throws(DurableError) in
            try state.enter("open", path)
            let isNew = creating && !base.exists(path)
            let file = try base.open(path, creating: creating)
            // A new file's name is durable when this returns, and with it what happened in its folder.
            if isNew {
                state.names.removeAll { parentDirectory(of: $0.path) == parentDirectory(of: path) }
            }
            return FaultyFile(file, in: self, generation: state.generation)
        }
    }

    /// The whole content of a file.
    public func read(_ path: String) throws(DurableError) -> [UInt8] {
        try passing("read", path) { (base) throws(DurableError) in try base.read(path) }
    }

    /// A part of a file.
    public func read(_ path: String, offset: Int, count: Int) throws(DurableError) -> [UInt8] {
        try passing("read", path) { (base) throws(DurableError) in
            try base.read(path, offset: offset, count: count)
        }
    }

    /// Whether something is there.
    public func exists(_ path: String) -> Bool { base.exists(path) }

    /// The size of a file in bytes.
    public func size(_ path: String) throws(DurableError) -> Int {
        try passing("stat", path) { (base) throws(DurableError) in try base.size(path) }
    }

    /// The names in a directory.
    public func list(_ path: String) throws(DurableError) -> [String] {
        try passing("opendir", path) { (base) throws(DurableError) in try base.list(path) }
    }

    /// Makes a directory.
    public func makeDirectory(_ path: String) throws(DurableError) {
        try passing("mkdir", path) { (base) throws(DurableError) in try base.makeDirectory(path) }
    }

    /// Renames a file.
    public func rename(_ path: String, to newPath: String) throws(DurableError) {
        try withState { (state) throws(DurableError) in
            try state.enter("rename", path)
            let replaced = base.exists(newPath) ? try state.durable(newPath, in: base) : nil
            try base.rename(path, to: newPath)
            state.names.append(.renamed(from: path, to: newPath, replaced: replaced))
            state.contents[newPath] = state.contents.removeValue(forKey: path)
        }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(DurableError) {
        try withState { (state) throws(DurableError) in
            try state.enter("unlink", path)
            let durable = try state.durable(path, in: base)
            try base.remove(path)
            state.names.append(.removed(path, content: durable))
            state.contents[path] = nil
        }
    }

    /// Removes an empty directory; what was in it is gone for good.
    public func removeDirectory(_ path: String) throws(DurableError) {
        try withState { (state) throws(DurableError) in
            try state.enter("rmdir", path)
            try base.removeDirectory(path)
            state.names.removeAll { parentDirectory(of: $0.path) == path }
        }
    }

    /// Makes the names of a directory survive a power cut.
    public func synchronizeDirectory(_ path: String) throws(DurableError) {
        try withState { (state) throws(DurableError) in
            try state.enter("fsync", path)
            try base.synchronizeDirectory(path)
            state.names.removeAll { parentDirectory(of: $0.path) == path }
        }
    }

    /// Takes the only lock on a file.
    public func lock(_ path: String) throws(DurableError) -> any FileLock {
        try withState { (state) throws(DurableError) in
            try state.enter("flock", path)
            let lock = try base.lock(path)
            state.locks.append(lock)
            return lock
        }
    }

    private func passing<Result>(
        _ call: String, _ path: String,
        _ body: (any FileSystem) throws(DurableError) -> Result
    ) throws(DurableError) -> Result {
        try withState { (state) throws(DurableError) in _ = try state.enter(call, path) }
        return try body(base)
    }

    fileprivate func withState<Result>(
        _ body: (inout State) throws(DurableError) -> Result
    ) throws(DurableError) -> Result {
        // A Result, because `withLock` hands the value over as `sending`, which a file handle is not.
        let box = Box<Swift.Result<Result, DurableError>>()
        state.withLock { state in
            do throws(DurableError) {
                box.value = .success(try body(&state))
            } catch {
                box.value = .failure(error)
            }
        }
        guard let value = box.value else { preconditionFailure("the closure has run") }
        return try value.get()
    }
}

private final class Box<Value> { var value: Value? }

/// What the file system knows; guarded by its lock.
private struct State {
    /// A rename or removal that no sync of its directory has covered.
    enum NameChange {
        case renamed(from: String, to: String, replaced: [UInt8]?)
        case removed(String, content: [UInt8])

        var path: String {
            switch self {
            case .renamed(_, let path, _), .removed(let path, _): path
            }
        }
    }

    /// A file's bytes that no sync of it has covered: the disk holds `[0, size)` of it, then the tail,
    /// and what was written over is as it was.
    struct Unsynced {
        var size: Int
        var tail: [UInt8] = []
        var overwritten: [(offset: Int, bytes: [UInt8])] = []

        /// What the disk holds of a file that reads as `visible`.
        func durable(_ visible: [UInt8]) -> [UInt8] {
            var bytes = Array(visible.prefix(size)) + tail
            for old in overwritten.reversed() {
                bytes.replaceSubrange(old.offset..<old.offset + old.bytes.count, with: old.bytes)
            }
            return bytes
        }
    }

    var calls: [String] = []
    var faults: [Int: Fault] = [:]
    var isDead = false
    var generation = 0
    var locks: [any FileLock] = []
    var names: [NameChange] = []
    var contents: [String: Unsynced] = [:]

    mutating func restart() {
        faults = [:]
        isDead = false
        generation += 1
        locks.forEach { $0.release() }
        locks = []
    }

    /// Counts a call and throws when it is one that fails; a short append is for the caller to do.
    @discardableResult
    mutating func enter(
        _ call: String, _ path: String, canBeShort: Bool = false
    ) throws(DurableError) -> Fault? {
        guard !isDead else { throw .failed(call: call, path: path, code: EIO) }
        calls.append(call + " " + path)
        guard let fault = faults.removeValue(forKey: calls.count) else { return nil }
        if case .death = fault { isDead = true }
        if canBeShort, fault.bytes != nil { return fault }
        throw .failed(call: call, path: path, code: fault.code)
    }

    /// What the disk holds of a file if the power goes now and its name stays.
    func durable(_ path: String, in base: any FileSystem) throws(DurableError) -> [UInt8] {
        let bytes = try base.read(path)
        guard let unsynced = contents[path] else { return bytes }
        return unsynced.durable(bytes)
    }

    mutating func undoNames(
        keeping random: inout SeededRandom?, in base: any FileSystem
    ) throws(DurableError) {
        let kept = random?.int(in: 0...names.count) ?? 0
        while names.count > kept {
            switch names.removeLast() {
            case .renamed(let old, let new, let replaced):
                try base.rename(new, to: old)
                contents[old] = contents.removeValue(forKey: new)
                if let replaced { try write(replaced, to: new, in: base) }
            case .removed(let path, let content):
                try write(content, to: path, in: base)
            }
        }
    }

    func undoContents(
        keeping random: inout SeededRandom?, in base: any FileSystem
    ) throws(DurableError) {
        for (path, unsynced) in contents.sorted(by: { $0.key < $1.key }) {
            let visible = try base.read(path)
            var kept = unsynced
            if random?.chance(oneIn: 2) == true { kept.overwritten = [] }
            var held = kept.durable(visible)
            if unsynced.tail.isEmpty, random?.chance(oneIn: 4) == false {
                held += random?.torn(Array(visible.dropFirst(unsynced.size))) ?? []
            }
            try write(held, to: path, in: base)
        }
    }

    private func write(
        _ bytes: [UInt8], to path: String, in base: any FileSystem
    ) throws(DurableError) {
        let file = try base.open(path, creating: true)
        defer { file.close() }
        try file.truncate(to: 0)
        try file.append(bytes)
    }
}

extension Fault {
    fileprivate var bytes: Int? {
        switch self {
        case .error: nil
        case .short(let bytes, _), .death(let bytes): bytes
        }
    }

    fileprivate var code: Int32 {
        switch self {
        case .error(let code), .short(_, let code): code
        case .death: EIO
        }
    }
}

extension SeededRandom {
    /// What of some unsynced bytes reached the disk: a first part, perhaps whole sectors, perhaps only its size.
    fileprivate mutating func torn(_ bytes: [UInt8]) -> [UInt8] {
        var kept = int(in: 0...bytes.count)
        if chance(oneIn: 2) { kept = kept / 512 * 512 }
        var held = Array(bytes.prefix(kept))
        if chance(oneIn: 4) {
            for index in int(in: 0...held.count)..<held.count { held[index] = 0 }
        }
        return held
    }
}

/// A file opened through ``FaultyFileSystem``. @unchecked: one owner uses it, as `DurableFile` asks.
private final class FaultyFile: DurableFile, @unchecked Sendable {
    private let file: any DurableFile
    private let system: FaultyFileSystem
    private let generation: Int
    private var isPoisoned = false
    private(set) var size: Int

    var path: String { file.path }

    init(_ file: any DurableFile, in system: FaultyFileSystem, generation: Int) {
        self.file = file
        self.system = system
        self.generation = generation
        size = file.size
    }

    func append(_ bytes: [UInt8]) throws(DurableError) {
        try call("write", canBeShort: true) { (state, fault) throws(DurableError) in
            state.contents[path] = state.contents[path] ?? State.Unsynced(size: file.size)
            // A short append left bytes beyond our size; like `pwrite`, the next one writes over them.
            if file.size > size { try file.truncate(to: size) }
            guard let fault, let count = fault.bytes else {
                try file.append(bytes)
                size += bytes.count
                return
            }
            try file.append(Array(bytes.prefix(count)))
            throw .failed(call: "write", path: path, code: fault.code)
        }
    }

    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DurableError) {
        try call("overwrite") { (state, _) throws(DurableError) in
            let old = try system.readBase(path, offset: offset, count: bytes.count)
            var unsynced = state.contents[path] ?? State.Unsynced(size: file.size)
            if offset + bytes.count <= unsynced.size {
                unsynced.overwritten.append((offset, old))
            }
            state.contents[path] = unsynced
            try file.overwrite(bytes, at: offset)
        }
    }

    func synchronize() throws(DurableError) {
        do throws(DurableError) {
            try call("fdatasync") { (state, _) throws(DurableError) in
                try file.synchronize()
                state.contents[path] = nil
            }
        } catch {
            isPoisoned = true
            throw error
        }
    }

    func truncate(to newSize: Int) throws(DurableError) {
        try call("ftruncate") { (state, _) throws(DurableError) in
            var unsynced = state.contents[path] ?? State.Unsynced(size: file.size)
            if newSize < unsynced.size {
                unsynced.tail =
                    try system.readBase(path, offset: newSize, count: unsynced.size - newSize)
                    + unsynced.tail
                unsynced.size = newSize
            }
            state.contents[path] = unsynced
            try file.truncate(to: newSize)
            size = newSize
        }
    }

    func close() {
        isPoisoned = true
        file.close()
    }

    private func call(
        _ name: String, canBeShort: Bool = false,
        _ body: (inout State, Fault?) throws(DurableError) -> Void
    ) throws(DurableError) {
        guard !isPoisoned else { throw .poisoned(path: path) }
        try system.withState { (state) throws(DurableError) in
            guard state.generation == generation else {
                throw .failed(call: name, path: path, code: EIO)
            }
            let fault = try state.enter(name, path, canBeShort: canBeShort)
            try body(&state, fault)
        }
    }
}

extension FaultyFileSystem {
    fileprivate func readBase(
        _ path: String, offset: Int, count: Int
    ) throws(DurableError) -> [UInt8] {
        try base.read(path, offset: offset, count: count)
    }
}
