import Foundation
import Synchronization
import TestSupport
import Testing

/// R19: backups at random moments under load, each restored and looked at.
@Suite(.serialized) struct BackupMomentTests {
    @Test(.tags(.whole))
    func `a backup at any moment holds what was acknowledged before it, and begins a new log`()
        async throws
    {
        let seed = startingSeed()
        print("backups under load: \(backupCount), run again with DAYBOOK_SEED=\(seed)")
        try await School.with { school in
            let vault = try await Vault(school)
            let signed = Recorded<[String]>()
            let posted = Recorded<[String]>()
            let atTheEnd = Recorded<SigningDevice>()
            let load = Load()
            try await school.serving { _ in
                let signer = try await SigningDevice(enrolling: "signer", in: school)
                let token = try await school.manage("devices", "add", "one")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var signer = signer
                        while try await load.mayGoOn(after: signed.values.count) {
                            let batch = try signer.next("b\(signed.values.count)", events: 7)
                            try await school.door.postUntilTaken(
                                "/v1/batches", batch.body, type: "application/vnd.daybook.batch")
                            signed.note(batch.titles)
                        }
                        atTheEnd.note(signer)
                    }
                    group.addTask {
                        let door = Door(port: school.port, token: token)
                        var next = 0
                        while try await load.mayGoOn(after: posted.values.count) {
                            let numbers = next..<next + 20
                            try await door.postUntilTaken(
                                "/v1/ingest", Sample.body(numbers, user: "pupil-2"))
                            posted.note(numbers.map { "w-\($0)" })
                            next = numbers.upperBound
                        }
                    }
                    defer { load.end() }
                    try await BackupMomentTests.backUp(
                        school, vault, load, seed: seed, signed: signed, posted: posted)
                    load.end()
                    try await group.waitForAll()
                }
            }
            // Who was there before goes on at the restored collector as if nothing had happened.
            var signer = try #require(atTheEnd.values.first)
            let restored = try vault.school(of: backupCount - 1)
            try await restored.serving { _ in
                let batch = try signer.next("after", events: 3)
                try await restored.door.postUntilTaken(
                    "/v1/batches", batch.body, type: "application/vnd.daybook.batch")
                #expect(try await restored.titles(of: "pupil-1").suffix(3) == batch.titles[...])
            }
            let verdict = try await restored.manage("verify-store")
            #expect(verdict.contains("\"ok\":true"), "\(verdict)")
        }
    }

    private static func backUp(
        _ school: School, _ vault: Vault, _ load: Load, seed: UInt64,
        signed: Recorded<[String]>, posted: Recorded<[String]>
    ) async throws {
        var random = SeededRandom(seed: seed)
        for number in 0..<backupCount {
            let enough = signed.values.count + random.int(in: 1...8)
            load.allow(enough + 10)
            try await eventually("the load goes on", within: .seconds(120)) {
                signed.values.count >= enough
            }
            // One in three comes while the journal is being sealed.
            let isSealing = random.chance(oneIn: 3)
            async let sealing = isSealing ? school.manage("seal") : ""
            let before = (
                signed: signed.values.flatMap(\.self), posted: posted.values.flatMap(\.self)
            )
            try await vault.backUp(number)
            _ = try await sealing
            let answer = try await vault.restore(number)
            #expect(answer["ok"] as? Bool == true)
            #expect(answer["origin"] as? String == "collector.hillside.example/log2")
            let restored = try vault.school(of: number)
            let verdict = try await restored.manage("verify-store")
            #expect(verdict.contains("\"ok\":true"), "backup \(number): \(verdict)")
            try await restored.serving { _ in
                for (user, acknowledged) in [
                    ("pupil-1", before.signed), ("pupil-2", before.posted),
                ] {
                    let stored = try await restored.titles(of: user)
                    #expect(
                        difference(
                            stored: Array(stored.prefix(acknowledged.count)), sent: acknowledged)
                            == nil, "backup \(number) of \(user), DAYBOOK_SEED=\(seed)")
                }
            }
        }
    }

    @Test(.tags(.whole)) func `the command line refuses what cannot be restored, in words`()
        async throws
    {
        try await School.with { school in
            let vault = try await Vault(school)
            try await vault.backUp(0)
            let other = school.folder.appending(path: "other.txt").pathText
            _ = try await Tool(named: "age-keygen").run(["-o", other])
            let wrong = try await vault.tryRestore(0, identity: other)
            #expect(wrong.status == 1 && wrong.errors.contains("sealed for somebody else"))
            let keys = try await vault.tryRestore(0, keys: school.folder.pathText + "/none.age")
            #expect(keys.status == 66 && keys.errors.contains("none.age is missing"))
            let archive = school.folder.appending(path: "backup-0.age")
            var bytes = try Data(contentsOf: archive)
            bytes.removeLast(100)
            try bytes.write(to: archive)
            let cut = try await vault.tryRestore(0)
            #expect(cut.status == 2, "\(cut.transcript)")
            #expect(cut.errors.contains("backup-0.age"))
            #expect(!FileManager.default.fileExists(atPath: vault.directory(of: 0)))
            let again = try await Tool(product: "daybook-collector").run(vault.backupWords(0))
            #expect(again.status == 1 && again.errors.contains("already there"))
        }
    }
}

