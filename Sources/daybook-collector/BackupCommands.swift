import ArgumentParser
import Backup
import Collector
import Durable
import EvidenceFile
import Foundation
import Storage

/// `backup`: a sealed copy of the store, made while it serves.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a sealed backup (age); the keys go into a file of their own.",
        discussion: """
            Works beside a collector that is serving, which then writes the files itself. Nothing is written \
            over. Keep the identity that opens the backup away from this machine, and the backup of the \
            keys no longer than your policy says: what was erased can be read with it.
            """)

    private struct Answer: Decodable {
        let out: String
        let bytes: Int
        let files: Int
        let origin: String
        let leaves: Int
    }

    @OptionGroup var data: DataOptions
    @Option(help: "Who can open it: an age recipient, age1...; may be given again.")
    var recipient: [String]
    @Option(help: "The file to write.")
    var out: String
    @Option(help: "The file for the keys; without it the backup holds none and needs an older one.")
    var keysOut: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await ExitStatus.reporting {
            for text in recipient { _ = try AgeRecipient(parsing: text) }
            let work = StoreAccess.Work.backup(
                out: Terminal.absolutePath(out), keysOut: keysOut.map(Terminal.absolutePath),
                recipients: recipient)
            let text = try await withProgress {
                try await StoreAccess.run(work, in: data.directory)
            }
            guard !json else { return Terminal.say(text) }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
            Terminal.say("backup \(answer.out)")
            Terminal.say("  \(answer.files) files, \(answer.bytes) bytes")
            Terminal.say("  \(answer.origin) with \(answer.leaves) leaves")
            if let keysOut { Terminal.say("keys   \(Terminal.absolutePath(keysOut))") }
        }
    }

    /// Says on stderr how much is written, by looking at the file, whoever writes it.
    private func withProgress(_ body: @Sendable () async throws -> String) async throws -> String {
        let growing = Terminal.absolutePath(out) + ".new"
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let files = RealFileSystem()
                // A cancelled sleep is the end of the work.
                while (try? await Task.sleep(for: .seconds(2))) != nil {
                    // The file may get its name between two looks.
                    guard let size = try? files.size(growing) else { continue }
                    Terminal.note("\(size >> 20) MiB written")
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }
}

/// `restore`: a store out of a backup, checked whole, under a new log.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a backup into a new directory, check all of it, and begin a new log.",
        discussion: """
            A restored store never goes on as the log it was (what came after the backup would be a second \
            history): it begins the next one, whose first leaf says so. Agents go on sending.
            """)

    @OptionGroup var data: DataOptions
    @Option(name: .customLong("in"), help: "The backup.")
    var archive: String
    @Option(help: "The backup of the keys.")
    var keysIn: String
    @Option(help: "The file with the age identity, AGE-SECRET-KEY-1...")
    var identity: String
    @Option(help: "Why, in a few words without names; goes into the new log.")
    var reason = "restored from a backup"
    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let data: String
        let origin: String
        let earlier: String
        let leaves: UInt64
        let events: Int
        let files: Int
        let ok = true
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let files = RealFileSystem()
            let summary = try StoreRestoration.run(
                .init(
                    archive: archive, keysArchive: keysIn,
                    identities: try AgeIdentity.parsing(file: try files.read(identity)),
                    directory: data.directory, reason: reason),
                environment: .live)
            let answer = Answer(
                data: data.directory, origin: summary.origin, earlier: summary.point.origin,
                leaves: summary.point.treeSize, events: summary.verdict.events,
                files: summary.files)
            guard !json else { return Terminal.say(try Terminal.json(answer)) }
            Terminal.say("restored into \(answer.data)")
            Terminal.say("  \(answer.files) files, \(answer.events) events, all checked")
            Terminal.say("  \(answer.leaves) leaves of \(answer.earlier)")
            Terminal.say("  new log \(answer.origin), begun with a restart leaf")
        }
    }
}

/// `restart-log`: a new log on purpose, after a loss that cannot be made good.
struct RestartLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart-log",
        abstract: "Begin a new log on a store that is older than what it signed.",
        discussion: """
            Only when the newer data are lost for good: what the old log signed beyond this store stays \
            unproven for ever, and every bundle says so. The collector must not be running.
            """)

    @OptionGroup var data: DataOptions
    @Option(help: "Why, in a few words without names; goes into the new log.")
    var reason: String

    func run() async throws {
        try await ExitStatus.reporting {
            let store = try Store.restartLog(
                at: data.directory, reason: reason, environment: .live)
            let origin = store.identity.origin
            try store.close()
            Terminal.say("new log \(origin), begun with a restart leaf")
        }
    }
}
