import Events
import Testing

@Suite struct ThemeTests {
    @Test func `themes have the names of the vocabulary`() {
        #expect(
            Theme.allCases.map(\.rawValue) == [
                "bullying", "threat", "harassment-sexual", "hate-race", "hate-religion",
                "hate-lgbt", "hate-disability", "self-harm", "suicide", "eating-disorder",
                "extremism", "drugs", "violence-weapon", "grooming", "exploitation", "adult",
                "gambling", "personal-data", "image-sharing", "impersonation", "reputation",
                "swearing-only", "off-task", "account-misuse", "filter-bypass",
                "software-change", "copyright", "illegal",
            ])
    }

    @Test func `harm goes to safeguarding and machines to IT (P46)`() {
        #expect(Theme.suicide.procedure == .safeguarding)
        #expect(Theme.grooming.procedure == .safeguarding)
        #expect(Theme.bullying.procedure == .antiBullying)
        #expect(Theme.filterBypass.procedure == .informationTechnology)
        #expect(Theme.swearingOnly.procedure == .behaviour)
    }

    @Test func `five is the most urgent severity`() {
        #expect(Severity.allCases.max() == .actNow)
        #expect(Severity.allCases.min() == .recordOnly)
        #expect(Severity.allCases.sorted().map(\.rawValue) == [1, 2, 3, 4, 5])
    }
}
