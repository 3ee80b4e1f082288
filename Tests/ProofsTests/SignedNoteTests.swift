import Bytes
import Proofs
import TestSupport
import Testing

private func signer(
    _ seed: String, _ name: String, _ algorithm: NoteKey.Algorithm = .ed25519
) throws -> NoteSigner {
    let key = try #require(SigningKey(seed: Hash.sha256(Array(seed.utf8)).bytes))
    return try NoteSigner(name: name, signingKey: key, algorithm: algorithm)
}

/// The checkpoint of evidence.md section 12.
private let knownCheckpoint = """
    collector.example/log1
    3
    cl1SMNto9VdHDcNfHYhlgTrNfrsHrRUndBQd7LrnEyc=

    \u{2014} collector.example/log1 \
    FakxNDPQNE/zOi0lr8ubwMjc0du3Xrtjh6YXm6/CYEqoR3ZSjQMg1nM8u716oTFEp75iPJSwT3TTWI5GG9gN+BdUEwM=
    \u{2014} collector.example/log1/clock \
    Gaf6pAAAAABrBVgtfHGntO31u4f5FJG65mknLWyrtDXh+jFkS9eg9GhOs9rYTRHBO2hU9r2GtlK1K6vhYUzJ2PQhG/326Os30QkIAw==

    """

@Suite struct SignedNoteTests {
    @Test func `the keys of the specification come out`() throws {
        let log = try signer("log", "collector.example/log1").key
        let clock = try signer("clock", "collector.example/log1/clock", .cosignature).key
        let logText =
            "collector.example/log1+15a93134+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx"
        let clockText =
            "collector.example/log1/clock+19a7faa4+BLwou7A9mH4W7IQo7rQm7QzJ9A7aFykdZ7FNKxrJYhHk"
        #expect(log.verifierKey == logText)
        #expect(clock.verifierKey == clockText)
        #expect(try NoteKey(verifierKey: logText) == log)
        #expect(try NoteKey(verifierKey: clockText) == clock)
    }

    @Test func `the checkpoint of the specification comes out, byte for byte`() throws {
        let log = try signer("log", "collector.example/log1")
        let clock = try signer("clock", "collector.example/log1/clock", .cosignature)
        let leaves = (0..<3).map { MerkleTree.leafHash(of: Array("\($0)".utf8)) }
        let checkpoint = Checkpoint(
            origin: "collector.example/log1", size: 3, root: MerkleTree.root(leafHashes: leaves))
        let file = checkpoint.signed(log: log, clock: clock, unixSeconds: 1_795_512_365)
        #expect(file == knownCheckpoint)

        let signed = try SignedCheckpoint(parsing: Array(file.utf8))
        #expect(signed.checkpoint == checkpoint)
        #expect(signed.note.verdict(of: log.key) == .valid(unixSeconds: nil))
        #expect(signed.unixSeconds(clock: clock.key) == 1_795_512_365)
        #expect(signed.note.bytes == Array(file.utf8))
    }

    @Test func `one changed bit anywhere in a checkpoint is noticed`() throws {
        let log = try signer("log", "collector.example/log1").key
        let clock = try signer("clock", "collector.example/log1/clock", .cosignature).key
        let file = Array(knownCheckpoint.utf8)
        for offset in file.indices {
            var bent = file
            bent[offset] ^= 1
            // Refused while parsing is refused.
            guard let signed = try? SignedCheckpoint(parsing: bent) else { continue }
            let isGood =
                signed.note.verdict(of: log) == .valid(unixSeconds: nil)
                && signed.unixSeconds(clock: clock) == 1_795_512_365
            #expect(!isGood, "bit 0 of byte \(offset)")
        }
    }

    @Test func `a note that ends anywhere else than at a line is refused`() throws {
        let file = Array(knownCheckpoint.utf8)
        for size in 0..<file.count {
            let part = Array(file[..<size])
            // Most ends are refused; the few that are not must be whole notes.
            if let note = try? SignedNote(parsing: part) {
                #expect(part.last == 0x0A)
                #expect(note.signatures.count == 1)
            }
        }
    }

