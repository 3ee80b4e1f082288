public import Foundation
import Synchronization

/// A program in a process of its own: one of ours, or one an outsider would check our work with.
public struct Tool: Sendable {
    /// Where the program is.
    public let path: String

    /// A program at a path.
    public init(path: String) { self.path = path }

    /// One of this package's executables, taken from the folder the test binary was built into.
    ///
    /// `DAYBOOK_PRODUCTS` names another folder, for instance of a release build.
    public init(product: String) throws {
        let folder =
            ProcessInfo.processInfo.environment["DAYBOOK_PRODUCTS"].map { URL(filePath: $0) }
            ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let url = folder.appending(path: product)
        guard FileManager.default.isExecutableFile(atPath: url.pathText) else {
            throw ToolError.notFound(url.pathText)
        }
        path = url.pathText
    }

    /// A program of the system, looked up in `PATH`.
    public init(named name: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
            .split(separator: ":")
        let found = folders.lazy.map { $0 + "/" + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { throw ToolError.notFound(name) }
        path = found
    }

    /// The Python of `scripts/setup`, which has the bagit package; `DAYBOOK_PYTHON` names another.
    public static func python() throws -> Tool {
        if let path = ProcessInfo.processInfo.environment["DAYBOOK_PYTHON"] {
            return Tool(path: path)
        }
        let path = Fixture.repository.appending(path: ".build-venv/bin/python").pathText
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolError.notFound(path + ", run scripts/setup")
        }
        return Tool(path: path)
    }

    /// Starts the program, waits until it ends, and returns what it wrote; kills it at the deadline.
    public func run(
        _ arguments: [String] = [], input: [UInt8] = [], environment: [String: String] = [:],
        workingDirectory: URL? = nil, deadline: Duration = .seconds(60),
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> ToolResult {
        try await with(
            arguments, input: input, environment: environment, workingDirectory: workingDirectory
        ) { running in
            try await running.ending(within: deadline)
        }
    }

    /// Starts the program, hands it over while it runs, and kills it when the closure is done.
    ///
    /// Of the environment the program sees only `PATH`, `HOME`, `LANG`, `TZ` and what is given.
    public func with<Result>(
        _ arguments: [String] = [], input: [UInt8] = [], environment: [String: String] = [:],
        workingDirectory: URL? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningTool) async throws -> sending Result
    ) async throws -> sending Result {
        try await TemporaryDirectory.with { folder in
            try Data(input).write(to: folder.appending(path: "input"))
            let running = try RunningTool(
                path: path, arguments: arguments, environment: inherited(adding: environment),
                workingDirectory: workingDirectory, folder: folder)
            defer { running.signal(.kill) }
            return try await body(running)
        }
    }

    private func inherited(adding extra: [String: String]) -> [String: String] {
        let ours = ProcessInfo.processInfo.environment
        var environment: [String: String] = [:]
        for name in ["PATH", "HOME", "LANG", "TZ"] { environment[name] = ours[name] }
        return environment.merging(extra) { _, new in new }
    }
}

/// What a program left when it ended.
public struct ToolResult: Sendable {
    /// How it ended.
    public enum Ending: Hashable, Sendable {
        /// It returned an exit status.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
    }

    /// How it ended.
    public let ending: Ending
    /// Standard output, broken UTF-8 replaced.
    public let output: String
    /// Standard error, broken UTF-8 replaced.
    public let errors: String
    /// Processor time used, user and system.
    public let processorTime: Duration
    /// The most memory it held, in bytes.
    public let memoryPeakSize: Int

    /// The exit status; nil when a signal ended it.
    public var status: Int32? {
        guard case .exited(let status) = ending else { return nil }
        return status
    }

    /// Both outputs, for a test's message.
    public var transcript: String { "\(ending)\n\(output)\n\(errors)" }
}

/// Why a program could not be used.
public enum ToolError: Error, CustomStringConvertible {
    /// No such program.
    case notFound(String)
    /// The system refused to start it.
    case notStarted(String, errno: Int32)
    /// It outlived its deadline and was killed.
    case stillRunning(String, output: String)

    /// What happened, with the program's name.
    public var description: String {
        switch self {
        case .notFound(let name): "no program \(name)"
        case .notStarted(let name, let code): "cannot start \(name): errno \(code)"
        case .stillRunning(let name, let output): "\(name) did not end in time\n\(output)"
        }
    }
}

