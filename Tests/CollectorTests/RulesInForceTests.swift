import Proofs
import RuleFiles
import Storage
import TestSupport
import Testing

@testable import Collector

@Suite struct RulesInForceTests {
    @Test func `a pack that comes into force leaves one leaf, however often the collector starts`()
        async throws
    {
        let fixture = try CollectorFixture()
        let size = fixture.parts.store.treeSize()
        try await fixture.rules.record(in: fixture.parts)
        try await fixture.rules.record(in: fixture.parts)
        #expect(fixture.parts.store.treeSize() == size + 1)
        let leaf = try LeafData(parsing: Array(fixture.parts.store.leafData(size).utf8))
        #expect(leaf.kind == .rules)
    }

    @Test func `a folder that is no pack is refused with its path`() throws {
        let error = #expect(throws: RuleFilesError.self) {
            try RulesInForce(directory: "/nonexistent")
        }
        #expect("\(try #require(error))".contains("/nonexistent"))
    }

    @Test func `a pack that does not load leaves the old one in force`() throws {
        let rules = try RulesInForce(directory: nil)
        let hash = rules.hash
        #expect(throws: RuleFilesError.self) { try rules.replace(directory: "/nonexistent") }
        #expect(rules.hash == hash)
    }
}
