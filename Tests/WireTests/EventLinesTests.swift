import Events
import TestSupport
import Testing
import Wire

@Suite struct EventLinesTests {
    static let good =
        #"{"time":"2026-11-24T09:00:01.900Z","host":"LIB-07","user":"s1001","session":"x","seq":7,"kind":"key","key":"a","app":"WINWORD.EXE","window":"Essay"}"#

    private func parse(_ text: String) throws -> EventLines {
        try EventLines(parsing: Array(text.utf8))
    }

    private func content(_ lines: EventLines, _ index: Int = 0) -> String {
        String(decoding: lines.columns.content(index), as: UTF8.self)
    }

    @Test func `a line becomes an event with sorted content and a whole second (G1)`() throws {
        let lines = try parse(Self.good)
        #expect(lines.columns.count == 1 && lines.rejected.isEmpty)
        #expect(content(lines) == #"{"app":"WINWORD.EXE","key":"a","window":"Essay"}"#)
        #expect(lines.columns.sequences == [7] && lines.hasSequence == [true])
        #expect(lines.columns.wallMilliseconds == [1_795_510_801_000])
        #expect(lines.contexts.map(\.student.rawValue) == ["s1001"])
    }

    @Test func `times of other kinds keep their milliseconds`() throws {
        let lines = try parse(
            #"{"time":"2026-11-24T10:00:01.123456789+01:00","host":"h","user":"u","session":"s","kind":"session","action":"start"}"#
        )
        #expect(lines.columns.wallMilliseconds == [1_795_510_801_123])
        #expect(lines.hasSequence == [false])
    }

    @Test func `blank lines, CRLF and a missing last line end are fine`() throws {
        let lines = try parse("\r\n\(Self.good)\r\n\n  \n\(Self.good)")
        #expect(lines.columns.count == 2)
        #expect(lines.lineNumbers == [2, 5])
    }

    @Test func `unknown fields are kept, fractions as text`() throws {
        let lines = try parse(
            Self.good.dropLast() + #","x":{"b":1.50,"a":[true,null,-0]},"Größe":"ä"}"#)
        #expect(
            content(lines)
                == #"{"Größe":"ä","app":"WINWORD.EXE","key":"a","window":"Essay","x":{"a":[true,null,0],"b":"1.50"}}"#
        )
    }

