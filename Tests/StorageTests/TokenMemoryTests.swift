import Events
import TestSupport
import Testing

@testable import Storage

@Suite struct TokenMemoryTests {
    private let start = Instant(milliseconds: 1_795_510_800_000)

    @Test func `a token is kept for two seconds, and no longer`() throws {
        let memory = TokenMemory()
        let device = try #require(DeviceName("device/a"))
        memory.keep(device, tokenHash: [1], at: start)
        #expect(memory.device(tokenHash: [1], at: start) == device)
        #expect(memory.device(tokenHash: [2], at: start) == nil)
        #expect(memory.device(tokenHash: [1], at: start.advanced(byMilliseconds: 1_999)) == device)
        #expect(memory.device(tokenHash: [1], at: start.advanced(byMilliseconds: 2_000)) == nil)
    }

    @Test func `a clock that was set back keeps nothing alive`() throws {
        let memory = TokenMemory()
        let device = try #require(DeviceName("device/a"))
        memory.keep(device, tokenHash: [1], at: start)
        #expect(memory.device(tokenHash: [1], at: start.advanced(byMilliseconds: -1)) == nil)
    }

    @Test func `whoever revokes empties it, and it does not grow for ever`() throws {
        let memory = TokenMemory()
        let device = try #require(DeviceName("device/a"))
        for number in 0..<5_000 {
            memory.keep(
                device, tokenHash: [UInt8(number & 255), UInt8(number >> 8)], at: start)
        }
        #expect(memory.device(tokenHash: [0, 0], at: start) == nil)
        #expect(memory.device(tokenHash: [0x87, 0x13], at: start) == device)
        memory.forgetAll()
        #expect(memory.device(tokenHash: [0x87, 0x13], at: start) == nil)
    }
}
