import Bytes
import Durable
import Events
import Proofs

/// The Merkle log of the store: all leaf hashes in memory, tiles and checkpoints on disk.
///
/// The journal is what makes a leaf durable; tiles are written when a checkpoint is made and are
/// made again from the journal after a crash. Hashes cost 64 bytes a leaf in memory: 13 MB for a
/// school year of 200,000 batches. One owner: the ledger's queue.
struct ProofLog {
    private let layout: StoreLayout
    private let fileSystem: any FileSystem
    private var frontier = MerkleFrontier()
    private var levels: [[Hash]] = [[]]
    /// Leaf data of the entries tile that is still open, from leaf ``openEntriesStart``.
    private var openEntries: [[UInt8]] = []
    private var openEntriesStart: UInt64 = 0
    /// The size that the tiles on disk have.
    private(set) var flushedSize: UInt64 = 0

    init(_ layout: StoreLayout, _ fileSystem: any FileSystem) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    var size: UInt64 { frontier.size }
    var root: Hash { frontier.root }

    mutating func append(_ leaf: [UInt8]) {
        frontier.append(MerkleTree.leafHash(of: leaf)) { address, hash in
            if levels.count <= address.level { levels.append([]) }
            levels[address.level].append(hash)
        }
        openEntries.append(leaf)
    }

    func leafHash(_ index: UInt64) -> Hash { levels[0][Int(index)] }

    func root(size: UInt64) -> Hash { TreeProof.root(size: size) { node($0) } }

    func inclusionProof(leaf: UInt64, size: UInt64) -> [Hash] {
        TreeProof.inclusion(index: leaf, size: size) { node($0) }
    }

    func consistencyProof(old: UInt64, new: UInt64) -> [Hash] {
        TreeProof.consistency(old: old, new: new) { node($0) }
    }

    /// The hashes that a tile holds.
    func hashes(of tile: Tile) -> [Hash] {
        let first = Int(tile.index) * Tile.widthMaximum
        return Array(levels[tile.level * Tile.height][first..<first + tile.width])
    }

    /// The entries tile at an index as far as the log goes; nil when its leaf data are in its file only.
    func entriesInMemory(tile index: UInt64) -> [UInt8]? {
        let start = index * 256
        guard start >= openEntriesStart, start < size else { return nil }
        return Tile.encode(
            entries: Array(openEntries.dropFirst(Int(start - openEntriesStart)).prefix(256)))
    }

    private func node(_ address: NodeAddress) -> Hash { levels[address.level][Int(address.index)] }

    // MARK: Disk

    /// Writes the leaf data and tiles that the last flush did not have (`evidence.md` 3.2).
    mutating func flush() throws(DurableError) {
        guard size > flushedSize else { return }
        try flushEntries()
        for level in 0..<8 where levels.count > level * Tile.height {
            try flushTiles(level: level)
        }
        flushedSize = size
    }

    private mutating func flushEntries() throws(DurableError) {
        while !openEntries.isEmpty {
            let index = openEntriesStart / 256
            let width = min(256, openEntries.count)
            try write(
                Tile.entriesPath(index: index, width: width), full: Tile.entriesPath(index: index),
                Tile.encode(entries: Array(openEntries.prefix(width))))
            guard width == 256 else { break }
            openEntries.removeFirst(256)
            openEntriesStart += 256
        }
    }

    private func flushTiles(level: Int) throws(DurableError) {
        let hashes = levels[level * Tile.height]
        let flushed = Int(flushedSize >> UInt64(8 * level))
        var first = flushed / 256 * 256
        while first < hashes.count {
            let width = min(256, hashes.count - first)
            let index = UInt64(first / 256)
            if first + width > flushed {
                try write(
                    Tile(level: level, index: index, width: width).path,
                    full: Tile(level: level, index: index).path,
                    Tile.encode(Array(hashes[first..<first + width])))
            }
            first += 256
        }
    }

    /// Writes a tile and removes the smaller ones that it takes the place of.
    private func write(_ path: String, full: String, _ bytes: [UInt8]) throws(DurableError) {
        let target = layout.logFile(path)
        try fileSystem.makeDirectory(parentDirectory(of: target))
        try fileSystem.replace(target, with: bytes)
        try removePartials(of: full, except: path)
    }

    /// Reads leaf data of a leaf that lies in an entries tile or is still open.
    func leafData(_ index: UInt64) throws(StorageError) -> [UInt8] {
        if index >= openEntriesStart { return openEntries[Int(index - openEntriesStart)] }
        let path = layout.logFile(Tile.entriesPath(index: index / 256))
        let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
        do {
            let entries = try Tile.decode(entries: bytes)
            guard entries.count == 256 else { throw ProofsError.badTile }
            return entries[Int(index % 256)]
        } catch {
            throw .corrupt(file: path, offset: 0, why: "not an entries tile")
        }
    }

    /// Reads the log back from its entries tiles.
    ///
    /// What a checkpoint was signed over is on disk whole. Tiles beyond it may be half there after a
    /// crash, so the next flush writes them again from what the entries say.
    mutating func load(checkpointSize: UInt64) throws(StorageError) {
        var index: UInt64 = 0
        while let path = try entriesPath(index) {
            let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
            // What is wrong with it does not matter: the file is damaged.
            guard let entries = try? Tile.decode(entries: bytes) else {
                throw .corrupt(file: path, offset: 0, why: "not an entries tile")
            }
            for entry in entries { append(entry) }
            guard entries.count == Tile.widthMaximum else { break }
            index += 1
            if index * 256 <= checkpointSize {
                openEntries.removeAll(keepingCapacity: true)
                openEntriesStart = index * 256
            }
        }
        flushedSize = min(size, checkpointSize)
        if flushedSize == size {
            try files { () throws(DurableError) in try removeStalePartials() }
        }
    }

    private func entriesPath(_ index: UInt64) throws(StorageError) -> String? {
        let full = layout.logFile(Tile.entriesPath(index: index))
        if fileSystem.exists(full) { return full }
        let partials = full + ".p"
        guard fileSystem.exists(partials), let widest = try widestPartial(partials) else {
            return nil
        }
        return "\(partials)/\(widest)"
    }

    /// Removes smaller tiles whose removal a power cut took back.
    private func removeStalePartials() throws(DurableError) {
        for tile in Tile.tiles(size: size) {
            let full = Tile(level: tile.level, index: tile.index).path
            try removePartials(of: full, except: tile.path)
        }
        for index in 0..<(size + 255) / 256 {
            let width = Int(min(256, size - index * 256))
            try removePartials(
                of: Tile.entriesPath(index: index),
                except: Tile.entriesPath(index: index, width: width))
        }
    }

    private func removePartials(of full: String, except kept: String) throws(DurableError) {
        let partials = layout.logFile(full) + ".p"
        guard fileSystem.exists(partials) else { return }
        for name in try fileSystem.list(partials)
        where partials + "/" + name != layout.logFile(kept) {
            try fileSystem.remove(partials + "/" + name)
        }
        if kept == full { try fileSystem.removeDirectory(partials) }
    }

    private func widestPartial(_ directory: String) throws(StorageError) -> Int? {
        let names = try files { () throws(DurableError) in try fileSystem.list(directory) }
        return names.compactMap { Int($0) }.max()
    }
}