/// A program that was started and may have ended since.
///
/// Its outputs go to files, so it never waits for us and a test may read them while it runs.
public final class RunningTool: Sendable {
    /// A signal to a process.
    public enum Signal: Sendable { case kill, terminate, interrupt, hangUp, stop, goOn }

    /// The process id.
    public let processID: Int32
    private let path: String
    private let folder: URL
    /// How it ended, once somebody has reaped it; guarded so that it is reaped once.
    private let reaped = Mutex<Reaped?>(nil)

    private struct Reaped {
        var status: Int32
        var processorTime: Duration
        var memoryPeakSize: Int
    }

    fileprivate init(
        path: String, arguments: [String], environment: [String: String], workingDirectory: URL?,
        folder: URL
    ) throws {
        self.path = path
        self.folder = folder
        processID = try spawn(
            path: path, arguments: arguments,
            environment: environment.map { $0.key + "=" + $0.value },
            workingDirectory: workingDirectory?.pathText, folder: folder)
    }

    /// What it wrote to standard output so far.
    public var output: String { text(of: "output") }
    /// What it wrote to standard error so far.
    public var errors: String { text(of: "errors") }

    /// Whether it has not ended yet.
    public var isRunning: Bool { reap() == nil }

    /// Sends a signal, unless it has ended.
    public func signal(_ signal: Signal) {
        guard isRunning else { return }
        let number =
            switch signal {
            case .kill: SIGKILL
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .hangUp: SIGHUP
            case .stop: SIGSTOP
            case .goOn: SIGCONT
            }
        _ = Foundation.kill(processID, number)
        if signal == .kill { waitForDeath() }
    }

    /// Waits until it ends and returns what it left; after the deadline kills it and throws.
    public func ending(
        within deadline: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation
    ) async throws -> ToolResult {
        do {
            let reaped = try await eventually(path, within: deadline) { reap() }
            return ToolResult(
                ending: reaped.status & 0x7F == 0
                    ? .exited(reaped.status >> 8 & 0xFF) : .signalled(reaped.status & 0x7F),
                output: output, errors: errors, processorTime: reaped.processorTime,
                memoryPeakSize: reaped.memoryPeakSize)
        } catch is NeverHappened {
            signal(.kill)
            throw ToolError.stillRunning(path, output: output + "\n" + errors)
        }
    }

    private func text(of name: String) -> String {
        // try?: before its first output there may be no file; that is no output.
        let data = try? Data(contentsOf: folder.appending(path: name))
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    private func waitForDeath() {
        // A killed process is gone at once, but for what the kernel still has to write.
        while reap() == nil { usleep(500) }
    }

    private func reap() -> Reaped? {
        reaped.withLock { reaped in
            if reaped != nil { return reaped }
            var status: Int32 = 0
            var usage = rusage()
            guard unsafe wait4(processID, &status, WNOHANG, &usage) == processID else {
                return nil
            }
            let microseconds =
                (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
                + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
            reaped = Reaped(
                status: status, processorTime: .microseconds(microseconds),
                memoryPeakSize: Int(usage.ru_maxrss) * 1_024)
            return reaped
        }
    }
}

/// Starts a program with its three streams on files of a folder and nothing else of ours open.
private func spawn(
    path: String, arguments: [String], environment: [String], workingDirectory: String?,
    folder: URL
) throws -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_APPEND
    for (stream, name, flags) in [
        (0, "input", O_RDONLY), (1, "output", create), (2, "errors", create),
    ] {
        unsafe posix_spawn_file_actions_addopen(
            &actions, Int32(stream), folder.appending(path: name).pathText, flags, 0o600)
    }
    closeOnSpawn()
    // `env -C` changes the folder: the call of posix_spawn for it is not in every C library.
    let changing = workingDirectory.map { ["/usr/bin/env", "-C", $0] } ?? []
    let command = changing + [path] + arguments
    var argumentPointers = unsafe command.map { unsafe strdup($0) } + [nil]
    var environmentPointers = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
        unsafe (argumentPointers + environmentPointers).forEach { unsafe free($0) }
    }
    var processID: Int32 = 0
    let code = unsafe posix_spawn(
        &processID, command[0], &actions, nil, &argumentPointers, &environmentPointers)
    guard code == 0 else { throw ToolError.notStarted(path, errno: code) }
    return processID
}

/// Marks our open files so that a started program does not hold them, and their locks, open.
private func closeOnSpawn() {
    // try?: without /proc the program holds files it never uses; the tests go on.
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in open.compactMap(Int32.init) where descriptor > 2 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}
