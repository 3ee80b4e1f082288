import TestSupport
import Testing

@testable import EvidenceFile

/// Sealing and opening with our own code on both sides.
@Suite struct AgeFileTests {
    private static let chunk = 64 << 10

    private var random = SeededRandom(seed: 20)
    private let identity: AgeIdentity
    private let recipient: AgeRecipient

    init() throws {
        identity = .x25519(random.bytes(count: 32))
        recipient = try #require(identity.recipient)
    }

    private mutating func sealed(_ content: [UInt8]) throws -> [UInt8] {
        try AgeSealer.seal(content, for: [recipient]) { random.bytes(count: $0) }
    }

    /// Where the payload begins: behind the header and the nonce.
    private func payloadStart(_ file: [UInt8]) throws -> Int {
        let end = try #require(
            file.indices.first { file[$0...].starts(with: Array("\n---".utf8)) })
        return try #require(file[(end + 1)...].firstIndex(of: 0x0A)) + 1 + 16
    }

    /// What an opener gives out before it throws, and what it throws.
    private func attempt(_ file: [UInt8], piece: Int = 10_000) -> (
        released: [UInt8], fault: AgeError?
    ) {
        var opener = AgeOpener(with: [identity])
        var released: [UInt8] = []
        do {
            for start in stride(from: 0, to: file.count, by: piece) {
                released += try opener.open(file[start..<min(file.count, start + piece)])
            }
            released += try opener.finish()
            return (released, nil)
        } catch {
            return (released, error)
        }
    }

    @Test(.tags(.example), arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
    mutating func `what was sealed opens again, whatever the size`(size: Int) throws {
        let content = random.bytes(count: size)
        let file = try sealed(content)
        #expect(try AgeOpener.open(file, with: [identity]) == content)
    }

    @Test(.tags(.property)) mutating func `pieces of any size give the same file and content`()
        throws
    {
        let content = random.bytes(count: 140_000)
        for piece in [1, 7, 64, 65_535, 65_536, 65_537, 140_000] {
            var own = SeededRandom(seed: 3)
            let whole = try AgeSealer.seal(content, for: [recipient]) { own.bytes(count: $0) }
            var again = SeededRandom(seed: 3)
            var sealer = try AgeSealer(for: [recipient]) { again.bytes(count: $0) }
            var file: [UInt8] = []
            for start in stride(from: 0, to: content.count, by: max(piece, 64)) {
                file += sealer.seal(content[start..<min(content.count, start + max(piece, 64))])
            }
            file += sealer.finish()
            #expect(file == whole)
            #expect(attempt(Array(file.prefix(2_000)), piece: piece).released.isEmpty)
            let outcome = attempt(file, piece: max(piece, 64))
            #expect(outcome.released == content && outcome.fault == nil)
        }
    }

    @Test(.tags(.example)) mutating func `each of several recipients opens it, nobody else`()
        throws
    {
        let other = AgeIdentity.x25519(random.bytes(count: 32))
        let stranger = AgeIdentity.x25519(random.bytes(count: 32))
        let both = [recipient, try #require(other.recipient)]
        let file = try AgeSealer.seal([1, 2, 3], for: both) { random.bytes(count: $0) }
        for identity in [identity, other] {
            #expect(try AgeOpener.open(file, with: [stranger, identity]) == [1, 2, 3])
        }
        #expect(throws: AgeError.noIdentityMatches) {
            try AgeOpener.open(file, with: [stranger])
        }
        #expect(throws: AgeError.noIdentityMatches) {
            try AgeOpener.open(file, with: [.passphrase("abc")])
        }
    }

    @Test(.tags(.example)) mutating func `a passphrase opens it, another does not`() throws {
        let file = try AgeSealer.seal([7], for: [.passphrase("correct horse")]) {
            random.bytes(count: $0)
        }
        #expect(try AgeOpener.open(file, with: [.passphrase("correct horse")]) == [7])
        #expect(throws: AgeError.noIdentityMatches) {
            try AgeOpener.open(file, with: [.passphrase("correct horsf")])
        }
    }

    @Test(.tags(.example)) func `a passphrase stands alone and takes work`() {
        for (recipients, fault) in [
            ([], AgeError.noRecipient),
            ([recipient, .passphrase("a")], .passphraseNotAlone),
            ([.passphrase("a"), .passphrase("b")], .passphraseNotAlone),
            ([.passphrase("")], .weakPassphrase),
            ([.passphrase("a", workFactor: 17)], .weakPassphrase),
            ([.passphrase("a", workFactor: 23)], .weakPassphrase),
            ([.x25519([UInt8](repeating: 0, count: 32))], .badRecipient),
        ] {
            #expect(throws: fault) {
                _ = try AgeSealer(for: recipients) { [UInt8](repeating: 9, count: $0) }
            }
        }
    }

    @Test(.tags(.property)) mutating func `one flipped bit in any byte is refused`() throws {
        let file = try sealed(random.bytes(count: 100))
        for index in file.indices {
            for bit in [0, 7] {
                var damaged = file
                damaged[index] ^= 1 << bit
                let outcome = attempt(damaged)
                #expect(outcome.fault != nil && outcome.released.isEmpty, "byte \(index)")
            }
        }
    }

    @Test(.tags(.property)) mutating func `a file cut anywhere is refused`() throws {
        let file = try sealed(random.bytes(count: 100))
        for size in 0..<file.count {
            let outcome = attempt(Array(file.prefix(size)))
            #expect(outcome.fault != nil && outcome.released.isEmpty, "size \(size)")
        }
        let content = random.bytes(count: 200_000)
        let long = try sealed(content)
        let start = try payloadStart(long)
        for chunks in 0...2 {
            let cut = Array(long.prefix(start + chunks * (AgeFileTests.chunk + 16)))
            let outcome = attempt(cut)
            #expect(outcome.fault == .truncated(offset: chunks * AgeFileTests.chunk))
            let whole = max(0, chunks - 1) * AgeFileTests.chunk
            #expect(outcome.released == Array(content.prefix(whole)))
        }
    }

    @Test(.tags(.property)) mutating func `only whole chunks before the damage are released`()
        throws
    {
        let content = random.bytes(count: 200_000)
        let file = try sealed(content)
        let start = try payloadStart(file)
        for _ in 0..<40 {
            let index = random.int(in: start...file.count - 1)
            var damaged = file
            damaged[index] ^= UInt8(1 << random.int(in: 0...7))
            let whole = (index - start) / (AgeFileTests.chunk + 16) * AgeFileTests.chunk
            let outcome = attempt(damaged, piece: random.int(in: 1_000...90_000))
            #expect(outcome.fault == .damagedPayload(offset: whole))
            #expect(outcome.released == Array(content.prefix(whole)))
        }
    }

    @Test(.tags(.example)) mutating func `chunks moved, left out, doubled or added are refused`()
        throws
    {
        let content = random.bytes(count: 3 * AgeFileTests.chunk)
        let file = try sealed(content)
        let start = try payloadStart(file)
        let sealedSize = AgeFileTests.chunk + 16
        let chunks = (0..<3).map { index in
            Array(file[start + index * sealedSize..<start + (index + 1) * sealedSize])
        }
        let head = Array(file.prefix(start))
        for order in [
            [1, 0, 2], [0, 2], [1, 2], [2], [0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2],
        ] {
            let outcome = attempt(order.reduce(head) { $0 + chunks[$1] })
            #expect(outcome.fault != nil, "\(order)")
            #expect(content.starts(with: outcome.released))
        }
        #expect(attempt(file + [0]).fault == .trailingBytes(offset: content.count))
        let small = try sealed([1, 2, 3])
        #expect(attempt(small + [0]).fault == .damagedPayload(offset: 0))
    }

    @Test(.tags(.example)) mutating func `an opener holds no more than a chunk`() throws {
        var sealer = try AgeSealer(for: [recipient]) { random.bytes(count: $0) }
        var opener = AgeOpener(with: [identity])
        let piece = [UInt8](repeating: 1, count: 50_000)
        var (taken, given) = (0, 0)
        for _ in 0..<40 {
            taken += piece.count
            given += try opener.open(sealer.seal(piece)).count
            #expect(taken - given <= 2 * AgeFileTests.chunk + piece.count)
        }
        given += try opener.open(sealer.finish()).count + opener.finish().count
        #expect(taken == given)
    }

    @Test(.tags(.example)) mutating func `no error says what was sealed or with what`() throws {
        let secret = try #require(identity.text)
        let faults: [AgeError] = [
            .badRecipient, .badIdentity, .damagedHeader, .noIdentityMatches,
            .damagedPayload(offset: 3), .truncated(offset: 0), .badArmour(line: 2),
        ]
        for fault in faults {
            #expect(!fault.message.contains(secret) && !fault.message.hasSuffix("."))
        }
    }
}
