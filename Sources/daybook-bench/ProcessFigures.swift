import Foundation
import Glibc

/// What the kernel says of a process, read from `/proc`.
struct ProcessFigures {
    /// Time on a processor, user and system, in seconds.
    let cpuSeconds: Double
    /// The most memory that it had in use, in KiB.
    let peakMemoryKiB: Int

    /// Nil when there is no such process.
    init?(process: Int32) {
        let folder = "/proc/\(process)"
        // try?: a process that is gone has no files.
        guard let stat = try? String(contentsOfFile: folder + "/stat", encoding: .utf8),
            let status = try? String(contentsOfFile: folder + "/status", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return nil }
        // After the name in brackets: state is field 3, utime 14, stime 15 (proc(5)).
        let fields = stat[name...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return nil }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        peakMemoryKiB =
            peak.flatMap { line in
                line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
                    Int($0)
                }
            } ?? 0
    }

    /// This process.
    static var own: ProcessFigures? { ProcessFigures(process: getpid()) }

    /// Processor time of this process in nanoseconds, finer than the kernel's ticks.
    static var ownCPUNanoseconds: UInt64 { clock_gettime_nsec(CLOCK_PROCESS_CPUTIME_ID) }
}

private func clock_gettime_nsec(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Sizes of files below a folder.
enum DiskFigures {
    /// Bytes of the files in each entry of a folder, by the entry's name; what lies deeper is added up.
    static func sizes(below folder: URL) -> [(String, Int)] {
        // try?: a folder that cannot be listed has nothing that counts.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { ($0, size(of: folder.appending(path: $0))) }
    }

    private static func size(of entry: URL) -> Int {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isDirectoryKey]
        // try?: files come and go while the collector runs.
        guard let values = try? entry.resourceValues(forKeys: keys) else { return 0 }
        guard values.isDirectory == true else { return values.fileSize ?? 0 }
        return sizes(below: entry).reduce(0) { $0 + $1.1 }
    }
}
