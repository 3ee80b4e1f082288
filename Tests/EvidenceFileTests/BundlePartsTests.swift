import Proofs
import TestSupport
import Testing

@testable import EvidenceFile

@Suite struct BundlePartsTests {
    private let hash = String(repeating: "ab", count: 32)

    @Test func `a manifest reads back, with the three characters that are encoded`() throws {
        let manifest = BundleManifest(hashes: ["data/a": hash, "data/b%\n\r": hash])
        #expect(try BundleManifest(parsing: manifest.bytes, path: "m") == manifest)
        #expect(
            String(decoding: manifest.bytes, as: UTF8.self)
                == "\(hash)  data/a\n\(hash)  data/b%25%0A%0D\n")
    }

    @Test(arguments: [
        "nonsense", "HASH", "HASH  ", "HASH  /etc/passwd", "HASH  data/../../x", "HASH  data//x",
        "HASH  data\\x", "ABCD  data/x", "HASH  data/x\nHASH  data/x", "HASH  .",
    ])
    func `a malformed manifest is refused`(text: String) {
        let bytes = Array(text.replacing("HASH", with: hash).utf8)
        #expect(throws: EvidenceFileError.self) { try BundleManifest(parsing: bytes, path: "m") }
    }

    @Test func `the events of a batch read back`() throws {
        for batch in try SampleBundle().contents.batches {
            let file = EventsFile(leaf: batch.leaf, events: batch.events)
            #expect(try EventsFile(parsing: file.bytes, path: "e") == file)
            // Cut anywhere but at its end it is refused.
            for size in stride(from: 0, to: file.bytes.count, by: 7) {
                #expect(throws: EvidenceFileError.self) {
                    try EventsFile(parsing: Array(file.bytes[..<size]), path: "e")
                }
            }
        }
    }

    @Test(arguments: [
        ("sg.events/v1", "sg.events/v2", 1), ("leaf 8", "leaf 08", 2), ("count 4", "count 5", 3),
        ("count 4", "count 0", 3), ("count 4", "count 99999999999", 3),
        ("C 0 ", "X 0 ", 4), ("C 0 ", "C 1 ", 4), (" out-of-scope", " because", 4),
        ("D 1 ", "D 1  ", 5), ("\t{", " {", 5), (" other-person", "", 6), ("W 2 ", "W 2 00", 6),
    ])
    func `malformed events of a batch are refused at their line`(
        part: String, replacement: String, line: Int
    ) throws {
        let batch = try SampleBundle().contents.batches[1]
        let text = String(
            decoding: EventsFile(leaf: 8, events: batch.events).bytes, as: UTF8.self)
        let bent = text.replacing(part, with: replacement, maxReplacements: 1)
        #expect(bent != text)
        #expect(throws: EvidenceFileError.badLine(path: "e", line: line)) {
            try EventsFile(parsing: Array(bent.utf8), path: "e")
        }
    }

    @Test func `a public key file and an allowed signer read back, and nothing else does`() throws {
        let key = try SampleBundle.key("issuer").publicKey
        let pem = PublicKeyFile.pem(key)
        #expect(PublicKeyFile.publicKey(pem: pem) == key)
        let signers = PublicKeyFile.allowedSigners(principal: "a/b", publicKey: key)
        #expect(PublicKeyFile.allowedSigner(signers)?.principal == "a/b")
        for offset in pem.indices {
            var bent = pem
            bent[offset] ^= 1
            #expect(PublicKeyFile.publicKey(pem: bent) != key)
        }
        for offset in signers.indices {
            var bent = signers
            bent[offset] ^= 1
            let read = PublicKeyFile.allowedSigner(bent)
            #expect(read == nil || read?.principal != "a/b" || read?.publicKey != key)
        }
    }

    @Test func `an incident record reads back, and another format is refused`() throws {
        let record = try SampleBundle().contents.record
        let bytes = try record.encoded()
        #expect(try IncidentRecord(parsing: bytes) == record)
        let other = String(decoding: bytes, as: UTF8.self)
            .replacing("sg.incident/v1", with: "sg.incident/v9")
        #expect(throws: EvidenceFileError.badFile(path: "data/incident.json")) {
            try IncidentRecord(parsing: Array(other.utf8))
        }
        #expect(throws: EvidenceFileError.badFile(path: "data/incident.json")) {
            try IncidentRecord(parsing: Array("{}".utf8))
        }
    }

    @Test func `a span leads to its words and to the events that made them`() throws {
        let timeline = BundleTimeline(batches: try SampleBundle().contents.batches)
        let match = try #require(
            timeline.match(
                device: SampleBundle.device, reading: "as-typed", field: "TypedText", lower: 4,
                upper: 7, sequences: 100...100))
        #expect(match.text == "arr")
        #expect(match.events.map(\.index) == [4, 5, 6])
        #expect(
            timeline.match(
                device: SampleBundle.device, reading: "as-typed", field: "TypedText", lower: 4,
                upper: 700, sequences: 100...100) == nil)
        #expect(
            timeline.match(
                device: "device/other", reading: "as-typed", field: "TypedText", lower: 4,
                upper: 7, sequences: 100...100) == nil)
        #expect(
            timeline.match(
                device: SampleBundle.device, reading: "field", field: "WindowTitle", lower: 0,
                upper: 3, sequences: 118...118) == nil)
    }
}
