import Proofs
import TestSupport
import Testing

/// Proof hashes as a slow reader of RFC 6962 2.1 would get them, from the definitions alone.
private enum SlowTree {
    static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }

    static func root(_ leaves: [Hash]) -> Hash {
        if leaves.isEmpty { return Hash.sha256([]) }
        if leaves.count == 1 { return leaves[0] }
        let middle = split(leaves.count)
        return Hash.sha256(
            [1] + root(Array(leaves[..<middle])).bytes + root(Array(leaves[middle...])).bytes)
    }

    static func path(_ index: Int, _ leaves: [Hash]) -> [Hash] {
        if leaves.count == 1 { return [] }
        let middle = split(leaves.count)
        let (left, right) = (Array(leaves[..<middle]), Array(leaves[middle...]))
        return index < middle
            ? path(index, left) + [root(right)] : path(index - middle, right) + [root(left)]
    }

    static func subproof(_ old: Int, _ leaves: [Hash], _ isWhole: Bool) -> [Hash] {
        if old == leaves.count { return isWhole ? [] : [root(leaves)] }
        let middle = split(leaves.count)
        let (left, right) = (Array(leaves[..<middle]), Array(leaves[middle...]))
        return old <= middle
            ? subproof(old, left, isWhole) + [root(right)]
            : subproof(old - middle, right, false) + [root(left)]
    }
}

private func numbered(_ count: Int) -> [Hash] {
    (0..<count).map { MerkleTree.leafHash(of: Array("\($0)".utf8)) }
}

