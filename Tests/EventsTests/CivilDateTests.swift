import Events
import TestSupport
import Testing

@Suite struct CivilDateTests {
    @Test(arguments: [
        "", "2026", "2026-1-01", "2026-01-1", "2026/01/01", "2026-01-01 ", " 2026-01-01",
        "+026-01-01", "2026-+1-01", "2026-01--1", "２０２６-01-01", "2026-00-10", "2026-13-10",
        "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29", "0000-01-01",
        "2026-01-01T", "é26-01-01",
    ])
    func `text that is no date is refused`(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test(arguments: [
        "0001-01-01", "1970-01-01", "2000-02-29", "2024-02-29", "2026-11-24", "9999-12-31",
    ])
    func `a date is written as it was read`(text: String) throws {
        #expect(try #require(CivilDate(text)).description == text)
    }

    @Test(arguments: [
        ("1970-01-01", 0, 3), ("1969-12-31", -1, 2), ("2000-01-01", 10_957, 5),
        ("2026-11-24", 20_781, 1), ("2024-02-29", 19_782, 3), ("1900-03-01", -25_508, 3),
    ])
    func `known days since the epoch and weekdays`(text: String, days: Int, weekday: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSinceEpoch == Int64(days))
        #expect(date.weekday == weekday)
        #expect(CivilDate(daysSinceEpoch: Int64(days)) == date)
    }

    @Test func `every day of four centuries follows the one before`() {
        var date = CivilDate(daysSinceEpoch: -36_524)
        for days in -36_523...(-36_523 + 146_097) {
            let next = CivilDate(daysSinceEpoch: Int64(days))
            guard next.daysSinceEpoch == Int64(days), date < next,
                next.weekday == (date.weekday + 1) % 7,
                CivilDate(year: next.year, month: next.month, day: next.day) == next
            else {
                Issue.record("day \(days) does not follow")
                return
            }
            date = next
        }
    }

    @Test(.tags(.property)) func `days forward and back come to the same date`() throws {
        try forAll({ random in
            (
                CivilDate(daysSinceEpoch: Int64(random.int(in: -700_000...2_900_000))),
                random.int(in: -400...400)
            )
        }) { date, days in
            #expect(date.advanced(byDays: days).advanced(byDays: -days) == date)
            #expect(CivilDate(date.description) == date)
        }
    }
}
