/// A complete subtree: `2^level` leaves from leaf `index * 2^level` on.
public struct NodeAddress: Hashable, Sendable {
    /// 0 for a leaf.
    public var level: Int
    /// Counts subtrees of this level from the left.
    public var index: UInt64

    /// The subtree at a level and an index.
    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// Roots and proofs of RFC 6962 trees, wherever the hashes of complete subtrees come from.
///
/// The closures are asked only for subtrees that lie completely within the given size, so they can be
/// read from tiles on disk. What they throw comes out unchanged.
public enum TreeProof {
    /// The root over the first `size` leaves.
    public static func root<E: Error>(
        size: UInt64, node: (NodeAddress) throws(E) -> Hash
    ) throws(E) -> Hash {
        guard size > 0 else { return .emptyRoot }
        return try hash(from: 0, to: size, node: node)
    }

    /// The path from a leaf to the root over the first `size` leaves, nearest sibling first.
    public static func inclusion<E: Error>(
        index: UInt64, size: UInt64, node: (NodeAddress) throws(E) -> Hash
    ) throws(E) -> [Hash] {
        precondition(index < size, "no such leaf in the tree")
        var path: [Hash] = []
        var (start, end) = (UInt64(0), size)
        while end - start > 1 {
            let middle = start + split(end - start)
            if index < middle {
                path.append(try hash(from: middle, to: end, node: node))
                end = middle
            } else {
                path.append(try hash(from: start, to: middle, node: node))
                start = middle
            }
        }
        return path.reversed()
    }

    /// What shows that the tree over `old` leaves is the beginning of the tree over `new` leaves.
    ///
    /// Empty when `old` is 0 or equal to `new`.
    public static func consistency<E: Error>(
        old: UInt64, new: UInt64, node: (NodeAddress) throws(E) -> Hash
    ) throws(E) -> [Hash] {
        precondition(old <= new, "the old tree is not the larger one")
        guard old > 0, old < new else { return [] }
        var path: [Hash] = []
        var (start, end) = (UInt64(0), new)
        while old < end {
            let middle = start + split(end - start)
            if old <= middle {
                path.append(try hash(from: middle, to: end, node: node))
                end = middle
            } else {
                path.append(try hash(from: start, to: middle, node: node))
                start = middle
            }
        }
        // The verifier knows the old root, so it need not be told when the old tree is complete here.
        if start > 0 { path.append(try hash(from: start, to: end, node: node)) }
        return path.reversed()
    }

    /// The root that a path leads to from a leaf; nil when the path has the wrong length (RFC 9162 2.1.3.2).
    public static func root(
        from leafHash: Hash, index: UInt64, size: UInt64, path: [Hash]
    ) -> Hash? {
        guard index < size else { return nil }
        var (position, last) = (index, size - 1)
        var hash = leafHash
        for sibling in path {
            guard last > 0 else { return nil }
            if position & 1 == 1 || position == last {
                hash = .node(sibling, hash)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    /// Whether a path leads from a leaf to a root.
    public static func isIncluded(
        leafHash: Hash, index: UInt64, size: UInt64, root: Hash, path: [Hash]
    ) -> Bool {
        self.root(from: leafHash, index: index, size: size, path: path) == root
    }

    /// Whether a proof shows that one tree is the beginning of another (RFC 9162 2.1.4.2).
    public static func isConsistent(
        old: UInt64, oldRoot: Hash, new: UInt64, newRoot: Hash, path: [Hash]
    ) -> Bool {
        guard old <= new else { return false }
        if old == new { return path.isEmpty && oldRoot == newRoot }
        if old == 0 { return path.isEmpty && oldRoot == .emptyRoot }
        let path = old & (old - 1) == 0 ? [oldRoot] + path : path
        guard var oldHash = path.first else { return false }
        var newHash = oldHash
        var (position, last) = (old - 1, new - 1)
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        for hash in path.dropFirst() {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                oldHash = .node(hash, oldHash)
                newHash = .node(hash, newHash)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                newHash = .node(newHash, hash)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot
    }

    /// The hash over leaves `start..<end`, from the complete subtrees it is made of.
    private static func hash<E: Error>(
        from start: UInt64, to end: UInt64, node: (NodeAddress) throws(E) -> Hash
    ) throws(E) -> Hash {
        let count = end - start
        if count & (count - 1) == 0 {
            let level = count.trailingZeroBitCount
            return try node(NodeAddress(level: level, index: start >> UInt64(level)))
        }
        let middle = start + split(count)
        let left = try hash(from: start, to: middle, node: node)
        return .node(left, try hash(from: middle, to: end, node: node))
    }

    /// The largest power of two smaller than a count of at least 2.
    private static func split(_ count: UInt64) -> UInt64 {
        UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
