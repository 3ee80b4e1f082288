import Foundation
import Proofs
import TestSupport
import Testing

/// E2: our proofs against a program written from RFC 9162 alone, in another language.
@Suite struct IndependentProofTests {
    private static let sizes = 1...2_048

    private func words(_ path: [Hash]) -> String {
        path.isEmpty ? "-" : path.map(\.hex).joined(separator: ",")
    }

    /// Every tree of the range: its root, and proofs for the ends, the middle and a few seeded places.
    private func trees(_ random: inout SeededRandom, damage: Int? = nil) -> String {
        let leaves = Self.sizes.map { MerkleTree.leafHash(of: Array("\($0 - 1)".utf8)) }
        let tree = MerkleTree(leafHashes: leaves)
        var lines = ""
        for size in Self.sizes {
            lines += "\(size) \(tree.root(size: UInt64(size)).hex)"
            var indices: Set = [0, size - 1, size / 2]
            for _ in 0..<3 { indices.insert(random.int(in: 0...size - 1)) }
            for index in indices.sorted() {
                var path = tree.inclusionProof(index: UInt64(index), size: UInt64(size))
                if damage == size, index == 0 { path[0] = Hash.sha256([7]) }
                lines += " \(index) \(words(path))"
            }
            lines += " c"
            var olds: Set = [1, size]
            for _ in 0..<3 { olds.insert(random.int(in: 1...size)) }
            for old in olds.sorted() {
                let path = tree.consistencyProof(old: UInt64(old), new: UInt64(size))
                lines += " \(old) \(words(path))"
            }
            lines += "\n"
        }
        return lines
    }

    private func check(_ lines: String) async throws -> ToolResult {
        try await Tool.python().run(
            [Fixture.url("proofs/rfc9162.py").pathText], input: Array(lines.utf8),
            deadline: .seconds(120))
    }

    @Test func `every tree of 1 to 2,048 leaves has the root and proofs of RFC 9162 (E2)`()
        async throws
    {
        let seed = startingSeed()
        var random = SeededRandom(seed: seed)
        let result = try await check(trees(&random))
        #expect(result.status == 0, "DAYBOOK_SEED=\(seed) \(result.transcript)")
        let counts = result.output.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }
        #expect(counts.first == 2_048)
        #expect(try #require(counts.last) > 18_000)
    }

    @Test func `one wrong hash is refused`() async throws {
        var random = SeededRandom(seed: 1)
        #expect(try await check(trees(&random, damage: 1_000)).status == 1)
    }
}