@Suite struct MerkleTreeTests {
    @Test(arguments: [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "db3426e878068d28d269b6c87172322ce5372b65756d0789001d34835f601c03"),
        (2, "cb00989d94a569c0a678ae042b63dcd4625db96440517f37a6eb7976ea24ed4b"),
        (3, "725d5230db68f557470dc35f1d8865813acd7ebb07ad152774141decbae71327"),
        (7, "a3e23b32ccb6bf96d092d165d8aa546e09829de8f03b0e8957581d1e16b92bdf"),
    ])
    func `the roots of the specification come out`(count: Int, root: String) {
        #expect(MerkleTree.root(leafHashes: numbered(count)).hex == root)
        #expect(MerkleTree(leafHashes: numbered(count)).root.hex == root)
    }

    @Test func `the inclusion and consistency proofs of the specification come out`() {
        func heads(_ hashes: [Hash]) -> [String] { hashes.map { String($0.hex.prefix(8)) } }
        #expect(
            heads(MerkleTree.inclusionProof(index: 1, in: numbered(3))) == ["db3426e8", "fa61e3de"])
        #expect(
            heads(MerkleTree.inclusionProof(index: 1, in: numbered(7)))
                == ["db3426e8", "d51f2dfe", "973f0839"])
        #expect(
            heads(MerkleTree.consistencyProof(old: 3, in: numbered(7)))
                == ["fa61e3de", "906c5d24", "cb00989d", "973f0839"])
    }

    @Test func `roots and frontiers agree with the definition for every size to 300`() throws {
        let leaves = numbered(300)
        let tree = MerkleTree(leafHashes: leaves)
        var frontier = MerkleFrontier()
        for size in 0...300 {
            let expected = SlowTree.root(Array(leaves[..<size]))
            #expect(tree.root(size: UInt64(size)) == expected)
            #expect(MerkleTree.root(leafHashes: Array(leaves[..<size])) == expected)
            #expect(frontier.root == expected)
            #expect(frontier.size == UInt64(size))
            #expect(MerkleFrontier(size: UInt64(size), peaks: frontier.peaks) == frontier)
            if size < 300 { frontier.append(leaves[size]) }
        }
    }

    @Test func `inclusion proofs agree with the definition and verify for every size to 300`() {
        let leaves = numbered(300)
        let tree = MerkleTree(leafHashes: leaves)
        for size in 1...300 {
            let first = Array(leaves[..<size])
            let root = tree.root(size: UInt64(size))
            // Every leaf of small trees, the interesting ones of large trees.
            let indices = size <= 40 ? Array(0..<size) : [0, 1, size / 2, size - 2, size - 1]
            for index in indices {
                let path = tree.inclusionProof(index: UInt64(index), size: UInt64(size))
                #expect(path == SlowTree.path(index, first))
                #expect(
                    TreeProof.isIncluded(
                        leafHash: leaves[index], index: UInt64(index), size: UInt64(size),
                        root: root, path: path))
            }
        }
    }

    @Test func `consistency proofs agree with the definition and verify for every size to 300`() {
        let leaves = numbered(300)
        let tree = MerkleTree(leafHashes: leaves)
        for new in 1...300 {
            let first = Array(leaves[..<new])
            let olds = new <= 40 ? Array(1...new) : [1, 2, 127, 128, 129, new - 1, new]
            for old in olds where old <= new {
                let path = tree.consistencyProof(old: UInt64(old), new: UInt64(new))
                #expect(path == SlowTree.subproof(old, first, true))
                #expect(
                    TreeProof.isConsistent(
                        old: UInt64(old), oldRoot: tree.root(size: UInt64(old)), new: UInt64(new),
                        newRoot: tree.root(size: UInt64(new)), path: path))
            }
        }
    }

    @Test func `a proof with anything changed does not verify`() throws {
        let leaves = numbered(100)
        let tree = MerkleTree(leafHashes: leaves)
        try forAll(runs: 300) { random in
            (size: random.int(in: 2...100), pick: random.int(in: 0...10_000))
        } check: { size, pick in
            let index = pick % size
            let size64 = UInt64(size)
            let path = tree.inclusionProof(index: UInt64(index), size: size64)
            func holds(_ leaf: Hash, _ index: Int, _ root: Hash, _ path: [Hash]) -> Bool {
                TreeProof.isIncluded(
                    leafHash: leaf, index: UInt64(index), size: size64, root: root, path: path)
            }
            let root = tree.root(size: size64)
            #expect(holds(leaves[index], index, root, path))
            #expect(!holds(leaves[(index + 1) % size], index, root, path))
            #expect(!holds(leaves[index], (index + 1) % size, root, path))
            #expect(!holds(leaves[index], size, root, path))
            #expect(!holds(leaves[index], index, .zero, path))
            #expect(!holds(leaves[index], index, root, path.dropLast()))
            #expect(!holds(leaves[index], index, root, path + [.zero]))
            var bent = path
            bent[pick % path.count] = .zero
            #expect(!holds(leaves[index], index, root, bent))
        }
    }

    @Test func `a consistency proof with anything changed does not verify`() throws {
        let leaves = numbered(100)
        let tree = MerkleTree(leafHashes: leaves)
        try forAll(runs: 300) { random in
            let new = random.int(in: 2...100)
            return (old: random.int(in: 1...new - 1), new: new, pick: random.int(in: 0...10_000))
        } check: { old, new, pick in
            let (oldRoot, newRoot) = (tree.root(size: UInt64(old)), tree.root(size: UInt64(new)))
            let path = tree.consistencyProof(old: UInt64(old), new: UInt64(new))
            func holds(
                _ old: Int, _ oldRoot: Hash, _ new: Int, _ newRoot: Hash, _ path: [Hash]
            ) -> Bool {
                TreeProof.isConsistent(
                    old: UInt64(old), oldRoot: oldRoot, new: UInt64(new), newRoot: newRoot,
                    path: path)
            }
            #expect(holds(old, oldRoot, new, newRoot, path))
            #expect(!holds(old, .zero, new, newRoot, path))
            #expect(!holds(old, oldRoot, new, .zero, path))
            #expect(!holds(new, newRoot, old, oldRoot, path))
            #expect(!holds(old, oldRoot, new, newRoot, path + [.zero]))
            #expect(!holds(old, oldRoot, new, newRoot, Array(path.dropLast())))
            #expect(!holds(old, oldRoot, new, newRoot, []))
            var bent = path
            bent[pick % path.count] = .zero
            #expect(!holds(old, oldRoot, new, newRoot, bent))
        }
    }

    @Test func `the empty tree is the beginning of every tree and of nothing else`() {
        let empty = MerkleTree.root(leafHashes: [])
        let root = MerkleTree.root(leafHashes: numbered(3))
        #expect(TreeProof.isConsistent(old: 0, oldRoot: empty, new: 3, newRoot: root, path: []))
        #expect(!TreeProof.isConsistent(old: 0, oldRoot: root, new: 3, newRoot: root, path: []))
        #expect(TreeProof.isConsistent(old: 3, oldRoot: root, new: 3, newRoot: root, path: []))
        #expect(
            !TreeProof.isConsistent(old: 3, oldRoot: root, new: 3, newRoot: root, path: [.zero]))
    }

    @Test func `a frontier is restored from the tree it belongs to`() {
        let leaves = numbered(77)
        let tree = MerkleTree(leafHashes: leaves)
        var nodes: [NodeAddress: Hash] = [:]
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) { nodes[$0] = $1 } }
        let restored = MerkleFrontier(size: 77) { nodes[$0] ?? .zero }
        #expect(restored == frontier)
        #expect(restored.root == tree.root)
        #expect(MerkleFrontier(size: 77, peaks: []) == nil)
    }
}
