import Foundation
import TestSupport

/// Power for one folder, and the means to cut it: `Tests/PowerCut` around a real program.
///
/// ``begin()``, run programs with ``environment``, kill them, ``cut(_:seed:)``.
struct PowerCut: Sendable {
    /// What happens to what no sync covers.
    enum Loss: String, CaseIterable, Sendable {
        /// Nothing: only looks whether everything was seen.
        case none
        /// It is gone.
        case all
        /// Some pages of it are there.
        case half
        /// Some sectors of it are there.
        case torn
    }

    let data: String
    private let folder: URL
    private var library: String { folder.appending(path: "powercut.so").pathText }
    private var journal: String { folder.appending(path: "power.journal").pathText }
    private var before: String { folder.appending(path: "power.before").pathText }
    private static let sources = Fixture.repository.appending(path: "Tests/PowerCut")

    /// Compiles the library into a folder, for programs that work on another one.
    init(for data: String, in folder: URL, isolation: isolated (any Actor)? = #isolation)
        async throws
    {
        self.data = data
        self.folder = folder
        let source = PowerCut.sources.appending(path: "powercut.c").pathText
        let made = try await Tool(named: "cc").run([
            "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared", "-o", library,
            source,
        ])
        guard made.status == 0 else {
            throw School.Failed(what: "cc", transcript: made.transcript)
        }
    }

    /// What programs must be started with.
    ///
    /// - Parameter lies: a disk that says it has synced and has not.
    func environment(lies: Bool = false) -> [String: String] {
        var variables = [
            "LD_PRELOAD": library, "POWERCUT_FOLDER": data, "POWERCUT_JOURNAL": journal,
        ]
        if lies { variables["POWERCUT_IGNORE_SYNC"] = "1" }
        return variables
    }

    /// From here on everything counts; what is in the folder now is on the disk for certain.
    func begin() throws {
        let files = FileManager.default
        for path in [journal, before] where files.fileExists(atPath: path) {
            try files.removeItem(atPath: path)
        }
        try files.copyItem(atPath: data, toPath: before)
        try Data().write(to: URL(filePath: journal))
    }

    /// The power goes; every program is dead already. Returns what there was to lose.
    @discardableResult
    func cut(
        _ loss: Loss, seed: UInt64, isolation: isolated (any Actor)? = #isolation
    ) async throws -> String {
        let script = PowerCut.sources.appending(path: "powercut.py").pathText
        let result = try await Tool.python().run([
            script, before, journal, data, loss.rawValue, String(seed),
        ])
        guard result.status == 0 else {
            throw School.Failed(what: "power cut", transcript: result.transcript)
        }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
