import RuleFiles
import Testing

@testable import Detection

/// Loads rules from text and matches events, as `daybook rules match` does.
enum Sigma {
    /// A whole rule around the lines of its detection.
    static func rule(
        _ detection: String, logsource: String = "{category: test}", more: String = ""
    ) -> String {
        let lines = detection.split(separator: "\n", omittingEmptySubsequences: false)
        return "title: T\nlogsource: \(logsource)\n\(more)detection:\n"
            + lines.map { "    \($0)\n" }.joined()
    }

    static func pack(_ text: String, lexicons: String = "") throws -> RulePack {
        var files = [(name: "rule.yml", bytes: Array(text.utf8))]
        if !lexicons.isEmpty { files.append((name: "words.yml", bytes: Array(lexicons.utf8))) }
        let report = try RulePackLoader.read(files: files, isPack: false)
        guard report.complaints.isEmpty else {
            throw RuleFilesError.refused(report.complaints)
        }
        return report.pack
    }

    static func matches(
        _ detection: String, _ fields: [String: FieldValue], lexicons: String = ""
    ) throws -> Bool {
        let pack = try pack(rule(detection), lexicons: lexicons)
        let engine = RuleEngine(rules: pack.rules, lexicons: pack.lexicons)
        return !engine.matches(FieldEvent(fields: fields)).isEmpty
    }

    /// The first complaint about a text.
    static func complaint(_ text: String, isPack: Bool = false) throws -> RuleComplaint? {
        try RulePackLoader.read(
            files: [(name: "rule.yml", bytes: Array(text.utf8))], isPack: isPack
        ).complaints.first
    }
}

/// A row: the detection, an event that fulfils it and one that does not.
struct SigmaRow: Sendable, CustomTestStringConvertible {
    var id: String
    var detection: String
    var good: [String: FieldValue]
    var bad: [String: FieldValue]
    var testDescription: String { id }

    init(
        _ id: String, _ detection: String, good: [String: FieldValue], bad: [String: FieldValue]
    ) {
        self.id = id
        self.detection = detection
        self.good = good
        self.bad = bad
    }
}

