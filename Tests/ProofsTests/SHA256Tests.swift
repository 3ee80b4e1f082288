import Bytes
import CSHA256
import Crypto
import Proofs
import TestSupport
import Testing

/// Both ways to hash, the processor's instructions and plain C. One at a time: the choice is for all threads.
@Suite(.serialized) struct SHA256Tests {
    enum Way: CaseIterable { case portable, best }

    private func hashing<Value>(_ way: Way, _ body: () throws -> Value) rethrows -> Value {
        csha256_prefer_portable(way == .portable)
        defer { csha256_prefer_portable(false) }
        return try body()
    }

    @Test(arguments: Way.allCases) func `every length up to 1,000 hashes as swift-crypto does`(
        way: Way
    ) {
        var random = SeededRandom(seed: 256)
        let bytes = random.bytes(count: 1_000)
        hashing(way) {
            for size in 0...bytes.count {
                let part = Array(bytes[..<size])
                #expect(Hash.sha256(part).bytes == Array(SHA256.hash(data: part)), "\(size) bytes")
            }
        }
    }

    // FIPS 180-4 and the examples that NIST publishes with it.
    @Test(arguments: Way.allCases) func `the published examples come out`(way: Way) {
        let examples: [(text: [UInt8], hash: String)] = [
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                Array("abc".utf8),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
        hashing(way) {
            for example in examples { #expect(Hash.sha256(example.text).hex == example.hash) }
        }
    }

    @Test(arguments: Way.allCases) func `keyed hashes are those of RFC 4231 and of swift-crypto`(
        way: Way
    ) {
        // RFC 4231, test case 2: a key shorter than the hash.
        #expect(
            code(way, key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
                == Hex.decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
        var random = SeededRandom(seed: 4_231)
        for size in 0...200 {
            let key = random.bytes(count: size % 65)
            let message = random.bytes(count: size)
            let expected = HMAC<SHA256>.authenticationCode(
                for: message, using: SymmetricKey(data: key))
            #expect(code(way, key: key, message) == Array(expected))
        }
    }

    private func code(_ way: Way, key bytes: [UInt8], _ message: [UInt8]) -> [UInt8] {
        hashing(way) {
            var key = csha256_key()
            var code = [UInt8](repeating: 0, count: 32)
            unsafe csha256_key_init(&key, bytes, bytes.count)
            unsafe csha256_code(&key, message, message.count, &code)
            return code
        }
    }

    @Test(arguments: Way.allCases) func `hashes in bulk are those of single messages`(
        way: Way
    ) throws {
        try forAll(runs: 200) { random in
            (0..<random.int(in: 0...9)).map { _ in random.bytes(count: random.size(upTo: 900)) }
        } check: { messages in
            let all = messages.flatMap { $0 }
            var places: [csha256_message] = []
            for message in messages {
                let start = places.last.map { $0.start + $0.size } ?? 0
                places.append(csha256_message(start: start, size: message.count))
            }
            var digests = [UInt8](repeating: 0, count: 32 * messages.count)
            hashing(way) { unsafe csha256_each(all, places, places.count, &digests) }
            #expect(digests == messages.flatMap { Array(SHA256.hash(data: $0)) })
        }
    }

    @Test(arguments: Way.allCases) func `codes in bulk are those of single numbers`(way: Way) {
        let bytes = Array("a key of a batch".utf8)
        for count in 0...9 {
            let codes = hashing(way) {
                var key = csha256_key()
                var codes = [UInt8](repeating: 0, count: 32 * count)
                unsafe csha256_key_init(&key, bytes, bytes.count)
                unsafe csha256_codes(&key, 0xFFFF_FFFB, count, &codes)
                return codes
            }
            let expected = (0..<UInt32(count)).flatMap { index in
                let number = 0xFFFF_FFFB &+ index
                let message = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
                return Array(
                    HMAC<SHA256>.authenticationCode(
                        for: message, using: SymmetricKey(data: bytes)))
            }
            #expect(codes == expected)
        }
    }

    @Test(arguments: Way.allCases) func `nodes in bulk are those of single pairs`(way: Way) {
        var random = SeededRandom(seed: 6_962)
        for count in 0...9 {
            let hashes = random.bytes(count: 64 * count)
            var nodes = hashes
            hashing(way) { unsafe csha256_nodes(&nodes, count) }
            let expected = (0..<count).flatMap { pair in
                Array(SHA256.hash(data: [1] + hashes[64 * pair..<64 * pair + 64]))
            }
            #expect(Array(nodes[..<(32 * count)]) == expected)
        }
    }

    @Test func `both ways are there on this kind of processor`() {
        csha256_prefer_portable(true)
        #expect(!csha256_is_accelerated())
        csha256_prefer_portable(false)
        // Where it has no such instructions, the tests above ran plain C twice.
        if !csha256_is_accelerated() { print("this processor has no SHA instructions") }
    }
}
