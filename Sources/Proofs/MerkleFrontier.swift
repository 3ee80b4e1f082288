/// The right edge of a growing RFC 6962 tree: enough to append leaves and to know the root.
public struct MerkleFrontier: Hashable, Sendable {
    /// The number of leaves.
    public private(set) var size: UInt64
    /// The roots of the complete subtrees that make up the tree, the largest first.
    public private(set) var peaks: [Hash]

    /// An empty tree.
    public init() {
        size = 0
        peaks = []
    }

    /// A tree of a size, from its peaks; nil when their number does not fit the size.
    public init?(size: UInt64, peaks: [Hash]) {
        guard size.nonzeroBitCount == peaks.count else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// A tree of a size, its peaks looked up among the hashes of complete subtrees.
    public init<E: Error>(
        size: UInt64, node: (NodeAddress) throws(E) -> Hash
    ) throws(E) {
        self.size = size
        peaks = []
        var start: UInt64 = 0
        for level in stride(from: 63, through: 0, by: -1) where size >> UInt64(level) & 1 == 1 {
            peaks.append(try node(NodeAddress(level: level, index: start >> UInt64(level))))
            start += 1 << UInt64(level)
        }
    }

    /// Appends a leaf and tells of every complete subtree that it finished, the leaf first.
    public mutating func append(_ leafHash: Hash, completed: (NodeAddress, Hash) -> Void) {
        var address = NodeAddress(level: 0, index: size)
        var hash = leafHash
        completed(address, hash)
        while address.index & 1 == 1, let left = peaks.popLast() {
            hash = .node(left, hash)
            address = NodeAddress(level: address.level + 1, index: address.index >> 1)
            completed(address, hash)
        }
        peaks.append(hash)
        size += 1
    }

    /// Appends a leaf.
    public mutating func append(_ leafHash: Hash) { append(leafHash) { _, _ in } }

    /// The root over all leaves.
    public var root: Hash {
        guard var hash = peaks.last else { return .emptyRoot }
        for peak in peaks.dropLast().reversed() { hash = .node(peak, hash) }
        return hash
    }
}
