import Events
import TestSupport
import Testing

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("2026-11-24T09:00:01.250Z", 1_795_510_801_250),
        ("2026-11-24t09:00:01.25z", 1_795_510_801_250),
        ("2026-11-24 09:00:01.2509999Z", 1_795_510_801_250),
        ("2026-11-24T10:00:01.25+01:00", 1_795_510_801_250),
        ("2026-11-24T03:30:01.25-05:30", 1_795_510_801_250),
        ("2026-11-24T09:00:01.123456789Z", 1_795_510_801_123),
        ("2026-11-24T09:00:00-00:00", 1_795_510_800_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func `RFC 3339 is read`(text: String, milliseconds: Int) {
        #expect(Instant(rfc3339: text)?.milliseconds == Int64(milliseconds))
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-11-24T09:00:01", "2026-11-24T09:00:01.Z", "2026-11-24T09:00:01,5Z",
        "2026-11-24T09:00Z", "2026-11-24T9:00:01Z", "2026-11-24T24:00:00Z", "2026-11-24T23:60:00Z",
        "2026-11-24T23:00:61Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-24T09:00:01Z ", " 2026-11-24T09:00:01Z", "2026-11-24T09:00:01+1:00",
        "2026-11-24T09:00:01+0100", "2026-11-24T09:00:01+24:00", "2026-11-24T09:00:01+01:60",
        "2026-11-24T09:00:01+01", "2026-11-24T09:00:01.1234567890Z", "2026-11-24X09:00:01Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:30:00+01:00", "9999-12-31T23:59:59-01:00",
        "-026-11-24T09:00:01Z", "2026-11-24T+9:00:01Z", "2026-11-24T09:00:01ZZ",
        "2026-11-24T09:00:0éZ", "99999-11-24T09:00:01Z", "now", "1795510801250",
    ])
    func `text that is not RFC 3339 is refused`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test(.tags(.property)) func `what is written is read back, in one form`() throws {
        try forAll({ random in
            Instant(milliseconds: Int64(random.int(in: 0...253_402_300_799_999)))
        }) { instant in
            #expect(Instant(rfc3339: instant.rfc3339) == instant)
            #expect(instant.rfc3339.utf8.count == 24)
        }
    }

    @Test(.tags(.property))
    func `any text and any cut of a good one is read or refused, never a crash`() throws {
        let good = "2026-11-24T09:00:01.250+01:00"
        try forAll({ random in
            var bytes = Array(good.utf8.prefix(random.int(in: 0...good.utf8.count)))
            if !bytes.isEmpty, random.chance(oneIn: 2) {
                bytes[random.int(in: 0...bytes.count - 1)] = UInt8(random.int(in: 0...255))
            }
            return String(decoding: bytes, as: UTF8.self)
        }) { text in
            if let instant = Instant(rfc3339: text) {
                #expect(Instant(rfc3339: instant.rfc3339) == instant)
            }
        }
    }

    @Test(arguments: [
        (1_999, 1_000), (1_000, 1_000), (0, 0), (-1, -1_000), (-1_000, -1_000), (-1_001, -2_000),
    ])
    func `seconds are rounded down, also before 1970 (G1)`(from: Int, to: Int) {
        #expect(Instant(milliseconds: Int64(from)).roundedDownToSecond.milliseconds == Int64(to))
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, Int64.max - 1, Int64.max])
    func `the ends of time are handled without a crash`(milliseconds: Int64) {
        let instant = Instant(milliseconds: milliseconds)
        #expect(!instant.rfc3339.isEmpty)
        #expect(instant.roundedDownToSecond <= instant)
        #expect(instant.advanced(byMilliseconds: .max) >= instant)
        #expect(instant.advanced(byMilliseconds: .min) <= instant)
        #expect(!SchoolDay(containing: instant).description.isEmpty)
    }
}
