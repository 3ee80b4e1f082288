import Backup
import Durable
import EvidenceFile
import Foundation
import Proofs
import Storage
import StoredSchool
import TestSupport
import Testing

/// A small store with segments, an open journal file, acts and reports, and people who may open its backups.
struct BackupFixture {
    let school: StoredSchool
    let store: Store
    let identity = AgeIdentity.x25519([UInt8](repeating: 0x31, count: 32))
    static let user = "mia.example"
    /// Words that must be readable nowhere in a backup.
    static let typed = "volcanoes are hot and made of lava"

    var archive: String { school.directory + "/backup.age" }
    var keys: String { school.directory + "/keys.age" }
    var restored: String { school.directory + "/restored" }

    init() async throws {
        school = try StoredSchool()
        store = try school.open()
        var library = try Workstation(seed: 1, door: .signed)
        var room = try Workstation(seed: 2, door: .lines)
        try library.enrol(in: store, at: school.now)
        try room.enrol(in: store, at: school.now)
        var time = school.now
        for index in 0..<3 {
            for user in [BackupFixture.user, "ben.example"] {
                var scene = Scene(user, at: "LIB-PC01", session: "s-\(user)-\(index)", from: time)
                scene.types(BackupFixture.typed)
                time = scene.time
                if index == 1 {
                    try await room.send(scene, to: store, batchEventsMaximum: 20)
                } else {
                    try await library.send(scene, to: store, batchEventsMaximum: 20)
                }
            }
            _ = try await store.append(
                LeafRecord(kind: .config, json: Array("{\"n\":\(index)}".utf8), at: school.now))
            if index < 2 { _ = try store.seal() }
        }
        try school.environment.fileSystem.makeDirectory(
            school.dataDirectory + "/reports/2026-11-24")
        try school.environment.fileSystem.replace(
            school.dataDirectory + "/reports/2026-11-24/morning.html", with: Array("<p>".utf8))
    }

    /// What was backed up before the store goes on.
    @discardableResult
    func backup() throws -> StoreBackup.Summary {
        try StoreBackup.run(
            .init(
                out: archive, keysOut: keys,
                recipients: [try #require(identity.recipient)]),
            of: store, environment: school.environment)
    }

    @discardableResult
    func restore(
        archive: String? = nil, keys: String? = nil, identity: AgeIdentity? = nil
    ) throws(BackupError) -> StoreRestoration.Summary {
        try StoreRestoration.run(
            .init(
                archive: archive ?? self.archive, keysArchive: keys ?? self.keys,
                identities: [identity ?? self.identity], directory: restored, reason: "drill"),
            environment: school.environment)
    }

    /// Everything stored of an account, as canonical text.
    static func events(of store: Store) throws -> [String] {
        try store.events(matching: EventQuery()).map { "\($0.event)" }.sorted()
    }

    /// The rows of every table.
    static func rows(in directory: String) async throws -> String {
        let script = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            for line in database.iterdump():
                print(line)
            """
        let dump = try await Tool.python().run(
            ["-c", script, directory + "/catalogue.sqlite"])
        #expect(dump.status == 0, "\(dump.transcript)")
        return dump.output.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
