import Proofs
import TestSupport
import Testing

private let hashes = (0..<5).map { Hash.sha256([$0]) }

@Suite struct LeafDataTests {
    @Test func `leaf data have the two forms of the specification`() throws {
        let batch = LeafData(
            kind: .batch, reference: hashes[0], time: "2026-11-24T09:00:01.250Z")
        #expect(
            String(decoding: batch.bytes, as: UTF8.self)
                == "sg.leaf/v1 batch\nstatement \(hashes[0].base64)\nreceived 2026-11-24T09:00:01.250Z\n"
        )
        let audit = LeafData(kind: .audit, reference: hashes[1], time: "2026-11-24T09:00:01.250Z")
        #expect(
            String(decoding: audit.bytes, as: UTF8.self)
                == "sg.leaf/v1 audit\nref \(hashes[1].base64)\nat 2026-11-24T09:00:01.250Z\n")
        for kind in LeafKind.allCases {
            let leaf = LeafData(kind: kind, reference: hashes[2], time: "1999-01-01T00:00:00.000Z")
            #expect(try LeafData(parsing: leaf.bytes) == leaf)
        }
        #expect(batch.leafHash == MerkleTree.leafHash(of: batch.bytes))
    }

    @Test(arguments: [
        ("", 1), ("sg.leaf/v1\n", 1), ("sg.leaf/v1 other\n", 1), ("sg.leaf/v2 batch\n", 1),
        ("sg.leaf/v1 batch\n", 2), ("sg.leaf/v1 batch\nref HASH\n", 2),
        ("sg.leaf/v1 audit\nstatement HASH\n", 2), ("sg.leaf/v1 batch\nstatement AAAA\n", 2),
        ("sg.leaf/v1 batch\nstatement HASH\n", 3),
        ("sg.leaf/v1 batch\nstatement HASH\nat TIME\n", 3),
        ("sg.leaf/v1 batch\nstatement HASH\nreceived 2026-11-24T09:00:01Z\n", 3),
        ("sg.leaf/v1 batch\nstatement HASH\nreceived TIME\nmore\n", 4),
        ("sg.leaf/v1 batch\nstatement HASH\nreceived TIME", 1),
    ])
    func `malformed leaf data are refused at their line`(text: String, line: Int) {
        let text = text.replacing("HASH", with: hashes[0].base64)
            .replacing("TIME", with: "2026-11-24T09:00:01.250Z")
        #expect(throws: ProofsError.badLeaf(line: line)) {
            try LeafData(parsing: Array(text.utf8))
        }
    }

    @Test func `leaf data beyond the limit are refused`() {
        #expect(throws: ProofsError.tooLarge(count: 4_097, limit: 4_096)) {
            try LeafData(parsing: [UInt8](repeating: 0x61, count: 4_097))
        }
    }

    @Test func `a record is referred to by a salted hash`() {
        let record = Array("viewed".utf8)
        let salt = [UInt8](repeating: 1, count: 16)
        let other = [UInt8](repeating: 2, count: 16)
        #expect(
            LeafData.reference(salt: salt, record: record)
                != LeafData.reference(salt: other, record: record))
    }

    @Test func `a leaf with a time of another form stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = LeafData(kind: .batch, reference: .zero, time: "yesterday")
        }
    }
}

@Suite struct ProofFilesTests {
    @Test func `an inclusion proof file reads back`() throws {
        let checkpoint = Array("log\n3\n\(hashes[0].base64)\n\n\u{2014} log AAAAAAA=\n".utf8)
        for path in [[], hashes] {
            let proof = TlogProof(index: 701, path: path, checkpoint: checkpoint)
            #expect(try TlogProof(parsing: proof.bytes) == proof)
            #expect(
                String(decoding: proof.bytes, as: UTF8.self)
                    .hasPrefix("c2sp.org/tlog-proof@v1\nindex 701\n"))
        }
    }

    @Test func `extra data of a proof file are passed over`() throws {
        let text = "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\(hashes[0].base64)\n\nlog\n"
        let proof = try TlogProof(parsing: Array(text.utf8))
        #expect(proof == TlogProof(index: 0, path: [hashes[0]], checkpoint: Array("log\n".utf8)))
    }

    @Test(arguments: [
        ("", 1), ("c2sp.org/tlog-proof@v2\n", 1), ("c2sp.org/tlog-proof@v1\n", 2),
        ("c2sp.org/tlog-proof@v1\nindex 01\n\nlog\n", 2),
        ("c2sp.org/tlog-proof@v1\nextra AAAA\nindexes 1\n\nlog\n", 3),
        ("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nlog\n", 3),
        ("c2sp.org/tlog-proof@v1\nindex 1", 3),
    ])
    func `a malformed inclusion proof file is refused at its line`(text: String, line: Int) {
        #expect(throws: ProofsError.badProof(line: line)) {
            try TlogProof(parsing: Array(text.utf8))
        }
    }

    @Test func `a consistency proof file reads back`() throws {
        for path in [[], hashes] {
            let proof = ConsistencyProof(old: 704, new: 1_000, path: path)
            #expect(try ConsistencyProof(parsing: proof.bytes) == proof)
        }
    }

    @Test(arguments: [
        ("", 1), ("old 1", 1), ("old x\nnew 2\n", 1), ("old 1\n", 2), ("old 1\nnew 02\n", 2),
        ("old 1\nnew 2\nAAAA\n", 3), ("old 1\nnew 2\n\n", 3),
    ])
    func `a malformed consistency proof file is refused at its line`(text: String, line: Int) {
        #expect(throws: ProofsError.badProof(line: line)) {
            try ConsistencyProof(parsing: Array(text.utf8))
        }
    }
}

@Suite struct TileTests {
    @Test func `tiles have the paths of the C2SP specification`() {
        #expect(Tile(level: 0, index: 0).path == "tile/0/000")
        #expect(Tile(level: 1, index: 1_234_067).path == "tile/1/x001/x234/067")
        #expect(Tile(level: 0, index: 273, width: 112).path == "tile/0/273.p/112")
        #expect(Tile.entriesPath(index: 5) == "tile/entries/005")
        #expect(Tile.entriesPath(index: 1_000, width: 3) == "tile/entries/x001/000.p/3")
    }

    @Test func `a tree of 70,000 leaves has the tiles of the C2SP specification`() {
        let tiles = Tile.tiles(size: 70_000)
        #expect(tiles.count { $0.level == 0 } == 274)
        #expect(tiles.count { $0.level == 1 } == 2)
        #expect(tiles.contains(Tile(level: 0, index: 273, width: 112)))
        #expect(tiles.contains(Tile(level: 1, index: 1, width: 17)))
        #expect(tiles.last == Tile(level: 2, index: 0, width: 1))
        #expect(Tile.tiles(size: 0).isEmpty)
    }

    @Test func `tiles and entries read back, and broken ones are refused`() throws {
        #expect(try Tile.decode(Tile.encode(hashes)) == hashes)
        for size in [0, 31, 33, 257 * 32] {
            #expect(throws: ProofsError.badTile) {
                try Tile.decode([UInt8](repeating: 0, count: size))
            }
        }
        let entries = [[], [1], [UInt8](repeating: 9, count: 300)]
        let bytes = Tile.encode(entries: entries)
        #expect(try Tile.decode(entries: bytes) == entries)
        for size in [1, 3, 4, 6, bytes.count - 1] {
            #expect(throws: ProofsError.badTile) {
                try Tile.decode(entries: Array(bytes[..<size]))
            }
        }
    }

    @Test func `proofs from tiles are the proofs of the whole tree`() throws {
        let leaves = (0..<70_000).map { Hash.sha256([UInt8($0 & 255), UInt8($0 >> 8 & 255), 1]) }
        var tiles: [[[Hash]]] = [[], [], []]
        var frontier = MerkleFrontier()
        for leaf in leaves {
            frontier.append(leaf) { address, hash in
                guard address.level % 8 == 0 else { return }
                let level = address.level / 8
                if address.index % 256 == 0 { tiles[level].append([]) }
                tiles[level][Int(address.index / 256)].append(hash)
            }
        }
        func node(_ address: NodeAddress) throws -> Hash {
            try TileTree.node(address) { tiles[$0][Int($1)] }
        }
        let tree = MerkleTree(leafHashes: leaves)
        for size in [1, 255, 256, 257, 65_536, 65_537, 70_000] as [UInt64] {
            #expect(try TreeProof.root(size: size, node: node) == tree.root(size: size))
            for index in Set([0, size / 2, size - 1]) {
                let path = try TreeProof.inclusion(index: index, size: size, node: node)
                #expect(path == tree.inclusionProof(index: index, size: size))
            }
            let path = try TreeProof.consistency(old: size, new: 70_000, node: node)
            #expect(path == tree.consistencyProof(old: size, new: 70_000))
        }
        #expect(throws: ProofsError.badTile) {
            try TileTree.node(NodeAddress(level: 0, index: 3)) { _, _ in [.zero] }
        }
    }
}
