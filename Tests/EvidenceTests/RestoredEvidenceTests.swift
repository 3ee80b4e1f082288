import Backup
import Evidence
import EvidenceFile
import Storage
import StoredSchool
import TestSupport
import Testing

/// evidence.md 3.4: what was proven before a loss is proven after it, under the name it was signed with.
@Suite struct RestoredEvidenceTests {
    @Test(.tags(.example))
    func `a bundle out of a restored store holds the checkpoints of the old log, and says so`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        let school = scenario.school
        _ = try scenario.store.checkpoint()
        let request = try scenario.request()
        let identity = AgeIdentity.x25519([UInt8](repeating: 3, count: 32))
        let archive = school.directory + "/backup.age"
        let keys = school.directory + "/keys.age"
        _ = try StoreBackup.run(
            .init(
                out: archive, keysOut: keys, recipients: [try #require(identity.recipient)]),
            of: scenario.store, environment: school.environment)
        try scenario.store.close()
        let restored = school.directory + "/restored"
        _ = try StoreRestoration.run(
            .init(
                archive: archive, keysArchive: keys, identities: [identity], directory: restored,
                reason: "drill"),
            environment: school.environment)

        let store = try Store.open(at: restored, environment: school.environment)
        let issuer = EvidenceIssuer(
            store: store, pack: scenario.pack, detector: scenario.detector,
            environment: school.environment, software: [.init(name: "Daybook", version: "test")])
        let bundle = try await issuer.issue(request, into: school.directory)
        let files = try BundleReader(fileSystem: school.environment.fileSystem).read(bundle.path)
            .files
        let report = BundleCheck.run(BundleFiles(files: files), trust: bundle.fingerprint)
        #expect(report.verdicts.filter(\.outcome.isFailure).map(\.line) == [])
        #expect(report.conclusion == .goodWithWarnings)
        #expect(
            report.verdicts.contains {
                $0.line.contains("collector.hillside.example/log1 ended")
            })
        // The proof of each batch leads to a checkpoint of the log that took it in.
        let proofs = files.filter { $0.key.hasSuffix(".tlog-proof") }
        #expect(!proofs.isEmpty)
        for (path, bytes) in proofs {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("\ncollector.hillside.example/log1\n"), "\(path)")
        }
        let latest = String(
            decoding: try #require(files["data/proof/checkpoint-latest.txt"]), as: UTF8.self)
        #expect(latest.hasPrefix("collector.hillside.example/log2\n"))
        // And the script inside, which shares no code with us, agrees.
        let script = try await Tool.python().run([bundle.path + "/data/verify.py", bundle.path])
        #expect(script.status == 0, "\(script.transcript)")
        try store.close()
    }
}
