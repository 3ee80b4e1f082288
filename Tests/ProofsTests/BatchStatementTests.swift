import Proofs
import TestSupport
import Testing

private let example = BatchStatement(
    origin: "collector.example/log1", device: "device/7f3a9c21", session: "s-1", host: "LAB-07",
    user: "jsmith", number: 3, firstSequence: 100, lastSequence: 163,
    firstWall: 1_795_512_345_000, lastWall: 1_795_512_370_250, root: Hash.sha256([1]),
    previous: Hash.sha256([2]))

private let exampleText = """
    sg.batch/v1
    collector.example/log1
    device/7f3a9c21
    session s-1
    host LAB-07
    user jsmith
    batch 3
    events 100 163
    time 1795512345000 1795512370250
    root \(Hash.sha256([1]).base64)
    prev \(Hash.sha256([2]).base64)

    """

@Suite struct BatchStatementTests {
    @Test func `a statement is the text of the specification`() throws {
        #expect(example.text() == exampleText)
        #expect(try BatchStatement(parsing: exampleText) == example)
    }

    @Test func `a collector that speaks for its agent says so`() throws {
        var statement = example
        statement.isCollectorOrigin = true
        #expect(
            statement.text().hasPrefix(
                "sg.batch/v1\ncollector.example/log1\ndevice/7f3a9c21\norigin collector\nsession"))
        #expect(try BatchStatement(parsing: statement.text()) == statement)
    }

    @Test func `names with anything in them come back, and nothing unseen is in the file`() throws {
        try forAll(runs: 300) { random in
            let scalars = (0..<random.int(in: 1...20)).map { _ in
                random.element(of: [
                    "a", " ", "%", "\n", "\r\n", "\u{0}", "\u{202E}", "\u{200B}", "é", "ẞ", "😀",
                    "\u{85}", "\u{FEFF}", "\u{E0041}", "25", "+",
                ])
            }
            return scalars.joined()
        } check: { name in
            var statement = example
            (statement.host, statement.user, statement.session) = (name, name + "x", "y" + name)
            let text = statement.text()
            #expect(text.utf8.count { $0 == 0x0A } == 11)
            #expect(!text.unicodeScalars.contains { $0.value == 0x202E || $0.value == 0x0D })
            let read = try BatchStatement(parsing: text)
            #expect(read == statement)
        }
    }

    @Test func `a signed statement verifies with the device's key and no other`() throws {
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        let signer = try NoteSigner(name: example.device, signingKey: key)
        let file = Array(example.signed(by: signer).utf8)
        let note = try SignedNote(parsing: file)
        #expect(note.verdict(of: signer.key) == .valid(unixSeconds: nil))
        #expect(try BatchStatement(parsing: note.text) == example)
        #expect(BatchStatement.hash(ofFile: file) == Hash.sha256(file))
    }

    @Test(arguments: [
        ("sg.batch/v1", "sg.batch/v2", 1), ("device/7f3a9c21", "device 7f", 3),
        ("device/7f3a9c21\n", "device/7f3a9c21\norigin agent\n", 4),
        ("session s-1", "sessions s-1", 4), ("session s-1", "session ", 4),
        ("host LAB-07\n", "", 5), ("host LAB-07", "host LAB%0", 5),
        ("host LAB-07", "host LAB%2d07", 5), ("host LAB-07", "host LAB%FF", 5),
        ("host LAB-07", "host LAB%0a", 5), ("user jsmith", "user js\u{200B}mith", 6),
        ("batch 3", "batch 03", 7), ("batch 3", "batch -3", 7), ("batch 3", "batch", 7),
        ("events 100 163", "events 100", 8), ("events 100 163", "events 164 163", 8),
        ("events 100 163", "events 100 163 ", 8),
        ("time 1795512345000", "time 1795512345000.5", 9), ("root ", "root A", 10),
        ("prev ", "prev  ", 11),
    ])
    func `a malformed statement is refused at its line`(
        part: String, replacement: String, line: Int
    ) {
        let text = exampleText.replacing(part, with: replacement)
        #expect(throws: ProofsError.badStatement(line: line)) {
            try BatchStatement(parsing: text)
        }
    }

    @Test func `a statement with a line too many or cut short is refused`() {
        #expect(throws: ProofsError.badStatement(line: 12)) {
            try BatchStatement(parsing: exampleText + "more\n")
        }
        let bytes = Array(exampleText.utf8)
        for size in 0..<bytes.count {
            #expect(throws: ProofsError.self) {
                try BatchStatement(parsing: Array(bytes[..<size]))
            }
        }
    }
}