    @Test(arguments: [
        ("", ProofsError.badNote(line: 1)),
        ("text\n", .badNote(line: 1)),
        ("\n\u{2014} a AAAAAAA=\n", .badNote(line: 1)),
        ("text\n\n", .badSignatureLine(line: 3)),
        ("text\n\n- a AAAAAAA=\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014} a\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014} a AAAA=\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014} a AAAAAA==\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014} a+b AAAAAAA=\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014}  AAAAAAA=\n", .badSignatureLine(line: 3)),
        ("text\n\n\u{2014} a AAAAAAA= \n", .badSignatureLine(line: 3)),
        ("te\rxt\n\n\u{2014} a AAAAAAA=\n", .badText(offset: 2)),
        ("te\u{0}xt\n\n\u{2014} a AAAAAAA=\n", .badText(offset: 2)),
    ])
    func `a malformed note is refused`(file: String, error: ProofsError) {
        #expect(throws: error) { try SignedNote(parsing: Array(file.utf8)) }
    }

    @Test func `a note that is not UTF-8, too long or signed too often is refused`() {
        #expect(throws: ProofsError.badText(offset: 0)) {
            try SignedNote(parsing: [0xFF] + Array("\n\n\u{2014} a AAAAAAA=\n".utf8))
        }
        #expect(throws: ProofsError.tooLarge(count: 65_537, limit: 65_536)) {
            try SignedNote(parsing: [UInt8](repeating: 0x61, count: 65_537))
        }
        let lines = String(repeating: "\u{2014} a AAAAAAA=\n", count: 65)
        #expect(throws: ProofsError.tooLarge(count: 65, limit: 64)) {
            try SignedNote(parsing: Array("text\n\n\(lines)".utf8))
        }
    }

    @Test func `who has not signed and who signed twice is told apart`() throws {
        let anna = try signer("a", "anna")
        let text = Array("text\n".utf8)
        let line = anna.signature(of: text)
        let other = try signer("b", "ben").key
        #expect(SignedNote(text: text, signatures: [line]).verdict(of: other) == .missing)
        // The same name with another key is not the same signer.
        let impostor = try signer("b", "anna").key
        #expect(SignedNote(text: text, signatures: [line]).verdict(of: impostor) == .missing)
        #expect(SignedNote(text: text, signatures: [line, line]).verdict(of: anna.key) == .invalid)
        #expect(
            SignedNote(text: Array("texts\n".utf8), signatures: [line]).verdict(of: anna.key)
                == .invalid)
    }

    @Test(arguments: [
        "", "name", "name+15a93134", "name+15a93134+", "name+15a93134+AAAA",
        "collector.example/log1+15a93135+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx",
        "collector.example/log1+15A93134+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx",
        "collector.example/log1+15a93134+BpsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx",
        "other+15a93134+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx",
    ])
    func `a verifier key that does not fit itself is refused`(text: String) {
        #expect(throws: ProofsError.badKey) { try NoteKey(verifierKey: text) }
    }

    @Test(arguments: ["", "a b", "a+b", "a\u{A0}b", "a\nb", "a\u{7F}"])
    func `a key name with a space, a plus or nothing in it is refused`(name: String) {
        #expect(throws: ProofsError.badKeyName) { try signer("log", name) }
    }

    @Test(arguments: [
        ("\n3\nROOT\n", 1), ("log\n03\nROOT\n", 2), ("log\n-3\nROOT\n", 2), ("log\n", 2),
        ("log\n3\n", 3), ("log\n3\nAAAA\n", 3), ("log\n3\nROOT\n\n", 4), ("log\n3\nROOT", 1),
    ])
    func `a malformed checkpoint is refused`(text: String, line: Int) {
        let text = text.replacing("ROOT", with: Hash.zero.base64)
        #expect(throws: ProofsError.badCheckpoint(line: line)) {
            try Checkpoint(parsing: Array(text.utf8))
        }
    }

    @Test func `a signing key needs 32 bytes`() {
        #expect(SigningKey(seed: [1, 2, 3]) == nil)
        #expect(
            !SigningKey.isValid(
                signature: [UInt8](repeating: 0, count: 64), message: [], publicKey: [1]))
    }
}