/// How much clients may send: always some more while a backup is made, but not without end while a
/// copy is being looked at.
private final class Load: Sendable {
    private let most = Mutex(0)

    func allow(_ count: Int) { most.withLock { $0 = max($0, count) } }

    func end() { most.withLock { $0 = -1 } }

    /// Waits until more may be sent; false when it is over.
    func mayGoOn(after count: Int) async throws -> Bool {
        try await eventually("there is more to send", within: .seconds(600)) {
            let most = most.withLock { $0 }
            return most < 0 || count < most
        }
        return most.withLock { $0 } >= 0
    }
}

/// Where a test keeps backups, and the key that opens them.
private struct Vault: Sendable {
    let original: School
    let identity: String
    let recipient: String

    init(_ school: School) async throws {
        original = school
        identity = school.folder.appending(path: "key.txt").pathText
        _ = try await Tool(named: "age-keygen").run(["-o", identity])
        recipient = try await Tool(named: "age-keygen").run(["-y", identity]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func directory(of number: Int) -> String { path("restored-\(number)") }

    /// The restored school, on a port of its own.
    func school(of number: Int) throws -> School {
        School(
            folder: original.folder, data: directory(of: number),
            operatorToken: original.operatorToken, port: try freePort())
    }

    func backupWords(_ number: Int) -> [String] {
        [
            "backup", "--data", original.data, "--recipient", recipient, "--out",
            path("backup-\(number).age"), "--keys-out", path("keys-\(number).age"),
        ]
    }

    func backUp(_ number: Int) async throws {
        let result = try await Tool(product: "daybook-collector").run(
            backupWords(number), deadline: .seconds(120))
        guard result.status == 0 else {
            throw School.Failed(what: "backup", transcript: result.transcript)
        }
    }

    func tryRestore(_ number: Int, keys: String? = nil, identity: String? = nil) async throws
        -> ToolResult
    {
        try await Tool(product: "daybook-collector").run(
            [
                "restore", "--in", path("backup-\(number).age"), "--keys-in",
                keys ?? path("keys-\(number).age"), "--identity", identity ?? self.identity,
                "--data", directory(of: number), "--json",
            ], deadline: .seconds(120))
    }

    func restore(_ number: Int) async throws -> [String: Any] {
        let result = try await tryRestore(number)
        // What is no JSON is told as it is.
        let answer = try? JSONSerialization.jsonObject(with: Data(result.output.utf8))
        guard result.status == 0, let object = answer as? [String: Any] else {
            throw School.Failed(what: "restore", transcript: result.transcript)
        }
        return object
    }

    private func path(_ name: String) -> String { original.folder.appending(path: name).pathText }
}

/// How many backups: a few in CI, `DAYBOOK_BACKUPS=100` for the long form.
private let backupCount =
    ProcessInfo.processInfo.environment["DAYBOOK_BACKUPS"].flatMap(Int.init) ?? 5
