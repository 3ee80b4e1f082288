import Events
import Proofs
import TestSupport
import Testing

@testable import EvidenceFile

@Suite struct BundleCheckTests {
    @Test func `a whole bundle is good, and every check has its verdict`() throws {
        let sample = try SampleBundle()
        let report = sample.report(try sample.files())
        #expect(report.conclusion == .good, "\(report.verdicts.map(\.line))")
        #expect(report.verdicts.map(\.check) == BundleCheckID.allCases)
        #expect(report.bundle == "SG-2026-000123")
        #expect(report.fingerprint == sample.issuer.fingerprint)
        #expect(report.verdict(of: .timeStamp)?.outcome == .notApplicable)
        #expect(report.verdict(of: .trust)?.outcome == .notApplicable)
        #expect(report.verdict(of: .withheld)?.message.hasPrefix("2 events") == true)
    }

    @Test func `one flipped bit in any file is reported`() throws {
        let sample = try SampleBundle()
        let files = try sample.files()
        #expect(files.count == 34)
        for (path, bytes) in files {
            // Every byte of the small files, and every so many of the large ones.
            for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 12)) {
                var bent = files
                bent[path]?[offset] ^= 0x01
                let report = sample.report(bent)
                #expect(
                    report.conclusion == .damaged || report.conclusion == .notAuthentic,
                    "\(path) at \(offset)")
                #expect(
                    report.verdicts.contains {
                        $0.outcome.isFailure && $0.details.contains { $0.contains(path) }
                    } || path == "tagmanifest-sha256.txt" || path == "manifest-sha256.txt"
                        || path == "bagit.txt",
                    "\(path) at \(offset): no verdict names it")
            }
        }
    }

    @Test func `a file that is removed is reported, whichever it is`() throws {
        let sample = try SampleBundle()
        let files = try sample.files()
        for path in files.keys {
            var fewer = files
            fewer[path] = nil
            #expect(sample.report(fewer).conclusion == .damaged, "\(path)")
        }
    }

    @Test(arguments: [
        "data/extra.txt", "data/proof/leaf-9.note", "extra.txt", "keys/other.pem",
        "signatures/other.sig", "data/.hidden",
    ])
    func `a file that is added is reported`(path: String) throws {
        let sample = try SampleBundle()
        var files = try sample.files()
        files[path] = [1]
        let report = sample.report(files)
        #expect(report.conclusion == .damaged)
    }

    @Test func `an edited table with new manifests is noticed by the signature`() throws {
        let sample = try SampleBundle()
        var files = try sample.files()
        let (signature, ssh) = (files[BundleLayout.signature], files[BundleLayout.sshSignature])
        files["data/events.csv"]?.append(contentsOf: Array("116,1,1,,,,,,\r\n".utf8))
        files = try sample.resigned(files)
        files[BundleLayout.signature] = signature
        files[BundleLayout.sshSignature] = ssh
        let report = sample.report(files)
        #expect(report.conclusion == .notAuthentic)
        #expect(report.verdict(of: .payload)?.outcome == .good)
        #expect(report.verdict(of: .signatures)?.outcome == .notAuthentic)
    }

    @Test(arguments: [
        "data/events.csv", "data/text.csv", "data/START-HERE.html", "data/LIMITATIONS.txt",
        "data/HOW-TO-VERIFY.txt",
    ])
    func `even the issuer cannot sign a readable file that does not follow from the events`(
        path: String
    ) throws {
        let sample = try SampleBundle()
        var files = try sample.files()
        files[path] = Array(
            String(decoding: files[path] ?? [], as: UTF8.self).replacing("e", with: "E").utf8)
        let report = sample.report(try sample.resigned(files))
        #expect(report.conclusion == .notAuthentic)
        #expect(report.verdict(of: .signatures)?.outcome == .good)
        #expect(report.verdict(of: .readable)?.outcome == .notAuthentic)
    }

    @Test func `a bundle signed by another key is good only until its fingerprint is compared`()
        throws
    {
        let sample = try SampleBundle()
        let forger = try BundleIssuer(
            principal: "hillside-school.example/evidence", key: SampleBundle.key("forger"))
        let files = try BundleWriter.files(of: sample.contents, issuer: forger)
        #expect(sample.report(files).conclusion == .good)
        let report = sample.report(files, trust: sample.issuer.fingerprint)
        #expect(report.conclusion == .notAuthentic)
        #expect(report.verdict(of: .trust)?.outcome == .notAuthentic)
        #expect(
            sample.report(try sample.files(), trust: sample.issuer.fingerprint).conclusion == .good)
    }

    @Test func `an agent that cannot sign and a log nobody else holds are warnings`() throws {
        let unsigned = try SampleBundle(isSignedByDevice: false)
        let report = unsigned.report(try unsigned.files())
        #expect(report.conclusion == .goodWithWarnings, "\(report.verdicts.map(\.line))")
        #expect(report.verdict(of: .statements)?.outcome == .warning)

        let lonely = try SampleBundle(anchors: false)
        #expect(lonely.report(try lonely.files()).verdict(of: .anchors)?.outcome == .warning)
    }

    /// A change to the contents, and the check that must notice it although the issuer signs.
    struct Fault: Sendable, CustomStringConvertible {
        let description: String
        let check: BundleCheckID
        let outcome: Verdict.Outcome
        let change: @Sendable (inout BundleContents) throws -> Void

        init(
            _ description: String, _ check: BundleCheckID,
            _ outcome: Verdict.Outcome = .notAuthentic,
            change: @escaping @Sendable (inout BundleContents) throws -> Void
        ) {
            self.description = description
            self.check = check
            self.outcome = outcome
            self.change = change
        }
    }

    static let faults: [Fault] = [
        Fault("one character of a content", .roots) { contents in
            guard
                case .disclosed(let salt, let envelope, var content) = contents.batches[0].events[0]
            else { return }
            content[content.count - 3] ^= 1
            contents.batches[0].events[0] = .disclosed(
                salt: salt, envelope: envelope, content: content)
        },
        Fault("a withheld line taken out", .roots) { $0.batches[1].events.remove(at: 2) },
        Fault("two events exchanged", .roots) { $0.batches[0].events.swapAt(0, 1) },
        Fault("a statement by another key", .statements) { contents in
            let note = try SignedNote(parsing: contents.batches[0].statement)
            let forger = try SampleBundle.signer("forger", SampleBundle.device)
            contents.batches[0].statement =
                SignedNote(
                    text: note.text, signatures: [forger.signature(of: note.text)]
                ).bytes
        },
        Fault("a statement that was signed twice", .leaves) { contents in
            let note = try SignedNote(parsing: contents.batches[0].statement)
            contents.batches[0].statement =
                SignedNote(text: note.text, signatures: note.signatures + note.signatures).bytes
        },
        Fault("a batch of the window left out", .chain, .damaged) { $0.batches.removeFirst() },
        Fault("a batch outside the window", .chain, .damaged) {
            $0.record.windows[0].lastBatch = 7
        },
        Fault("a known gap", .chain, .warning) {
            $0.record.windows[0].gaps = [.init(firstBatch: 2, lastBatch: 3, cause: "disk full")]
        },
        Fault("a leaf of another kind", .leaves) { contents in
            let leaf = try LeafData(parsing: contents.batches[0].leafData)
            contents.batches[0].leafData =
                LeafData(kind: .audit, reference: leaf.reference, time: leaf.time).bytes
        },
        Fault("an earlier time of receipt", .inclusion) { contents in
            let leaf = try LeafData(parsing: contents.batches[0].leafData)
            contents.batches[0].leafData =
                LeafData(
                    kind: .batch, reference: leaf.reference, time: "2026-11-23T00:00:00.000Z"
                ).bytes
        },
        Fault("a path with a hash exchanged", .inclusion) {
            $0.batches[0].proof.path[0] = .zero
        },
        Fault("a checkpoint of another log", .checkpoints) { contents in
            let log = try SampleBundle.signer("forger", SampleBundle.origin)
            let clock = try SampleBundle.signer(
                "clock", SampleBundle.origin + "/clock", .cosignature)
            let old = try SignedCheckpoint(parsing: contents.latestCheckpoint).checkpoint
            contents.latestCheckpoint = Array(
                old.signed(log: log, clock: clock, unixSeconds: 1_795_512_400).utf8)
        },
        Fault("a checkpoint before the receipt", .times) { contents in
            let log = try SampleBundle.signer("log", SampleBundle.origin)
            let clock = try SampleBundle.signer(
                "clock", SampleBundle.origin + "/clock", .cosignature)
            let old = try SignedCheckpoint(parsing: contents.batches[0].proof.checkpoint).checkpoint
            contents.batches[0].proof.checkpoint = Array(
                old.signed(log: log, clock: clock, unixSeconds: 1_795_500_000).utf8)
        },
        Fault("a checkpoint after the bundle was made", .times) {
            $0.record.made = "2026-11-24T09:00:00.000Z"
        },
        Fault("clocks that disagree", .times, .warning) {
            $0.record.clock.offsetMilliseconds = -5_001
        },
        Fault("a rewritten log", .consistency) { $0.consistency[0].path[0] = .zero },
        Fault("a checkpoint that nothing ties to the newest", .consistency, .damaged) {
            $0.consistency.removeLast()
        },
        Fault("another rule than the one that matched", .rules) {
            $0.rules[0].source += Array("# more\n".utf8)
        },
        Fault("a rule that is not in the bundle", .rules, .damaged) { $0.rules = [] },
        Fault("words that were not typed", .rules) {
            $0.record.findings[0].matches[0].text = "thin"
        },
        Fault("words at another place", .rules) {
            $0.record.findings[0].matches[0].lower += 1
        },
        Fault("events that are not there", .rules) {
            $0.record.findings[0].matches[0].events[0].index = 900
        },
        Fault("times beyond the calendar", .roots, .damaged) { contents in
            guard case .contentWithheld(var envelope, let reason) = contents.batches[1].events[0]
            else { return }
            envelope.wallMilliseconds = .max
            contents.batches[1].events[0] = .contentWithheld(envelope: envelope, reason: reason)
        },
        Fault("an absurd pause", .readable, .warning) {
            $0.record.reconstruction.idleMilliseconds = .max
        },
        Fault("a reconstruction this program does not have", .readable, .warning) {
            $0.record.reconstruction.version = 99
        },
    ]

    @Test(arguments: faults)
    func `a bundle that the issuer signed is still checked against the proofs`(fault: Fault) throws
    {
        var sample = try SampleBundle()
        try fault.change(&sample.contents)
        let report = sample.report(try sample.files())
        let verdict = try #require(report.verdict(of: fault.check))
        #expect(verdict.outcome == fault.outcome, "\(report.verdicts.map(\.line))")
        #expect(report.verdict(of: .signatures)?.outcome == .good)
        #expect(!report.verdicts.map(\.line).joined().contains("thick"))
    }

    @Test func `a bundle of a later layout is judged by its proofs alone`() throws {
        let sample = try SampleBundle()
        var files = try sample.files()
        let record = String(decoding: files["data/incident.json"] ?? [], as: UTF8.self)
        files["data/incident.json"] = Array(
            record.replacing("\"layoutVersion\" : 1", with: "\"layoutVersion\" : 2").utf8)
        files["data/START-HERE.html"] = Array("<!DOCTYPE html><p>another page</p>".utf8)
        let report = sample.report(try sample.resigned(files))
        #expect(report.conclusion == .goodWithWarnings)
        #expect(report.verdict(of: .readable)?.outcome == .warning)
    }

    @Test func `an empty folder and one with rubbish are damaged, not a crash`() throws {
        let sample = try SampleBundle()
        #expect(sample.report([:]).conclusion == .damaged)
        let files = try sample.files()
        for path in files.keys {
            var rubbish = files
            rubbish[path] = [0xFF, 0xFE, 0x00]
            #expect(sample.report(rubbish).verdicts.contains { $0.outcome.isFailure }, "\(path)")
            rubbish[path] = []
            #expect(sample.report(rubbish).verdicts.contains { $0.outcome.isFailure }, "\(path)")
        }
        var all = files
        for path in files.keys { all[path] = [UInt8](repeating: 0x0A, count: 3) }
        #expect(sample.report(all).conclusion == .damaged)
    }
}