/// The checklist of rules.md, each with a match and a non-match.
@Suite struct SigmaTests {
    static let rows: [SigmaRow] = [
        SigmaRow(
            "R7 map: all items", "s:\n    A: x\n    B: y\ncondition: s",
            good: ["A": .text("x"), "B": .text("y")], bad: ["A": .text("x"), "B": .text("z")]),
        SigmaRow(
            "R7 list of maps: any", "s:\n    - A: x\n    - B: y\ncondition: s",
            good: ["B": .text("y")], bad: ["A": .text("y")]),
        SigmaRow(
            "R7 keywords: any, in any field", "s:\n    - evil\n    - 4711\ncondition: s",
            good: ["Deep": .map(["er": .text("so evil x")])], bad: ["A": .text("good")]),
        SigmaRow(
            "R7 keywords, all", "s:\n    '|all':\n        - one\n        - two\ncondition: s",
            good: ["A": .text("one"), "B": .text("x two y")], bad: ["A": .text("one")]),
        SigmaRow(
            "R8 field list: any", "s:\n    A: [x, y]\ncondition: s", good: ["A": .text("y")],
            bad: ["A": .text("z")]),
        SigmaRow(
            "R8 field list with all", "s:\n    A|contains|all: [x, y]\ncondition: s",
            good: ["A": .text("a y x")], bad: ["A": .text("a y")]),
        SigmaRow(
            "R9 case-insensitive beyond ASCII", "s:\n    A: ÄRGER\ncondition: s",
            good: ["A": .text("ärger")], bad: ["A": .text("arger")]),
        SigmaRow(
            "R10 wildcards", "s:\n    A: 'ab*c?e'\ncondition: s", good: ["A": .text("abXYcde")],
            bad: ["A": .text("abXYce")]),
        SigmaRow(
            "R11 number equals numeric text", "s:\n    A: 4688\ncondition: s",
            good: ["A": .text("4688")], bad: ["A": .text("46880")]),
        SigmaRow(
            "R11 numeric text equals number", "s:\n    A: '4688'\ncondition: s",
            good: ["A": .integer(4688)], bad: ["A": .integer(4689)]),
        SigmaRow(
            "R11 null: missing or null", "s:\n    A: null\ncondition: s", good: ["B": .text("x")],
            bad: ["A": .text("")]),
        SigmaRow(
            "R11 empty: present and empty", "s:\n    A: ''\ncondition: s", good: ["A": .text("")],
            bad: ["B": .text("x")]),
        SigmaRow(
            "R11 boolean", "s:\n    A: true\ncondition: s", good: ["A": .boolean(true)],
            bad: ["A": .boolean(false)]),
        SigmaRow(
            "R12 array: any element", "s:\n    A|endswith: x\ncondition: s",
            good: ["A": .list([.text("a"), .text("bx")])], bad: ["A": .list([.text("a")])]),
        SigmaRow(
            "R12 dotted path", "s:\n    A.B.C: x\ncondition: s",
            good: ["A": .map(["B": .list([.map(["C": .text("x")])])])],
            bad: ["A": .map(["B": .text("x")])]),
        SigmaRow(
            "R12 literal dotted key first", "s:\n    A.B: x\ncondition: s",
            good: ["A.B": .text("x"), "A": .map(["B": .text("y")])],
            bad: ["A.B": .text("y"), "A": .map(["B": .text("x")])]),
        SigmaRow(
            "R6 spaces in field names", "s:\n    SourceName: x\ncondition: s",
            good: ["Source Name": .text("x")], bad: ["Source": .text("x")]),
        SigmaRow(
            "R13 two keys on one field", "s:\n    A|startswith: a\n    A|endswith: z\ncondition: s",
            good: ["A": .text("a-z")], bad: ["A": .text("a-y")]),
        SigmaRow(
            "R14 not binds tighter than and, and tighter than or",
            "a:\n    A: 1\nb:\n    B: 1\nc:\n    C: 1\ncondition: a OR b And NOT c",
            good: ["A": .integer(1), "C": .integer(1)], bad: ["B": .integer(1), "C": .integer(1)]),
        SigmaRow(
            "R14 brackets",
            "a:\n    A: 1\nb:\n    B: 1\nc:\n    C: 1\ncondition: (a or b) and not c",
            good: ["B": .integer(1)], bad: ["A": .integer(1), "C": .integer(1)]),
        SigmaRow(
            "R15 1 of a pattern", "sel_a:\n    A: 1\nsel_b:\n    B: 1\ncondition: 1 of sel_*",
            good: ["B": .integer(1)], bad: ["C": .integer(1)]),
        SigmaRow(
            "R15 all of a pattern", "a_sel:\n    A: 1\nb_sel:\n    B: 1\ncondition: all of *_sel",
            good: ["A": .integer(1), "B": .integer(1)], bad: ["B": .integer(1)]),
        SigmaRow(
            "R15 them skips underscores", "s:\n    A: 1\n_x:\n    B: 1\ncondition: all of them",
            good: ["A": .integer(1)], bad: ["B": .integer(1)]),
        SigmaRow(
            "R15 any of them", "s:\n    A: 1\nt:\n    B: 1\ncondition: any of them",
            good: ["B": .integer(1)], bad: ["C": .integer(1)]),
        SigmaRow(
            "R15 not all of", "s:\n    A: 1\nt:\n    B: 1\ncondition: not all of them",
            good: ["B": .integer(1)], bad: ["A": .integer(1), "B": .integer(1)]),
        SigmaRow(
            "R16 list of conditions: any",
            "a:\n    A: 1\nb:\n    B: 1\ncondition:\n    - a\n    - b", good: ["B": .integer(1)],
            bad: ["C": .integer(1)]),
        SigmaRow(
            "R18 contains", "s:\n    A|contains: mid\ncondition: s", good: ["A": .text("aMIDz")],
            bad: ["A": .text("mi d")]),
        SigmaRow(
            "R18 startswith", "s:\n    A|startswith: ab\ncondition: s", good: ["A": .text("ABc")],
            bad: ["A": .text("xab")]),
        SigmaRow(
            "R18 endswith", "s:\n    A|endswith: '\\cmd.exe'\ncondition: s",
            good: ["A": .text("C:\\cmd.EXE")], bad: ["A": .text("cmd.exe")]),
        SigmaRow(
            "R20 cased", "s:\n    A|contains|cased: Mid\ncondition: s", good: ["A": .text("aMidz")],
            bad: ["A": .text("amidz")]),
        SigmaRow(
            "R21 exists", "s:\n    A|exists: true\ncondition: s", good: ["A": .null],
            bad: ["B": .text("x")]),
        SigmaRow(
            "R21 exists not", "s:\n    A|exists: false\ncondition: s", good: ["B": .text("x")],
            bad: ["A": .text("")]),
        SigmaRow(
            "R22 neq", "s:\n    A|neq: [x, y]\ncondition: s", good: ["A": .text("z")],
            bad: ["A": .text("y")]),
        SigmaRow(
            "R22 neq with fieldref", "s:\n    A|fieldref|neq: B\ncondition: s",
            good: ["A": .text("x"), "B": .text("y")], bad: ["A": .text("x"), "B": .text("X")]),
        SigmaRow(
            "R23 windash after contains", "s:\n    A|contains|windash: ' -enc '\ncondition: s",
            good: ["A": .text("ps \u{2013}ENC x")], bad: ["A": .text("ps enc x")]),
        SigmaRow(
            "R23 windash leaves a dash inside a word",
            "s:\n    A|windash|contains: 'a-b'\ncondition: s", good: ["A": .text("xa-by")],
            bad: ["A": .text("xa/by")]),
        SigmaRow(
            "R24 re is case-sensitive and searches",
            "s:\n    A|re: '[0-9]{3,}x$'\ncondition: s", good: ["A": .text("a1234x")],
            bad: ["A": .text("a1234X")]),
        SigmaRow(
            "R24 re with i", "s:\n    A|re|i: 'foo|bar'\ncondition: s", good: ["A": .text("xBAR")],
            bad: ["A": .text("baz")]),
        SigmaRow(
            "R24 re with m", "s:\n    A|re|m: '^two$'\ncondition: s",
            good: ["A": .text("one\ntwo\nthree")], bad: ["A": .text("one two")]),
        SigmaRow(
            "R24 re with s", "s:\n    A|re|s: 'a.b'\ncondition: s", good: ["A": .text("a\nb")],
            bad: ["A": .text("ab")]),
        SigmaRow(
            "R25 base64", "s:\n    A|base64|contains: foobar\ncondition: s",
            good: ["A": .text("xx Zm9vYmFy yy")], bad: ["A": .text("xx zm9vymfy yy")]),
        SigmaRow(
            "R26 base64offset at every offset",
            "s:\n    A|base64offset|contains: foobar\ncondition: s",
            good: ["A": .text("eGZvb2JhciA=")], bad: ["A": .text("eGZvb2JheiA=")]),
        SigmaRow(
            "R27 wide before base64offset",
            "s:\n    A|wide|base64offset|contains: ping\ncondition: s",
            good: ["A": .text("cABpAG4AZwA=")], bad: ["A": .text("cGluZw==")]),
        SigmaRow(
            "R27 utf16 has a byte order mark", "s:\n    A|utf16|base64: cmd\ncondition: s",
            good: ["A": .text("//5jAG0AZAA=")], bad: ["A": .text("YwBtAGQA")]),
        SigmaRow(
            "R27 utf16be", "s:\n    A|utf16be|base64: cmd\ncondition: s",
            good: ["A": .text("AGMAbQBk")], bad: ["A": .text("YwBtAGQA")]),
        SigmaRow(
            "R28 lt", "s:\n    A|lt: 5\ncondition: s", good: ["A": .number(4.5)],
            bad: ["A": .integer(5)]),
        SigmaRow(
            "R28 lte", "s:\n    A|lte: 5\ncondition: s", good: ["A": .text("5")],
            bad: ["A": .text("6")]),
        SigmaRow(
            "R28 gt", "s:\n    A|gt: 5\ncondition: s", good: ["A": .integer(6)],
            bad: ["A": .text("abc")]),
        SigmaRow(
            "R28 gte", "s:\n    A|gte: -1.5\ncondition: s", good: ["A": .number(-1.5)],
            bad: ["A": .integer(-2)]),
        SigmaRow(
            "R29 hour as written", "s:\n    T|hour|gte: 22\ncondition: s",
            good: ["T": .text("2026-11-24T22:15:00Z")], bad: ["T": .text("2026-11-24T21:59:00Z")]),
        SigmaRow(
            "R29 ISO week", "s:\n    T|week: 53\ncondition: s",
            good: ["T": .text("2021-01-01")], bad: ["T": .text("2021-01-04")]),
        SigmaRow(
            "R29 month", "s:\n    T|month: 11\ncondition: s", good: ["T": .text("2026-11-24")],
            bad: ["T": .text("2026-12-24")]),
        SigmaRow(
            "R30 cidr version 4", "s:\n    A|cidr: 10.1.0.0/16\ncondition: s",
            good: ["A": .text("10.1.255.3")], bad: ["A": .text("10.2.0.1")]),
        SigmaRow(
            "R30 cidr version 6", "s:\n    A|cidr: 'fe80::/10'\ncondition: s",
            good: ["A": .text("febf::1")], bad: ["A": .text("fec0::1")]),
        SigmaRow(
            "R32 fieldref", "s:\n    A|fieldref: B\ncondition: s",
            good: ["A": .text("x"), "B": .text("X")], bad: ["A": .text("x"), "B": .text("y")]),
        SigmaRow(
            "R32 fieldref with endswith", "s:\n    A|fieldref|endswith: B\ncondition: s",
            good: ["A": .text("axy"), "B": .text("xy")], bad: ["A": .text("xya"), "B": .text("xy")]),
    ]

