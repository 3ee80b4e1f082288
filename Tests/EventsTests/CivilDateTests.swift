import Events
import Testing

@Suite struct CivilDateTests {
    @Test(arguments: [
        "+026-01-01", "2026-+1-01", "2026-1-01", "2026-02-29", "2026-13-01", "", "2026-01-01 ",
    ])
    func `text that is no date is refused`(text: String) {
        #expect(CivilDate(text) == nil)
    }
}
