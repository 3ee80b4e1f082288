import Access
import Events
import Testing

@Suite struct EntitlementTests {
    private let now = Instant(milliseconds: 1_795_510_800_000)
    private let subject = StudentID("pupil.one")

    private func decide(_ role: Role, _ purpose: String) -> AccessDecision {
        Entitlement.decide(
            .export, by: Requester(id: "operator-1", role: role), about: subject,
            purpose: purpose, at: now)
    }

    @Test(arguments: [Role.coordinator, .head])
    func `S17: a grant names who, what, about whom and why, and ends after 30 minutes`(
        role: Role
    ) throws {
        guard case .granted(let grant) = decide(role, "  meeting with the parents ") else {
            Issue.record("refused")
            return
        }
        #expect(grant.requester.role == role)
        #expect(grant.action == .export)
        #expect(grant.subject == subject)
        #expect(grant.purpose.text == "meeting with the parents")
        #expect(grant.expires.milliseconds - now.milliseconds == 1_800_000)
    }

    @Test(arguments: [Role.networkManager, .auditor, .collector])
    func `S54, P20: a role without a right to content is refused, whatever the purpose`(role: Role)
    {
        #expect(decide(role, "meeting with the parents") == .refused(.role))
    }

    @Test(arguments: [
        "", "         ", "too short", "\t\n  nine char \n", "line one\nline two of it",
        "carriage\rreturn in it", "a null \u{0} in the middle", "turned \u{202E}around the text",
        "isolates \u{2066}are refused", "a separator \u{2028} inside",
        String(repeating: "x", count: 1_001),
        String(repeating: "é", count: 501),
    ])
    func `S17: a purpose that is no sentence on one line is refused`(purpose: String) {
        #expect(decide(.coordinator, purpose) == .refused(.purpose))
    }

    @Test func `a purpose of exactly ten characters and one of exactly 1,000 bytes are taken`() {
        #expect(Purpose("ten chars!")?.text == "ten chars!")
        #expect(Purpose(String(repeating: "x", count: 1_000)) != nil)
        #expect(Purpose("Gespräch 👩‍👧")?.text == "Gespräch 👩‍👧")
    }

    @Test(arguments: [Refusal.purpose, .role])
    func `a refusal says what to do`(refusal: Refusal) {
        #expect(!refusal.explanation.isEmpty && !refusal.explanation.hasSuffix("."))
    }
}