    @Test(arguments: [
        (#"{"time""#, "ends too early"),
        ("[1]", "not an object"),
        ("\u{FEFF}{}", "byte order mark"),
        (#"{"a":1,}"#, "unexpected byte"),
        (#"{"a":01}"#, "bad number"),
        (#"{"a":NaN}"#, "unexpected byte"),
        (#"{"a":"\x"}"#, "bad escape"),
        ("{\"a\":\"\u{1}\"}", "control character"),
        (#"{"a":1} x"#, "something follows"),
        (#"{"time":"2026-11-24T09:00:00Z"}"#, "kind is missing"),
        (good.replacing(#""kind":"key""#, with: #""kind":"keystroke""#), "unknown kind"),
        (good.replacing(#""kind":"key""#, with: #""kind":7"#), "kind must be a string"),
        (good.replacing(#""key":"a","#, with: ""), "field key is missing"),
        (good.replacing(#""key":"a""#, with: #""key":5"#), "field key must be a string"),
        (good.replacing("2026-11-24T09:00:01.900Z", with: "yesterday"), "time must be"),
        (good.replacing(#""2026-11-24T09:00:01.900Z""#, with: "12"), "time must be"),
        (good.replacing(#""seq":7"#, with: #""seq":-1"#), "seq must be"),
        (good.replacing(#""seq":7"#, with: #""seq":1.5"#), "seq must be"),
        (good.replacing(#""seq":7"#, with: #""seq":99999999999999999999"#), "seq must be"),
        (good.replacing(#""host":"LIB-07""#, with: #""host":"""#), "host must be"),
        (good.replacing(#""host":"LIB-07","#, with: ""), "host is missing"),
        (good.replacing(#""user":"s1001""#, with: #""user":null"#), "user must be"),
        (good.replacing("LIB-07", with: String(repeating: "h", count: 256)), "host is 256 bytes"),
        (
            good.replacing(
                #""session":"x""#, with: "\"session\":\"\(String(repeating: "s", count: 65))\""),
            "session is 65 bytes"
        ),
        (good.replacing("Essay", with: String(repeating: "w", count: 17_000)), "at most 16384"),
        (
            good.replacing(#""app":"#, with: #""time":"2026-11-24T09:00:01Z","app":"#),
            "time stands twice"
        ),
        (good.replacing(#""app":"#, with: #""app":"b","app":"#), "app stands twice"),
        (
            good.replacing(
                #""app":"WINWORD.EXE""#,
                with: "\"app\":" + String(repeating: "[", count: 40)
                    + String(repeating: "]", count: 40)), "deeper than 16"
        ),
        (good.replacing("}", with: #","site":"home"}"#), "site must be one of on off"),
        (good.replacing("}", with: #","remote":"yes"}"#), "remote must be true or false"),
    ])
    func `a bad line says what is wrong and those around it are kept`(line: String, why: String)
        throws
    {
        let lines = try parse("\(Self.good)\n\(line)\n\(Self.good)\n")
        #expect(lines.columns.count == 2)
        #expect(lines.lineNumbers == [1, 3])
        #expect(lines.rejected.map(\.line) == [2])
        let message = try #require(lines.rejected.first).error.message
        #expect(message.contains(why), "\(message)")
    }

    @Test func `messages never repeat what was typed (S29)`() throws {
        for line in [
            #"{"kind":"s3cretvalue"}"#, #"{"s3cret value":1,"s3cret value":2}"#, #"{"s3cretvalue"#,
        ] {
            let lines = try parse(line)
            #expect(!(try #require(lines.rejected.first).error.message.contains("s3cret v")))
            #expect(!(try #require(lines.rejected.first).error.message.contains("s3cretvalue")))
        }
    }

    @Test func `broken UTF-8 and lone surrogates become U+FFFD, flagged and reported`() throws {
        var body = Array(Self.good.replacing("Essay", with: "E@say").utf8)
        body[try #require(body.firstIndex(of: 0x40))] = 0xC0
        let lines = try EventLines(parsing: body)
        #expect(lines.repairedLines == [1])
        #expect(
            content(lines)
                == #"{"app":"WINWORD.EXE","key":"a","repaired":true,"window":"E\#u{FFFD}say"}"#)
        let surrogate = try parse(Self.good.replacing("Essay", with: #"\ud800x\ud83d\ude00"#))
        #expect(surrogate.repairedLines == [1])
        #expect(content(surrogate).contains("\u{FFFD}x😀"))
    }

    @Test func `1,024 events are taken and 1,025 are refused whole`() throws {
        let line = Self.good + "\n"
        #expect(try parse(String(repeating: line, count: 1_024)).columns.count == 1_024)
        #expect(throws: WireError.tooManyEvents(limit: 1_024)) {
            try parse(String(repeating: line, count: 1_025))
        }
    }

    @Test func `any bytes at all are answered, never crash`() throws {
        try forAll(
            runs: 400,
            { random in
                var bytes = Array((Self.good + "\n" + Self.good).utf8)
                for _ in 0..<random.size(upTo: 12) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: at)
                    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                    }
                }
                return bytes
            }
        ) { bytes in
            let lines = try EventLines(parsing: bytes)
            var decoder = ContentDecoder()
            for index in 0..<lines.columns.count {
                _ = try decoder.event(index, of: lines.columns)
                let upload = lines.columns.content(index)
                #expect(String(validating: upload, as: UTF8.self) != nil)
            }
        }
    }

    /// A line is read by the help of those before it; what comes of it must not depend on them.
    @Test(.tags(.property)) func `a line means the same after other lines as alone`() throws {
        let common = #""host":"h","user":"u","session":"s""#
        let lines = [
            #"{"time":"2026-11-24T09:00:00Z",\#(common),"seq":5,"kind":"key","app":"a","key":"k","window":"w"}"#,
            #"{"time":"2026-11-24T09:00:00.250Z","host":"h2","user":"u","session":"s","seq":6,"kind":"key","key":"k"}"#,
            #"{"kind":"key","key":"Enter","seq":0,\#(common),"time":"2026-11-24T10:00:00+01:00","window":"w"}"#,
            #"{"kind":"key","key":"K","modifiers":["Shift"],\#(common),"time":"2026-11-24T09:00:01Z"} "#,
            #"{"kind":"key","extra":{"key":"x"},"key":"K",\#(common),"time":"2026-11-24T09:00:01Z"}"#,
            #"{"kind":"key","key":"\u00fc","seq":7,\#(common),"time":"2026-11-24T09:00:01Z"}"#,
            #"{"kind":"window","window":"w","seq":8,\#(common),"time":"2026-11-24T09:00:01.5Z"}"#,
        ].map { Array($0.utf8) }
        try forAll(runs: 3_000) { random in
            let before = (0..<random.int(in: 1...8)).map { _ in
                lines[random.int(in: 0...lines.count - 1)]
            }
            var line = lines[random.int(in: 0...lines.count - 1)]
            let written: [UInt8] = [
                0x22, 0x5C, 0x2C, 0x7D, 0x31, 0x20, 0x39, 0xC3, 0x6B, 0x30, 0x2E,
            ]
            for _ in 0..<random.int(in: 0...3) {
                let place = random.int(in: 0...line.count - 1)
                let byte = written[random.int(in: 0...written.count - 1)]
                switch random.int(in: 0...2) {
                case 0: line[place] = byte
                case 1: line.insert(byte, at: place)
                default: line.remove(at: place)
                }
            }
            return (before: before, line: line)
        } check: { before, line in
            let alone = try EventLines(parsing: line + [0x0A])
            let all = try EventLines(parsing: (before + [line]).flatMap { $0 + [0x0A] })
            #expect(all.columns.count == before.count + alone.columns.count)
            #expect(all.rejected.map(\.error) == alone.rejected.map(\.error))
            #expect(all.repairedLines.count == alone.repairedLines.count)
            guard alone.columns.count == 1 else { return }
            let last = before.count
            #expect(all.columns.kinds[last] == alone.columns.kinds[0])
            #expect(all.columns.sequences[last] == alone.columns.sequences[0])
            #expect(all.columns.wallMilliseconds[last] == alone.columns.wallMilliseconds[0])
            #expect(all.columns.content(last) == alone.columns.content(0))
            #expect(all.hasSequence[last] == alone.hasSequence[0])
            #expect(all.lineNumbers[last] == last + 1)
            #expect(all.contexts[all.contextIndices[last]] == alone.contexts[0])
        }
    }
}
