/// An RFC 6962 tree over leaf hashes, all of them in memory.
public struct MerkleTree: Sendable {
    // levels[0] are the leaves; levels[n] the hashes of all complete subtrees of 2^n leaves.
    private let levels: [[Hash]]

    /// A tree over leaf hashes, in order.
    public init(leafHashes: [Hash]) {
        var levels = [leafHashes]
        while let below = levels.last, below.count > 1 {
            var level = below
            Hash.foldPairs(&level, count: below.count / 2)
            level.removeLast(below.count - below.count / 2)
            levels.append(level)
        }
        self.levels = levels
    }

    /// The number of leaves.
    public var size: UInt64 { UInt64(levels[0].count) }

    /// The root over all leaves.
    public var root: Hash { root(size: size) }

    /// The root over the first leaves.
    public func root(size: UInt64) -> Hash {
        precondition(size <= self.size, "the tree is smaller than that")
        return TreeProof.root(size: size) { self.node($0) }
    }

    /// The path from a leaf to the root over the first leaves (RFC 6962 2.1.1).
    public func inclusionProof(index: UInt64, size: UInt64) -> [Hash] {
        precondition(index < size && size <= self.size, "no such leaf in the tree")
        return TreeProof.inclusion(index: index, size: size) { self.node($0) }
    }

    /// What shows that a smaller tree is the beginning of a larger one (RFC 6962 2.1.2).
    public func consistencyProof(old: UInt64, new: UInt64) -> [Hash] {
        precondition(old <= new && new <= size, "no such trees")
        return TreeProof.consistency(old: old, new: new) { self.node($0) }
    }

    /// The hash of leaf data: with a prefix byte, so that no leaf is ever taken for a node.
    public static func leafHash(of data: [UInt8]) -> Hash { Hash.sha256([0] + data) }

    /// The hash of a node from its children.
    public static func nodeHash(_ left: Hash, _ right: Hash) -> Hash { .node(left, right) }

    /// The root over leaf hashes.
    public static func root(leafHashes: [Hash]) -> Hash {
        var level = leafHashes
        return fold(&level)
    }

    /// The path of one leaf among leaf hashes.
    public static func inclusionProof(index: Int, in leafHashes: [Hash]) -> [Hash] {
        MerkleTree(leafHashes: leafHashes)
            .inclusionProof(index: UInt64(index), size: UInt64(leafHashes.count))
    }

    /// What shows that the tree over the first `old` leaf hashes is the beginning of the tree over all.
    public static func consistencyProof(old: Int, in leafHashes: [Hash]) -> [Hash] {
        MerkleTree(leafHashes: leafHashes)
            .consistencyProof(old: UInt64(old), new: UInt64(leafHashes.count))
    }

    /// Folds a level in place, pair by pair, a last odd one carried up, until one hash is left.
    static func fold(_ level: inout [Hash]) -> Hash {
        guard !level.isEmpty else { return .emptyRoot }
        var count = level.count
        while count > 1 {
            Hash.foldPairs(&level, count: count / 2)
            if count % 2 == 1 { level[count / 2] = level[count - 1] }
            count = (count + 1) / 2
        }
        return level[0]
    }

    private func node(_ address: NodeAddress) -> Hash {
        levels[address.level][Int(address.index)]
    }
}
