import Bytes

/// A tile of a log's tree: 256 hashes of one level, or fewer at the right edge (C2SP tlog-tiles).
public struct Tile: Hashable, Sendable {
    /// Levels of the tree that one tile spans.
    public static let height = 8
    /// Hashes of a full tile.
    public static let widthMaximum = 256

    /// The tile's level: its hashes stand for subtrees of `2^(8 * level)` leaves.
    public var level: Int
    /// Counts tiles of this level from the left.
    public var index: UInt64
    /// How many hashes it holds, 1 to 256.
    public var width: Int

    /// A tile; level 0 to 7, width 1 to 256.
    public init(level: Int, index: UInt64, width: Int = Tile.widthMaximum) {
        precondition((0...7).contains(level), "a tile's level is 0 to 7")
        precondition((1...Tile.widthMaximum).contains(width), "a tile's width is 1 to 256")
        self.level = level
        self.index = index
        self.width = width
    }

    /// The tile's path below the log's folder: `tile/<L>/<N>` or, when partial, `tile/<L>/<N>.p/<W>`.
    public var path: String { Tile.path(folder: "tile/\(level)", index: index, width: width) }

    /// The path of the leaf data that belong to a tile of level 0: `tile/entries/<N>`.
    public static func entriesPath(index: UInt64, width: Int = widthMaximum) -> String {
        path(folder: "tile/entries", index: index, width: width)
    }

    /// The tiles that are needed to hold all hashes of a tree, by level and then from the left.
    public static func tiles(size: UInt64) -> [Tile] {
        var tiles: [Tile] = []
        var (level, hashes) = (0, size)
        while hashes > 0, level < 8 {
            for index in 0..<hashes / 256 { tiles.append(Tile(level: level, index: index)) }
            if hashes % 256 > 0 {
                tiles.append(
                    Tile(level: level, index: hashes / 256, width: Int(hashes % 256)))
            }
            level += 1
            hashes /= 256
        }
        return tiles
    }

    /// The bytes of a tile file: its hashes one after the other.
    public static func encode(_ hashes: [Hash]) -> [UInt8] { hashes.flatMap(\.bytes) }

    /// The hashes of a tile file.
    public static func decode(_ bytes: [UInt8]) throws(ProofsError) -> [Hash] {
        guard bytes.count % Hash.size == 0, !bytes.isEmpty,
            bytes.count <= widthMaximum * Hash.size
        else { throw .badTile }
        return stride(from: 0, to: bytes.count, by: Hash.size).compactMap {
            Hash(bytes: bytes[$0..<$0 + Hash.size])
        }
    }

    /// The bytes of an entries file: each leaf's data after its size in two big-endian bytes.
    public static func encode(entries: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            precondition(entry.count <= 0xFFFF, "leaf data is longer than its size field")
            bytes.append(UInt8(truncatingIfNeeded: entry.count >> 8))
            bytes.append(UInt8(truncatingIfNeeded: entry.count))
            bytes.append(contentsOf: entry)
        }
        return bytes
    }

    /// The leaf data of an entries file.
    public static func decode(entries bytes: [UInt8]) throws(ProofsError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            guard offset + 2 <= bytes.count else { throw .badTile }
            let size = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            offset += 2
            guard offset + size <= bytes.count, entries.count < widthMaximum else {
                throw .badTile
            }
            entries.append(Array(bytes[offset..<offset + size]))
            offset += size
        }
        return entries
    }

    private static func path(folder: String, index: UInt64, width: Int) -> String {
        var groups = [threeDigits(index % 1_000)]
        var rest = index / 1_000
        while rest > 0 {
            groups.append("x" + threeDigits(rest % 1_000))
            rest /= 1_000
        }
        let path = folder + "/" + groups.reversed().joined(separator: "/")
        return width == widthMaximum ? path : path + ".p/\(width)"
    }

    private static func threeDigits(_ number: UInt64) -> String {
        (number < 10 ? "00" : number < 100 ? "0" : "") + "\(number)"
    }
}

/// Reads the hashes of complete subtrees out of tiles.
public enum TileTree {
    /// The hash of a complete subtree, from the tile that holds it or that holds what it is made of.
    ///
    /// - Parameter hashes: the hashes of the tile with a level and an index, a partial one being enough.
    ///   Too few hashes give ``ProofsError/badTile``.
    public static func node(
        _ address: NodeAddress, hashes: (_ level: Int, _ index: UInt64) throws -> [Hash]
    ) throws -> Hash {
        // A subtree at a multiple of eight is itself an entry; others are folded from the level below.
        let level = min(address.level / Tile.height, 7)
        let rise = address.level - level * Tile.height
        let first = address.index << UInt64(rise)
        let tile = try hashes(level, first / 256)
        let start = Int(first % 256)
        let end = start + (1 << rise)
        guard end <= tile.count else { throw ProofsError.badTile }
        return MerkleTree.root(leafHashes: Array(tile[start..<end]))
    }
}
