import Events
import TestSupport
import Testing

@Suite struct SchoolDayTests {
    private func day(_ text: String) throws -> SchoolDay {
        SchoolDay(try #require(CivilDate(text)))
    }
    private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    @Test(arguments: [
        ("2026-01-15", "2026-01-15T00:00:00Z", 24), ("2026-07-15", "2026-07-14T23:00:00Z", 24),
        // The clocks go forward: 23 hours. They go back: 25.
        ("2026-03-29", "2026-03-29T00:00:00Z", 23), ("2026-10-25", "2026-10-24T23:00:00Z", 25),
        ("2026-03-28", "2026-03-28T00:00:00Z", 24), ("2026-03-30", "2026-03-29T23:00:00Z", 24),
        ("2026-10-24", "2026-10-23T23:00:00Z", 24), ("2026-10-26", "2026-10-26T00:00:00Z", 24),
        ("2027-03-28", "2027-03-28T00:00:00Z", 23), ("2027-10-31", "2027-10-30T23:00:00Z", 25),
        ("2026-01-01", "2026-01-01T00:00:00Z", 24), ("2026-12-31", "2026-12-31T00:00:00Z", 24),
    ])
    func `a day starts at midnight in London and is as long as it is`(
        date: String, start: String, hours: Int
    ) throws {
        let day = try day(date)
        #expect(day.start == (try instant(start)))
        #expect(day.end.milliseconds - day.start.milliseconds == Int64(hours) * 3_600_000)
    }

    @Test(arguments: [
        ("2026-03-29T00:59:59.999Z", 0), ("2026-03-29T01:00:00Z", 3_600_000),
        ("2026-10-25T00:59:59.999Z", 3_600_000), ("2026-10-25T01:00:00Z", 0),
        ("2026-06-21T12:00:00Z", 3_600_000), ("2026-12-31T23:59:59Z", 0),
        ("2025-03-30T01:00:00Z", 3_600_000), ("2025-10-26T01:00:00Z", 0),
        ("2024-03-31T00:59:59Z", 0), ("2024-03-31T01:00:00Z", 3_600_000),
    ])
    func `the clocks change on the last Sundays of March and October at one o'clock UTC`(
        time: String, offset: Int
    ) throws {
        #expect(
            SchoolDay.londonOffsetMilliseconds(at: try instant(time)) == Int64(offset))
    }

    @Test(arguments: [
        ("2026-07-14T22:59:59.999Z", "2026-07-14"), ("2026-07-14T23:00:00Z", "2026-07-15"),
        ("2026-01-14T23:59:59.999Z", "2026-01-14"), ("2026-01-15T00:00:00Z", "2026-01-15"),
        ("2026-10-25T23:59:59.999Z", "2026-10-25"), ("2026-10-26T00:00:00Z", "2026-10-26"),
        ("2026-03-29T22:59:59.999Z", "2026-03-29"), ("2026-03-29T23:00:00Z", "2026-03-30"),
    ])
    func `an instant falls in the day that London's clocks show`(time: String, date: String) throws
    {
        #expect(SchoolDay(containing: try instant(time)).description == date)
    }

    @Test func `every day from 2020 to 2040 touches the next and holds its own hours`() throws {
        var day = try day("2020-01-01")
        while day.date.year < 2041 {
            let next = SchoolDay(day.date.advanced(byDays: 1))
            guard day.end == next.start, SchoolDay(containing: day.start) == day,
                SchoolDay(containing: day.end.advanced(byMilliseconds: -1)) == day
            else {
                Issue.record("\(day) does not touch the day after")
                return
            }
            day = next
        }
    }
}