    @Test(arguments: rows)
    func `a feature matches what it should and nothing else`(row: SigmaRow) throws {
        #expect(try Sigma.matches(row.detection, row.good))
        #expect(try !Sigma.matches(row.detection, row.bad))
    }

    @Test func `R5 a rule sees only events of its log source`() throws {
        let pack = try Sigma.pack(
            Sigma.rule(
                "s:\n    - evil\ncondition: s", logsource: "{category: proxy, product: windows}"))
        let engine = RuleEngine(rules: pack.rules, lexicons: pack.lexicons)
        let event = FieldEvent(fields: ["A": .text("evil")])
        #expect(engine.matches(event, from: LogSource(category: "proxy")) == [0])
        #expect(
            engine.matches(event, from: LogSource(category: "PROXY", product: "Windows")) == [0])
        #expect(engine.matches(event, from: LogSource(category: "dns")).isEmpty)
        #expect(engine.matches(event, from: LogSource(product: "linux")).isEmpty)
    }

    @Test func `R31 expand fills placeholders and keeps an escaped per cent sign`() throws {
        let words = "lexicons:\n    Administrators: [root, admin]\n"
        let detection = "s:\n    A|expand: '%Administrators%\\%'\ncondition: s"
        #expect(try Sigma.matches(detection, ["A": .text("admin%")], lexicons: words))
        #expect(try !Sigma.matches(detection, ["A": .text("admin")], lexicons: words))
    }

    /// What is refused, and where: file, line and column point at the mistake.
    @Test(arguments: [
        ("R33 unknown modifier", "s:\n    A|containz: x\ncondition: s", 5, 11),
        ("R16 unknown identifier", "s:\n    A: x\ncondition: s and t", 6, 22),
        ("R16 pattern that names nothing", "s:\n    A: x\ncondition: 1 of t_*", 6, 21),
        ("R17 old aggregation", "s:\n    A: x\ncondition: s | count() by A > 5", 6, 18),
        ("R31 placeholder without values", "s:\n    A|expand: '%nobody%'\ncondition: s", 5, 20),
        ("R24 back-reference", "s:\n    A|re: '(a)\\1'\ncondition: s", 5, 20),
        ("R24 looking ahead", "s:\n    A|re: 'a(?=b)'\ncondition: s", 5, 19),
        ("R19 all with one value", "s:\n    A|all: [x]\ncondition: s", 5, 9),
        ("R30 not a network", "s:\n    A|cidr: 10.0.0.0/33\ncondition: s", 5, 17),
        ("R28 not a number", "s:\n    A|lt: many\ncondition: s", 5, 15),
        ("R21 exists without a boolean", "s:\n    A|exists: 1\ncondition: s", 5, 19),
        ("bracket left open", "s:\n    A: x\ncondition: (s or s", 6, 16),
        ("timeframe in the detection", "s:\n    A: x\ntimeframe: 5m\ncondition: s", 6, 5),
        ("empty list of values", "s:\n    A: []\ncondition: s", 5, 12),
    ])
    func `a mistake is refused with its place`(
        what: String, detection: String, line: Int, column: Int
    ) throws {
        let complaint = try Sigma.complaint(Sigma.rule(detection))
        #expect(complaint?.file == "rule.yml")
        #expect(complaint?.position.line == line, "\(complaint.map(\.description) ?? "")")
        #expect(complaint?.position.column == column, "\(complaint.map(\.description) ?? "")")
    }

    @Test(arguments: [
        (
            "title missing", "logsource: {category: x}\ndetection: {s: {A: x}, condition: s}",
            "title"
        ),
        ("logsource missing", "title: T\ndetection: {s: {A: x}, condition: s}", "logsource"),
        ("detection missing", "title: T\nlogsource: {category: x}\n", "detection"),
        (
            "condition missing", "title: T\nlogsource: {category: x}\ndetection: {s: {A: x}}",
            "condition"
        ),
        ("correlation", "title: T\ncorrelation: {type: event_count}\n", "not supported yet"),
        (
            "filter", "title: T\nlogsource: {category: x}\nfilter: {rules: [a]}\n",
            "not supported yet"
        ),
        ("not YAML", "title: [T\n", "not YAML"),
        ("a key twice", "title: T\ntitle: U\n", "twice"),
        (
            "bad id",
            "title: T\nid: 12\nlogsource: {category: x}\ndetection: {s: {A: x}, condition: s}",
            "UUID"
        ),
        (
            "bad level",
            "title: T\nlevel: urgent\nlogsource: {category: x}\ndetection: {s: {A: x}, condition: s}",
            "level"
        ),
        (
            "bare tag",
            "title: T\ntags: [bare]\nlogsource: {category: x}\ndetection: {s: {A: x}, condition: s}",
            "namespace"
        ),
    ])
    func `a document that lacks what it needs is refused`(
        what: String, text: String, says: String
    ) throws {
        let complaint = try Sigma.complaint(text)
        #expect(
            complaint?.message.contains(says) == true, "\(complaint.map(\.description) ?? "none")")
    }

    @Test func `R4 an id that is there twice is refused in the second file`() throws {
        let text = Sigma.rule(
            "s:\n    A: x\ncondition: s", more: "id: 6f2f6c1e-2f6b-4e0e-9a53-0d7a2f4b1c01\n")
        let report = try RulePackLoader.read(
            files: [("a.yml", Array(text.utf8)), ("b.yml", Array((text + "#\n").utf8))],
            isPack: false)
        #expect(report.complaints.map(\.cause) == [.duplicateID])
        #expect(report.complaints.first?.file == "b.yml")
    }

    @Test func `R1 a file holds several documents`() throws {
        let one = Sigma.rule("s:\n    A: x\ncondition: s")
        let pack = try Sigma.pack(one + "---\n" + one.replacing("title: T", with: "title: U"))
        #expect(pack.rules.map(\.title) == ["T", "U"])
        #expect(pack.rules[0].hash != pack.rules[1].hash)
    }

    @Test func `a rule of a pack without examples of both kinds does not load`() throws {
        let text = Sigma.rule(
            "s:\n    TypedTextNorm|contains: ' x '\ncondition: s",
            more: """
                id: 6f2f6c1e-2f6b-4e0e-9a53-0d7a2f4b1c01
                safeguarding:
                    theme: bullying
                    severity: 3
                    tier: E
                    reason: r
                    sentence: s
                    policy: p
                    review: 2027-01-01
                    match: [x]

                """)
        #expect(try Sigma.complaint(text, isPack: true)?.cause == .examples)
    }

    @Test func `many rules give the same answers as each rule alone`() throws {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var random = SmallRandom(seed: seed)
        let values = ["cmd", "power", "shell", "-enc", "abc.exe", "x", "net user", "*.dll"]
        let styles = ["", "|contains", "|startswith", "|endswith", "|re"]
        var rules: [String] = []
        for _ in 0..<60 {
            let style = styles[random.next(styles.count)]
            let value = values[random.next(values.count)].replacing(
                "*", with: style == "|re" ? "." : "*")
            let other = values[random.next(7)]
            let condition = ["s", "s and t", "s or t", "not s and t", "1 of them"][random.next(5)]
            rules.append(
                Sigma.rule(
                    "s:\n    A\(style): '\(value)'\nt:\n    B|contains: '\(other)'\n"
                        + "condition: \(condition)"
                ).replacing("title: T", with: "title: T\(rules.count)"))
        }
        let packs = try rules.map { try Sigma.pack($0) }
        let all = try Sigma.pack(rules.joined(separator: "---\n"))
        let engine = RuleEngine(rules: all.rules, lexicons: all.lexicons)
        let alone = packs.map { RuleEngine(rules: $0.rules, lexicons: $0.lexicons) }
        for _ in 0..<300 {
            func text() -> String {
                (0..<(1 + random.next(3))).map { _ in values[random.next(8)] }
                    .joined(separator: [" ", ""][random.next(2)])
            }
            let event = FieldEvent(fields: ["A": .text(text()), "B": .text(text())])
            let together = engine.matches(event)
            let single = alone.indices.filter { !alone[$0].matches(event).isEmpty }
            #expect(together == single, "seed \(seed), event \(event.fields)")
        }
    }
}

/// A small seeded generator (SplitMix64), so that a failure can be repeated.
struct SmallRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number below a bound.
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
