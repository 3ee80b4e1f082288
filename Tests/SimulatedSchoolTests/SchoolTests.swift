import Events
import SimulatedSchool
import TestSupport
import Testing
import Typing
import Wire

/// One small school for all tests that only look: made once.
private let days: [SchoolDay] = {
    guard let date = CivilDate("2026-11-23") else { return [] }
    return School.weekdays(from: SchoolDay(date), count: 3)
}()
private let school = School(seed: 7, pupils: 14, days: days)
private let sessions = Array(school.sessions())

@Suite struct SchoolTests {
    private func bytes(of school: School, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for item in school.events(limit: limit) {
            NDJSONLine.append(item.event, item.context, to: &bytes)
        }
        return bytes
    }

    @Test func `the same seed gives the same bytes`() {
        let one = School(seed: 99, pupils: 12, days: days)
        let two = School(seed: 99, pupils: 12, days: days)
        #expect(bytes(of: one, limit: 20_000) == bytes(of: two, limit: 20_000))
    }

    @Test func `the bytes of a seed never change`() {
        // Benchmarks are compared over months: a change here must be meant.
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes(of: School(seed: 1, pupils: 12, days: days), limit: 5_000) {
            sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        #expect(sum == 10_454_215_113_069_864_695)
    }

    @Test func `another seed gives other bytes`() {
        let other = School(seed: 8, pupils: 14, days: days)
        #expect(bytes(of: school, limit: 2_000) != bytes(of: other, limit: 2_000))
    }

    @Test func `each machine counts its events without holes`() {
        var next: [MachineID: UInt64] = [:]
        for session in sessions {
            #expect(school.machines[session.deviceNumber] == session.context.machine)
            for event in session.events {
                let expected = next[session.context.machine] ?? 1
                guard event.sequence == expected else {
                    Issue.record(
                        "\(session.context.session) has \(event.sequence), not \(expected)")
                    return
                }
                next[session.context.machine] = expected + 1
            }
        }
        #expect(next.count > 10)
    }

    @Test func `a day asked for alone is the same as in the row of days`() {
        let alone = Array(school.sessions(on: days[1]))
        let inRow = sessions.filter { session in
            session.events.first.map { SchoolDay(containing: $0.time) } == days[1]
        }
        #expect(alone.map(\.context) == inRow.map(\.context))
        #expect(alone.map(\.events) == inRow.map(\.events))
    }

    @Test func `nobody is at a machine before or after the others' time`() {
        var last: [MachineID: Instant] = [:]
        for session in sessions {
            var time = last[session.context.machine] ?? Instant(milliseconds: 0)
            for event in session.events {
                #expect(event.time >= time.roundedDownToSecond)
                time = event.time
            }
            last[session.context.machine] = time
        }
    }

    @Test func `everything happens in school hours, on both sides of a change of the clocks`()
        throws
    {
        let friday = SchoolDay(try #require(CivilDate("2026-10-23")))
        let week = School.weekdays(from: friday, count: 2)
        #expect(week.map(\.description) == ["2026-10-23", "2026-10-26"])
        for session in School(seed: 3, pupils: 12, days: week).sessions() {
            for event in session.events {
                let offset = SchoolDay.londonOffsetMilliseconds(at: event.time)
                let local = event.time.advanced(byMilliseconds: offset).milliseconds
                let minute = local / 60_000 % 1_440
                #expect(minute >= 8 * 60 + 50 && minute < 15 * 60, "minute \(minute)")
            }
        }
    }

    @Test func `the notice comes first (P1) and passwords are only counted`() {
        for session in sessions {
            guard case .notice(_, .shown) = session.events[0].body,
                case .notice(_, .accepted) = session.events[1].body
            else {
                Issue.record("\(session.context.session) begins without the notice")
                continue
            }
            #expect(session.events.contains { $0.kind == .secret })
            #expect(session.events.last?.body == .session(.end))
        }
    }

    @Test func `key times are whole seconds (G1)`() {
        for session in sessions {
            for event in session.events where event.kind == .key {
                #expect(event.time == event.time.roundedDownToSecond)
            }
        }
    }

    @Test func `a teacher's keys from afar are marked and make passages of their own (P4)`() {
        let remote = sessions.flatMap { session in passages(of: session).filter(\.isRemote) }
        #expect(!remote.isEmpty)
        for passage in remote { #expect(passage.asLeft.text.hasPrefix("Please add a sentence")) }
    }

    @Test func `a school without days has no sessions`() {
        let empty = School(seed: 1, pupils: 12, days: [])
        #expect(Array(empty.sessions()).isEmpty)
        #expect(Array(empty.events()).isEmpty)
        #expect(empty.plantedTroubles().isEmpty)
        #expect(Array(empty.sessions(on: days[0])).isEmpty)
    }

    @Test func `a limit is kept to the event`() {
        #expect(Array(school.events(limit: 0)).isEmpty)
        #expect(Array(school.events(limit: 4_321)).count == 4_321)
    }

    @Test func `a school of fewer than twelve pupils is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            _ = School(seed: 1, pupils: 11, days: [])
        }
    }

    @Test(arguments: [12, 13, 24, 25, 49, 130, 721])
    func `schools of any size have a seat for everybody`(count: Int) {
        let school = School(seed: 5, pupils: count, days: Array(days.prefix(1)))
        #expect(school.pupils.count == count)
        #expect(Set(school.pupils.map(\.account)).count == count)
        #expect(Set(school.machines).count == school.machines.count)
        for lesson in school.lessons(on: days[0]) {
            #expect(lesson.pupils.count <= school.rooms[lesson.room].machines.count)
            #expect(Set(lesson.pupils).count == lesson.pupils.count)
        }
        for period in Dictionary(grouping: school.lessons(on: days[0]), by: \.start).values {
            #expect(Set(period.map(\.room)).count == period.count)
        }
    }

    @Test func `a size asked for is about the size made`() {
        let pupils = School.pupilCount(events: 200_000, days: 1)
        let count = School(seed: 4, pupils: pupils, days: Array(days.prefix(1))).sessions()
            .reduce(0) { $0 + $1.events.count }
        #expect(count > 150_000 && count < 300_000, "\(count)")
        #expect(School.pupilCount(events: 1, days: 0) == 12)
    }

    // MARK: Planted trouble

    private func passages(of session: SimulatedSession) -> [Passage] {
        var builder = PassageBuilder()
        return session.events.flatMap { builder.feed($0) } + builder.finish()
    }

    @Test func `every planted text is what its passage was left as`() {
        var found = 0
        for session in sessions where !session.planted.isEmpty {
            let passages = passages(of: session)
            for planted in session.planted where planted.kind == .key {
                #expect(planted.session == session.context.session)
                #expect(
                    passages.contains { passage in
                        passage.asLeft.text == planted.text && passage.isExact
                            && passage.sequences.lowerBound == planted.sequences.lowerBound
                            && passage.sequences.upperBound == planted.sequences.upperBound + 1
                    }, "\(planted.text)")
                found += 1
            }
        }
        #expect(found > 25)
    }

    @Test func `planted pages and programs are where they are said to be`() {
        for session in sessions {
            for planted in session.planted where planted.kind != .key {
                let event = session.events.first { $0.sequence == planted.sequences.lowerBound }
                switch event?.body {
                case .url(let visit): #expect(visit.url == planted.text)
                case .process(let change): #expect(change.image == planted.text)
                default: Issue.record("\(planted.trouble): no such event")
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func `every kind of trouble is planted, bullying over several days by more than one`(
        seed: UInt64
    ) throws {
        let troubles = School(seed: seed, pupils: 12, days: days).plantedTroubles()
        #expect(
            Set(troubles.map(\.theme)) == [
                .bullying, .selfHarm, .suicide, .filterBypass, .grooming, .threat,
            ])
        for trouble in troubles {
            #expect(trouble.student != trouble.target)
            #expect(Set(trouble.texts.map(\.day)) == Set(trouble.days))
        }
        let bullying = try #require(troubles.first { $0.id == "bullying-1" })
        #expect(bullying.days.count == 3)
        #expect(bullying.texts.count == 8)
        #expect(Set(bullying.texts.map(\.student)).count == 2)
    }

    @Test func `on a single day all trouble happens on that day`() {
        let troubles = School(seed: 2, pupils: 30, days: Array(days.prefix(1))).plantedTroubles()
        #expect(troubles.count == 7)
        for trouble in troubles { #expect(trouble.days == [days[0]]) }
    }

    @Test func `nearly everything else is benign and varied`() {
        let all = sessions.flatMap(\.events).count
        let planted = sessions.flatMap(\.planted).reduce(0) { $0 + $1.sequences.count }
        #expect(planted * 50 < all, "\(planted) of \(all)")
        let texts = Set(sessions.flatMap(\.planted).map(\.text))
        var seen = Set<String>()
        var count = 0
        for session in sessions {
            for passage in passages(of: session) where passage.asLeft.text.count > 30 {
                count += 1
                if !texts.contains(passage.asLeft.text) { seen.insert(passage.asLeft.text) }
            }
        }
        #expect(seen.count * 10 > count * 8, "\(seen.count) different of \(count)")
        let swearing = ["fuck", "bitch", "shit", "kill myself", "stab "]
        for text in seen { #expect(!swearing.contains { text.contains($0) }, "\(text)") }
    }
}

@Suite struct NDJSONLineTests {
    @Test func `the collector's own parser takes every line`() throws {
        var body: [UInt8] = []
        var expected: [SimulatedEvent] = []
        // Another stride each time, so that rare kinds of events come by too.
        for (index, item) in school.events(limit: 60_000).enumerated() where index % 97 == 0 {
            NDJSONLine.append(item.event, item.context, to: &body)
            expected.append(item)
        }
        let lines = try EventLines(parsing: body)
        #expect(lines.rejected.isEmpty)
        try #require(lines.columns.count == expected.count)
        for (index, item) in expected.enumerated() {
            #expect(lines.columns.sequences[index] == item.event.sequence)
            #expect(lines.contexts[lines.contextIndices[index]] == item.context)
        }
    }

    @Test func `awkward text is escaped`() throws {
        let place = Place(app: "a\"b\\c", window: "tab\tline\nnul\u{0}\u{1F}é😀")
        let context = SessionContext(
            machine: try #require(MachineID("IT1-01")), student: try #require(StudentID("s1\"")),
            session: try #require(SessionID("x")))
        let event = Event(
            time: Instant(milliseconds: 1_795_510_801_250), sequence: 18_446_744_073_709_551_615,
            body: .key(KeyPress(key: "\"", place: place)))
        var line: [UInt8] = []
        NDJSONLine.append(event, context, to: &line)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"time":"2026-11-24T09:00:01.250Z","host":"IT1-01","user":"s1\"","session":"x","#
                + #""seq":18446744073709551615,"kind":"key","app":"a\"b\\c","key":"\"","#
                + #""window":"tab\tline\nnul\u0000\u001fé😀"}"# + "\n")
    }

    @Test func `a plain key is written as the canonical form writes it`() throws {
        let context = try #require(sessions.first?.context)
        for event in sessions[0].events.prefix(2_000) {
            var line: [UInt8] = []
            NDJSONLine.append(event, context, to: &line)
            let content = CanonicalContent.encode(event)
            #expect(line.dropLast().suffix(content.count - 1).elementsEqual(content.dropFirst()))
        }
    }
}
