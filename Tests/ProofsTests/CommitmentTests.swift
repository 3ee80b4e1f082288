import Bytes
import Proofs
import TestSupport
import Testing

@Suite struct CommitmentTests {
    private let seed = Hash.sha256(Array("seed".utf8)).bytes
    private let content = Array(#"{"ch":"m","vk":77}"#.utf8)
    private let commitHex = "7c337b17a006afc6375ba5722e7370a16b6ff1ea6ebce88ada75addd68c25112"

    @Test func `the event of the specification comes out`() {
        let salt = Commitment.salt(batchSeed: seed, index: 1)
        #expect(Hex.encode(salt) == "a6d414b16c3131cda43564b08d0bd85e")
        let commit = Commitment.commit(salt: salt, content: content)
        #expect(commit.hex == commitHex)
        let envelope = Commitment.envelope(
            sequence: 4101, wallMilliseconds: 1_795_512_345_180, monoMilliseconds: 180,
            kind: "key", commit: commit)
        #expect(
            String(decoding: envelope, as: UTF8.self) == "4101 1795512345180 180 key \(commitHex)")
        #expect(
            Commitment.leafHash(envelope: envelope).hex
                == "e090d80056f7f0ac07eaf41258818a586ba9e3f4799424ed11a7bcd5a4d75f45")
    }

    @Test func `a batch seed depends on session seed and number`() {
        let first = Commitment.batchSeed(sessionSeed: seed, batchNumber: 0)
        #expect(first.count == 32)
        #expect(first != Commitment.batchSeed(sessionSeed: seed, batchNumber: 1))
        #expect(first != Commitment.batchSeed(sessionSeed: first, batchNumber: 0))
    }

    @Test func `keyed hashes are HMAC-SHA-256 of RFC 4231`() {
        // Test case 6 has a key longer than a block, so it is hashed first: the same as its hash.
        let long = [UInt8](repeating: 0xAA, count: 131)
        #expect(
            Commitment.batchSeed(sessionSeed: long, batchNumber: 5)
                == Commitment.batchSeed(sessionSeed: Hash.sha256(long).bytes, batchNumber: 5))
        // HMAC-SHA-256 of eight zero bytes under an empty key, from `openssl dgst -mac hmac`.
        #expect(
            Hex.encode(Commitment.batchSeed(sessionSeed: [], batchNumber: 0))
                == "f375180aba92888401f1919be4a8715a62763b65c1c10e1d0858e81d4d6f9fd2")
    }

    @Test func `committing to a whole batch gives what single steps give`() throws {
        try forAll(runs: 60) { random in
            (0..<random.int(in: 1...100)).map { index in
                let size = random.size(upTo: 700)
                return (
                    sequence: UInt64(index) + 7, wall: Int64(random.int(in: -5...2_000_000_000)),
                    mono: Int64(random.int(in: 0...99_999)), content: random.bytes(count: size)
                )
            }
        } check: { events in
            let leaves = events.enumerated().map { index, event in
                let salt = Commitment.salt(batchSeed: seed, index: UInt32(index))
                return Commitment.leafHash(
                    envelope: Commitment.envelope(
                        sequence: event.sequence, wallMilliseconds: event.wall,
                        monoMilliseconds: event.mono, kind: "url",
                        commit: Commitment.commit(salt: salt, content: event.content)))
            }
            let contents = events.flatMap(\.content)
            var ranges: [Range<Int>] = []
            for event in events {
                let start = ranges.last?.upperBound ?? 0
                ranges.append(start..<start + event.content.count)
            }
            let all = BatchCommitments.compute(seed: seed, count: events.count, contents: contents)
            { index in
                BatchCommitments.Parts(
                    sequence: events[index].sequence, wallMilliseconds: events[index].wall,
                    monoMilliseconds: events[index].mono, kind: Array("url".utf8),
                    content: ranges[index])
            }
            #expect(all.leafHashes == leaves)
            #expect(all.root == MerkleTree.root(leafHashes: leaves))

            var again = BatchCommitments()
            for _ in 0..<2 {
                again.begin(seed: seed)
                for event in events {
                    again.append(
                        sequence: event.sequence, wallMilliseconds: event.wall,
                        monoMilliseconds: event.mono, kind: Array("url".utf8),
                        contentIn: event.content, at: event.content.indices)
                }
                #expect(again.root() == all.root)
                #expect(again.leafHashes == leaves)
            }
        }
    }

    @Test func `an envelope reads back as it was written`() throws {
        let envelope = Envelope(
            sequence: .max, wallMilliseconds: .min, monoMilliseconds: -1, kind: "x-other-9",
            commit: .zero)
        #expect(try Envelope(parsing: envelope.bytes) == envelope)
    }

    @Test(arguments: [
        "", "1 2 3 key", "01 2 3 key HEX", "1 -0 3 key HEX", "1 2 3 KEY HEX", "1 2 3  HEX",
        "1 2 3 key HEX ", " 1 2 3 key HEX", "1 2 3 key HEXA", "+1 2 3 key HEX",
        "18446744073709551616 2 3 key HEX", "1 9223372036854775808 3 key HEX",
        "1 2 3 key HEX\n", "1\t2 3 key HEX", "-1 2 3 key HEX", "1 2 3 key UPPER",
    ])
    func `a malformed envelope is refused`(line: String) {
        let line = line.replacing("HEXA", with: String(commitHex.dropLast()))
            .replacing("HEX", with: commitHex)
            .replacing("UPPER", with: commitHex.uppercased())
        #expect(throws: ProofsError.badEnvelope) { try Envelope(parsing: Array(line.utf8)) }
    }

    @Test func `a hash is read from 32 bytes and nothing else`() {
        #expect(Hash(bytes: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(Hash(bytes: [UInt8](repeating: 1, count: 33)) == nil)
        #expect(Hash(hex: "00") == nil)
        #expect(Hash(base64: "AAAA") == nil)
        let hash = Hash.sha256([1, 2, 3])
        #expect(Hash(hex: hash.hex) == hash)
        #expect(Hash(base64: hash.base64) == hash)
        #expect(Hash(bytes: hash.bytes) == hash)
        #expect(Set([hash, hash, .zero]).count == 2)
    }
}
