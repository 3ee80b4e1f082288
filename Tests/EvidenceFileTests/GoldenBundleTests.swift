import Durable
import Foundation
import TestSupport
import Testing

@testable import EvidenceFile

/// Bundles that were given out once must open for ever: each format version keeps one in `Fixtures/bundles`.
@Suite(.tags(.golden), .serialized) struct GoldenBundleTests {
    private let path = Fixture.url("bundles/v1/SG-2026-000123").pathText

    @Test func `the bundle of the first version opens, and every proof in it holds`() throws {
        let files = try BundleReader(fileSystem: RealFileSystem()).read(path)
        let report = BundleCheck.run(
            files, trust: "SHA256:N2H5ZpQXtWxRYD1ZyFVq3rMBkYO69dPec6p6VSVX/Wg")
        #expect(
            !report.verdicts.contains { $0.outcome.isFailure }, "\(report.verdicts.map(\.line))")
        for check in [
            BundleCheckID.structure, .payload, .tags, .signatures, .trust, .statements, .chain,
            .roots, .leaves, .inclusion, .checkpoints, .times, .consistency, .withheld,
        ] {
            #expect(report.verdict(of: check)?.outcome == .good, "\(check.code)")
        }
    }

    /// `DAYBOOK_FIXTURES=rewrite` writes it anew; a change of these bytes is a change of the format.
    @Test func `today's writer still makes the bundle of the first version, byte for byte`() throws
    {
        let sample = try SampleBundle()
        if ProcessInfo.processInfo.environment["DAYBOOK_FIXTURES"] == "rewrite" {
            let fileSystem = RealFileSystem()
            if fileSystem.exists(path) { try fileSystem.removeTree(path) }
            _ = try BundleWriter(fileSystem: fileSystem).write(
                sample.contents, issuer: sample.issuer, into: parentDirectory(of: path))
        }
        let kept = try BundleReader(fileSystem: RealFileSystem()).read(path).files
        let made = try sample.files()
        #expect(kept.keys.sorted() == made.keys.sorted())
        for (file, bytes) in kept { #expect(made[file] == bytes, "\(file)") }
    }
}
