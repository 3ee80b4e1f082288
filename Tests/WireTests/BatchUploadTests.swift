import Events
import TestSupport
import Testing
import Wire

@Suite struct BatchUploadTests {
    private static let seed = [UInt8](repeating: 0xAB, count: 32)
    private static let note = "sg.batch/v1\nrest of a note\n"

    private static func events(_ count: Int) -> [UploadEvent] {
        (0..<count).map { index in
            UploadEvent(
                sequence: UInt64(40 + index), wallMilliseconds: 1_795_510_801_000,
                monoMilliseconds: 5_000, kind: .key,
                content: Array(#"{"app":"a","key":"k","window":"w"}"#.utf8))
        }
    }

    private func body(_ lines: String...) -> [UInt8] {
        let head =
            "sg.upload/v1\nseed \(String(repeating: "ab", count: 32))\n"
            + "statement \(Self.note.utf8.count)\n\(Self.note)"
        return Array((head + lines.map { $0 + "\n" }.joined()).utf8)
    }

    private static let line = "1 1000 0 key\t{\"app\":\"a\",\"key\":\"k\",\"window\":\"w\"}"

    @Test func `an upload comes back as it was`() throws {
        let bytes = BatchUpload.encode(
            seed: Self.seed, statement: Self.note, events: Self.events(3))
        let upload = try BatchUpload.parse(bytes)
        #expect(upload.seed == Self.seed)
        #expect(upload.statement == Array(Self.note.utf8))
        #expect(upload.columns.sequences == [40, 41, 42])
        #expect(upload.encoded() == bytes)
    }

    @Test(arguments: [
        ("1 1000 0 key\t{\"app\":\"a\", \"key\":\"k\",\"window\":\"w\"}", WireError.notCanonical),
        ("1 1000 0 key\t{\"key\":\"k\",\"app\":\"a\",\"window\":\"w\"}", .notCanonical),
        ("1 1000 0 key\t{\"app\":\"\\u0061\",\"key\":\"k\",\"window\":\"w\"}", .notCanonical),
        ("1 1000 0 key\t{\"app\":\"a\",\"key\":\"k\",\"n\":1.5,\"window\":\"w\"}", .notCanonical),
        ("1 1001 0 key\t{\"app\":\"a\",\"key\":\"k\",\"window\":\"w\"}", .keyTimeTooFine),
        ("1 1000 7 key\t{\"app\":\"a\",\"key\":\"k\",\"window\":\"w\"}", .keyTimeTooFine),
        ("1 1000 0 keys\t{}", .unknownKind),
        (
            "1 9223372036854775000 0 window\t{\"app\":\"a\",\"window\":\"w\"}",
            .badUpload(why: "time out of range")
        ),
        (
            "1 5 9223372036854775000 window\t{\"app\":\"a\",\"window\":\"w\"}",
            .badUpload(why: "time out of range")
        ),
        (
            "1 5 0 clock\t{\"after\":9223372036854775000,\"before\":0}",
            .wrongType(field: "after", expected: "an RFC 3339 time or Unix milliseconds")
        ),
        (
            "1 5 0 clock\t{\"after\":1,\"before\":\"noon\"}",
            .wrongType(field: "before", expected: "an RFC 3339 time or Unix milliseconds")
        ),
        ("1 1000 0 key\t{\"app\":\"a\"}", .missingField("key")),
        ("x 1000 0 key\t{}", .badUpload(why: "bad number at 123")),
    ])
    func `a bad event is refused with its reason`(line: String, error: WireError) {
        #expect(throws: error) { try BatchUpload.parse(body(line)) }
    }

    @Test func `numbers must rise by one, and there must be events, at most 1,024`() {
        let skipped = "3 1000 0 key\t{\"app\":\"a\",\"key\":\"k\",\"window\":\"w\"}"
        #expect(throws: WireError.sequenceNotContiguous) {
            try BatchUpload.parse(body(Self.line, skipped))
        }
        #expect(throws: WireError.noEvents) { try BatchUpload.parse(body()) }
        #expect(throws: WireError.tooManyEvents(limit: 1_024)) {
            try BatchUpload.parse(
                BatchUpload.encode(
                    seed: Self.seed, statement: Self.note, events: Self.events(1_025)))
        }
    }

    @Test func `an upload cut anywhere is refused, never misread`() throws {
        let bytes = BatchUpload.encode(
            seed: Self.seed, statement: Self.note, events: Self.events(2))
        let first = BatchUpload.encode(
            seed: Self.seed, statement: Self.note, events: Self.events(1))
        for size in 0..<bytes.count {
            let part = Array(bytes.prefix(size))
            if part == first { continue }
            #expect(throws: WireError.self) { try BatchUpload.parse(part) }
        }
    }

