import Access
import Testing

@Suite struct CredentialTests {
    private static let random = (0..<32).map { UInt8($0) }

    @Test(arguments: Credential.Kind.allCases)
    func `a credential is its kind's prefix and 64 hex digits, and reads back`(
        kind: Credential.Kind
    ) {
        let credential = Credential(kind: kind, randomBytes: CredentialTests.random)
        #expect(credential.text.hasPrefix(kind.rawValue))
        #expect(credential.text.utf8.count == kind.rawValue.utf8.count + 64)
        #expect(Credential(credential.text) == credential)
    }

    @Test(arguments: [
        "", "db_op_", "db_op_12", "db_op_" + String(repeating: "G", count: 64),
        "db_op_" + String(repeating: "A", count: 64), "db_op_" + String(repeating: "a", count: 65),
        "db_xx_" + String(repeating: "a", count: 64), " db_op_" + String(repeating: "a", count: 64),
        "db_op_" + String(repeating: "a", count: 63) + "\n",
    ])
    func `what cannot be one of ours is none`(text: String) {
        #expect(Credential(text) == nil)
    }

    @Test func `a credential that is printed by mistake shows no secret (S29)`() {
        let credential = Credential(kind: .operator, randomBytes: CredentialTests.random)
        #expect("\(credential)" == "db_op_...")
    }
}
