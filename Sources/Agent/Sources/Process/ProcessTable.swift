import Events
import Glibc

/// The programs that run, as `/proc` shows them.
struct ProcessTable: Sendable {
    /// What makes a process that process: its id is used again, its start is not.
    struct Key: Hashable, Sendable {
        var pid: Int
        var startTicks: UInt64
    }

    /// One program.
    struct Entry: Equatable, Sendable {
        var image: String
        var commandLine: String
        var parentPid: Int
    }

    /// The folder to read; another one in tests.
    let root: String
    /// Only programs of this user.
    let userID: UInt32

    init(root: String = "/proc", userID: UInt32) {
        self.root = root
        self.userID = userID
    }

    /// Reads the table; processes that end while it is read are left out.
    func read() -> [Key: Entry] {
        var table: [Key: Entry] = [:]
        for pid in ProcessTable.pids(in: root) {
            guard let (key, entry) = read(pid) else { continue }
            table[key] = entry
        }
        return table
    }

    /// One process; nil when it is gone, of another user or a thread of the kernel.
    func read(_ pid: Int) -> (Key, Entry)? {
        let folder = "\(root)/\(pid)"
        var status = stat()
        guard unsafe stat(folder, &status) == 0, status.st_uid == userID,
            let line = ProcessTable.content(of: folder + "/stat", limit: 4_096),
            let (name, parent, start) = ProcessTable.parse(stat: line)
        else { return nil }
        let arguments = ProcessTable.content(of: folder + "/cmdline", limit: 64 << 10) ?? []
        let words = arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let link = self.link(folder + "/exe")
        guard link != nil || !words.isEmpty else { return nil }
        let image = link ?? words.first ?? name
        return (
            Key(pid: pid, startTicks: start),
            Entry(
                image: image.cut(toSize: AgentLimits.textSizeMaximum),
                commandLine: words.joined(separator: " ")
                    .cut(toSize: AgentLimits.commandLineSizeMaximum),
                parentPid: parent)
        )
    }

    /// The image of any process, also of another user's; empty when it cannot be seen.
    func image(of pid: Int) -> String {
        if let link = link("\(root)/\(pid)/exe") {
            return link.cut(toSize: AgentLimits.textSizeMaximum)
        }
        guard let line = ProcessTable.content(of: "\(root)/\(pid)/stat", limit: 4_096) else {
            return ""
        }
        return ProcessTable.parse(stat: line)?.name ?? ""
    }

    /// Name, parent and start of a `stat` line. The name is in brackets and may hold brackets itself.
    static func parse(stat bytes: [UInt8]) -> (name: String, parent: Int, start: UInt64)? {
        guard let open = bytes.firstIndex(of: 0x28), let close = bytes.lastIndex(of: 0x29),
            open < close
        else { return nil }
        let name = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
        let rest = String(decoding: bytes[(close + 1)...], as: UTF8.self).split(separator: " ")
        // After the name: state, parent, ..., start time as the 20th (proc(5), field 22).
        guard rest.count >= 20, let parent = Int(rest[1]), let start = UInt64(rest[19]) else {
            return nil
        }
        return (name, parent, start)
    }

    /// The ids of all processes.
    static func pids(in root: String) -> [Int] {
        guard let folder = unsafe opendir(root) else { return [] }
        defer { unsafe closedir(folder) }
        var pids: [Int] = []
        while let entry = unsafe readdir(folder) {
            let first = unsafe entry.pointee.d_name.0
            guard first >= 0x30, first <= 0x39 else { continue }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if let pid = Int(name) { pids.append(pid) }
        }
        return pids
    }

    /// The start of a file of `/proc`; nil when it cannot be read.
    static func content(of path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var filled = 0
        while filled < limit {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor, buffer.baseAddress?.advanced(by: filled), limit - filled)
            }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    private func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink(path, &buffer, 4_096)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension String {
    /// The text cut to a size in bytes, at a whole character.
    func cut(toSize limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var size = 0
        return String(
            prefix { character in
                size += character.utf8.count
                return size <= limit
            })
    }
}