    @Test func `contents of our own events are canonical and decode to the same event`() throws {
        let place = Place(app: "a \"b\" \\", window: "Häuser – \u{1}\t\n\u{7F}😀")
        let bodies: [EventBody] = [
            .key(KeyPress(key: "\"", place: place, modifiers: [.shift, .control, .altGraph])),
            .secret(count: 9, place: place), .click(button: .middle, x: -4, y: 2, place: place),
            .window(place),
            .process(
                .init(
                    action: .end, image: "/usr/bin/x", commandLine: "x -y", parentImage: "",
                    pid: 7, parentPid: 1)),
            .url(.init(url: "https://a.example/?q=1", title: "t", app: "b", origin: .embedded)),
            .clipboard(operation: .paste, length: 3, text: "abc"),
            .clipboard(operation: .copy, length: 3, text: nil), .session(.lock),
            .notice(version: "2026-09", action: .accepted),
            .filter(
                .init(
                    action: .listChanged, person: "staff", reason: "lesson", approver: "head",
                    until: "today")),
            .guest(action: .issued, sponsor: "office", until: "16:00"),
            .media(action: .inserted, device: "usb"),
            .agent(action: .heartbeat, counters: ["events": 5, "refused": 0]),
            .clock(before: Instant(milliseconds: 5), after: Instant(milliseconds: 9)),
            .gap(first: 4, last: 9, cause: "spool full"),
        ]
        #expect(Set(bodies.map(\.kind)) == Set(EventKind.allCases))
        var decoder = ContentDecoder()
        for body in bodies {
            for (onSite, isRemote) in [(nil, false), (true, true), (false, false)]
                as [(Bool?, Bool)]
            {
                let event = Event(
                    time: Instant(milliseconds: 1_000), sequence: 3, body: body, isOnSite: onSite,
                    isRemote: isRemote)
                let content = CanonicalContent.encode(event)
                let upload = BatchUpload.encode(
                    seed: Self.seed, statement: Self.note,
                    events: [
                        UploadEvent(
                            sequence: 3, wallMilliseconds: 1_000, monoMilliseconds: 0,
                            kind: event.kind, content: content)
                    ])
                let parsed = try BatchUpload.parse(upload)
                let back = try decoder.event(0, of: parsed.columns)
                #expect(back == event)
            }
        }
    }

    /// A decoder compares contents with those that it met; what comes of one must not depend on them.
    @Test(.tags(.property)) func `a content decodes the same after others as alone`() throws {
        let places = ["a", "Editor", "é", "\"quoted\""]
        let keys = ["k", "K", "Backspace", "ü", "\"", "\\", " ", "👍", "ArrowLeft"]
        try forAll(runs: 300) { random in
            (0..<random.int(in: 1...40)).map { index in
                let place = Place(
                    app: places[random.int(in: 0...3)], window: places[random.int(in: 0...3)])
                let press = KeyPress(
                    key: keys[random.int(in: 0...keys.count - 1)], place: place,
                    modifiers: random.int(in: 0...3) == 0 ? .shift : [])
                return Event(
                    time: Instant(milliseconds: 1_000), sequence: UInt64(index),
                    body: random.int(in: 0...9) == 0 ? .window(place) : .key(press),
                    isOnSite: random.int(in: 0...5) == 0 ? true : nil,
                    isRemote: random.int(in: 0...5) == 0)
            }
        } check: { events in
            var decoder = ContentDecoder()
            for event in events {
                let decoded = try decoder.event(
                    time: event.time, sequence: event.sequence, kind: event.kind,
                    content: CanonicalContent.encode(event))
                #expect(decoded == event)
            }
        }
    }

    /// A line is read by the help of those before it; what comes of it must not depend on them.
    @Test(.tags(.property), arguments: [false, true])
    func `a line means the same after other lines as alone`(isTrusted: Bool) throws {
        let contents = [
            #"{"app":"a","key":"k","window":"w"}"#,
            #"{"app":"a","key":"K","modifiers":["Shift"],"window":"w"}"#,
            #"{"app":"Editor","key":"Backspace","window":"essay - \"Editor\""}"#,
            #"{"app":"é","extra":{"key":"x"},"key":"ü","window":"w"}"#,
            #"{"app":"a","key":"k","site":"on","window":"w"}"#,
            #"{"app":"a","key":"k","site":"on","window":"w","x":12}"#,
        ]
        try forAll(runs: 2_000) { random in
            let start = random.int(in: 1...1_000)
            let before = (0..<random.int(in: 1...8)).map { index in
                "\(start + index) 1000 0 key\t\(contents[random.int(in: 0...contents.count - 1)])"
            }
            let content = contents[random.int(in: 0...contents.count - 1)]
            var line = Array("\(start + before.count) 1000 0 key\t\(content)".utf8)
            // Behind the number, which has to follow on the ones before it.
            let first = (line.firstIndex(of: 0x20) ?? 0) + 1
            for _ in 0..<random.int(in: 0...3) {
                let place = random.int(in: first...line.count - 1)
                let written: [UInt8] = [0x22, 0x5C, 0x2C, 0x7D, 0x31, 0x20, 0x09, 0xC3, 0x6B, 0x30]
                let byte = written[random.int(in: 0...written.count - 1)]
                switch random.int(in: 0...2) {
                case 0: line[place] = byte
                case 1: line.insert(byte, at: place)
                default: line.remove(at: place)
                }
            }
            return (before: before.map { Array($0.utf8) }, line: line)
        } check: { before, line in
            let alone = outcome([line], isTrusted)
            let after = outcome(before + [line], isTrusted)
            #expect(alone.columns?.kinds.last == after.columns?.kinds.last)
            #expect(
                alone.columns?.wallMilliseconds.last == after.columns?.wallMilliseconds.last)
            #expect(
                alone.columns?.monoMilliseconds.last == after.columns?.monoMilliseconds.last)
            #expect(
                alone.columns.map { $0.content(0) }
                    == after.columns.map { $0.content(before.count) })
            #expect(alone.error == after.error)
        }
    }

    private func outcome(_ lines: [[UInt8]], _ isTrusted: Bool)
        -> (columns: EventColumns?, error: String?)
    {
        do {
            let bytes = body() + lines.flatMap { $0 + [0x0A] }
            return (try BatchUpload.parse(bytes, isTrusted: isTrusted).columns, nil)
        } catch .badUpload(let why) {
            // Offsets count from the start of the body.
            return (nil, why.filter { !$0.isNumber })
        } catch {
            return (nil, "\(error)")
        }
    }
}
