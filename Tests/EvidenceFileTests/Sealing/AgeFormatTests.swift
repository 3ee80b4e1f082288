import Crypto
import TestSupport
import Testing

@testable import EvidenceFile

/// A file put together by hand, so that each rule of the format can be broken alone.
///
/// The same families of faults as in the public vectors of the format (C2SP CCTV), made here.
private struct HandMade {
    var version = "age-encryption.org/v1"
    var stanzas: [String]
    /// What the line of the MAC says; the right one when nil.
    var macLine: String?
    var isMACRight = true
    var payload: [UInt8]
    private let fileKey: [UInt8]

    static let identity = AgeIdentity.x25519([UInt8](repeating: 0x42, count: 32))
    static let content = Array("a message".utf8)

    init(fileKeySize: Int = 16, _ recipients: [AgeRecipient]? = nil) throws {
        var random = SeededRandom(seed: 8)
        fileKey = random.bytes(count: fileKeySize)
        let own = try #require(HandMade.identity.recipient)
        stanzas = []
        for recipient in recipients ?? [own] {
            stanzas.append(
                try recipient.wrap(fileKey) { random.bytes(count: $0) }.text)
        }
        let nonce = random.bytes(count: 16)
        let key = AgeHeader.payloadKey(fileKey, nonce: nonce)
        payload =
            nonce
            + AgeBox.seal(
                HandMade.content, key, nonce: [UInt8](repeating: 0, count: 11) + [1])
    }

    var bytes: [UInt8] {
        let covered = Array((version + "\n" + stanzas.joined() + "---").utf8)
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: fileKey), info: Array("header".utf8),
            outputByteCount: 32)
        var mac = [UInt8](HMAC<SHA256>.authenticationCode(for: covered, using: key))
        if !isMACRight { mac[0] ^= 1 }
        let line = macLine ?? " " + UnpaddedBase64.encode(mac)
        return covered + Array((line + "\n").utf8) + payload
    }

    var mac: String {
        let text = String(decoding: bytes.dropLast(payload.count + 1), as: UTF8.self)
        return String(text.suffix(43))
    }
}

/// The grammar of header and payload, fault by fault.
@Suite(.tags(.example)) struct AgeFormatTests {
    private func fault(of file: HandMade, _ identities: [AgeIdentity] = [HandMade.identity])
        -> AgeError?
    {
        do {
            #expect(try AgeOpener.open(file.bytes, with: identities) == HandMade.content)
            return nil
        } catch {
            return error
        }
    }

    private static func share(of stanza: String) -> String {
        String(stanza.split(separator: "\n")[0].dropFirst("-> X25519 ".count))
    }

    private static func body(of stanza: String) -> String {
        String(stanza.split(separator: "\n")[1])
    }

    @Test func `a file made by hand opens, also beside stanzas nobody knows`() throws {
        #expect(fault(of: try HandMade()) == nil)
        for unknown in [
            "-> grease\n\n", "-> a b c ~!\nAQ\n",
            "-> long\n" + String(repeating: "A", count: 64) + "\n\n",
            "-> long\n" + String(repeating: "A", count: 64) + "\nAA\n",
            // In these names only the exact one counts.
            "-> x25519 abc\nAQ\n", "-> X25519-x abc\nAQ\n",
        ] {
            var file = try HandMade()
            file.stanzas.insert(unknown, at: 0)
            #expect(fault(of: file) == nil, "\(unknown)")
            file.stanzas = [file.stanzas[1], unknown]
            #expect(fault(of: file) == nil, "\(unknown)")
        }
    }

    @Test func `a broken header is refused`() throws {
        let good = try HandMade().stanzas[0]
        let (share, body) = (AgeFormatTests.share(of: good), AgeFormatTests.body(of: good))
        let stanzas = [
            "no stanza": "",
            "no space": "->X25519 \(share)\n\(body)\n",
            "two spaces": "->  X25519 \(share)\n\(body)\n",
            "space at the end": "-> X25519 \(share) \n\(body)\n",
            "no type": "->\n\(body)\n",
            "carriage return": "-> X25519 \(share)\r\n\(body)\r\n",
            "not ASCII": "-> X25519 \(share) é\n\(body)\n",
            "other arrow": ">- X25519 \(share)\n\(body)\n",
            "padding": "-> X25519 \(share)\n\(body)=\n",
            "stray bits in the body": "-> X25519 \(share)\n\(body.dropLast())/\n",
            "stray bits in the share": "-> X25519 \(share.dropLast())/\n\(body)\n",
            "padded share": "-> X25519 \(share)=\n\(body)\n",
            "share too short": "-> X25519 \(share.dropLast(3))\n\(body)\n",
            "share too long": "-> X25519 \(share)AAAA\n\(body)\n",
            "no share": "-> X25519\n\(body)\n",
            "one argument more": "-> X25519 \(share) 1\n\(body)\n",
            "no body": "-> X25519 \(share)\n",
            "empty body": "-> X25519 \(share)\n\n",
            "body too long": "-> X25519 \(share)\n\(body)AA\n",
            "body in two lines": "-> X25519 \(share)\n\(body.prefix(20))\n\(body.dropFirst(20))\n",
            "body with a space": "-> X25519 \(share)\n \(body)\n",
            "body with an empty line after": "-> X25519 \(share)\n\(body)\n\n",
            "low order": "-> X25519 \(String(repeating: "A", count: 43))\n\(body)\n",
            "64 columns without a last line":
                "-> a\n\(String(repeating: "A", count: 64))\n-> X25519 \(share)\n\(body)\n",
            "65 columns": "-> a\n\(String(repeating: "A", count: 65))\n\n\(good)",
        ]
        for (name, stanza) in stanzas {
            var file = try HandMade()
            file.stanzas = [stanza]
            #expect(fault(of: file) == .damagedHeader, "\(name)")
        }
    }

    @Test func `a wrong version, MAC or file key is refused`() throws {
        for version in [
            "age-encryption.org/v2", "age-encryption.org/v1 ", " age-encryption.org/v1", "",
            "age-encryption.org/v1\r", "AGE-ENCRYPTION.ORG/V1",
        ] {
            var file = try HandMade()
            file.version = version
            #expect(fault(of: file) == .notAgeFile, "\(version)")
        }
        let mac = try HandMade().mac
        for line in [
            "", " ", "\(mac)", "  \(mac)", " \(mac) ", " \(mac)=", " \(mac.dropLast())",
            " \(mac)AA", " \(mac)\r", " \(mac) x",
        ] {
            var file = try HandMade()
            file.macLine = line
            #expect(fault(of: file) == .damagedHeader, "\(line)")
        }
        var file = try HandMade()
        file.isMACRight = false
        #expect(fault(of: file) == .damagedHeader)
        file = try HandMade()
        file.stanzas.append("-> added later\n\n")
        file.macLine = " " + mac
        #expect(fault(of: file) == .damagedHeader)
        #expect(fault(of: try HandMade(fileKeySize: 15)) == .damagedHeader)
        #expect(fault(of: try HandMade(fileKeySize: 17)) == .damagedHeader)
    }

    @Test func `a passphrase's stanza is read to the letter`() throws {
        let key = [UInt8](repeating: 5, count: 16)
        var random = SeededRandom(seed: 8)
        let fileKey = random.bytes(count: 16)
        let salt = UnpaddedBase64.encode(key)
        let derived = ScryptWrap.key("abc", key, 2)
        let body = UnpaddedBase64.encode(
            AgeBox.seal(fileKey, derived, nonce: AgeBox.zeroNonce))
        let identities = [AgeIdentity.passphrase("abc")]
        func verdict(_ stanzas: String...) throws -> AgeError? {
            var file = try HandMade()
            file.stanzas = stanzas
            return fault(of: file, identities)
        }
        let good = "-> scrypt \(salt) 2\n\(body)\n"
        #expect(try verdict(good) == nil)
        for arguments in [
            "\(salt) 02", "\(salt) +2", "\(salt) 2 ", "\(salt) 0x2", "\(salt) 0", "\(salt) -2",
            "\(salt) 99999999999999999999", "\(salt)", "", "\(salt) 2 1", "\(salt)AA 2",
            "\(salt.dropLast(2)) 2", "2 \(salt)", "\(salt) 2a",
        ] {
            #expect(
                try verdict("-> scrypt \(arguments)\n\(body)\n") == .damagedHeader, "\(arguments)")
        }
        #expect(
            try verdict("-> scrypt \(salt) 23\n\(body)\n")
                == .workTooGreat(workFactor: 23, limit: 22))
        #expect(try verdict("-> scrypt \(salt) 3\n\(body)\n") == .noIdentityMatches)
        #expect(try verdict("-> scrypt \(salt) 2\n\(body)AAAA\n") == .damagedHeader)
        #expect(try verdict("-> Scrypt \(salt) 2\n\(body)\n") == .noIdentityMatches)
        // Alone, whatever stands beside it.
        #expect(try verdict(good, good) == .damagedHeader)
        #expect(try verdict(good, "-> grease\n\n") == .damagedHeader)
        #expect(try verdict("-> grease\n\n", good) == .damagedHeader)
    }

    @Test func `a payload without a good last chunk is refused`() throws {
        var file = try HandMade()
        let payload = file.payload
        for size in 0..<16 {
            file.payload = Array(payload.prefix(size))
            #expect(fault(of: file) == .truncated(offset: 0), "nonce of \(size) bytes")
        }
        file.payload = Array(payload.prefix(16))
        #expect(fault(of: file) == .truncated(offset: 0))
        for size in 17..<payload.count {
            file.payload = Array(payload.prefix(size))
            #expect(fault(of: file) == .damagedPayload(offset: 0))
        }
    }

    @Test func `a header without end is given up`() {
        let line = Array("-> grease\n\n".utf8)
        var opener = AgeOpener(with: [HandMade.identity])
        #expect(throws: AgeError.headerTooLarge(limit: AgeLimits.headerSizeMaximum)) {
            _ = try opener.open(Array("age-encryption.org/v1\n".utf8))
            for _ in 0..<AgeLimits.headerSizeMaximum { _ = try opener.open(line) }
        }
        var other = AgeOpener(with: [HandMade.identity])
        #expect(throws: AgeError.notAgeFile) {
            for _ in 0..<100 { _ = try other.open([UInt8](repeating: 0x41, count: 10_000)) }
        }
    }

    @Test func `keys are read and written in bech32, strictly`() throws {
        let text = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
        let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
        #expect(try AgeIdentity(parsing: secret).text == secret)
        #expect(try AgeIdentity(parsing: secret).recipient?.text == text)
        #expect(try AgeRecipient(parsing: text).text == text)
        #expect(try AgeRecipient(parsing: text) == AgeIdentity(parsing: secret).recipient)
        for wrong in [
            "", "age1", text.uppercased(), String(text.dropLast()), text + "q",
            "age2" + text.dropFirst(4), text.replacing("z", with: "b"), "Age1" + text.dropFirst(4),
            "ago1" + text.dropFirst(4), " " + text, text + " ",
        ] {
            #expect(throws: AgeError.badRecipient, "\(wrong)") {
                try AgeRecipient(parsing: wrong)
            }
        }
        for wrong in [secret.lowercased(), String(secret.dropLast()), text, secret + "Q"] {
            #expect(throws: AgeError.badIdentity) { try AgeIdentity(parsing: wrong) }
        }
        let file = Array("# created: x\n# public key: \(text)\n\n\(secret)\n".utf8)
        #expect(try AgeIdentity.parsing(file: file).map(\.text) == [secret])
        #expect(throws: AgeError.badIdentity) {
            try AgeIdentity.parsing(file: Array("# x\n".utf8))
        }
        #expect(throws: AgeError.badIdentity) {
            try AgeIdentity.parsing(file: Array("\(secret)\nnonsense\n".utf8))
        }
    }

    @Test func `armour goes there and back, and nothing else is taken for it`() throws {
        for size in [1, 47, 48, 49, 96, 200] {
            let bytes = [UInt8](repeating: 0x5A, count: size)
            let text = AgeArmour.encode(bytes)
            #expect(try AgeArmour.decode(text) == bytes)
            let crlf = text.replacing("\n", with: "\r\n")
            #expect(try AgeArmour.decode("\n \t\n" + crlf + "\n\n") == bytes)
            #expect(try AgeArmour.decode(String(text.dropLast())) == bytes)
        }
        let good = AgeArmour.encode([UInt8](repeating: 1, count: 100))
        let lines = good.split(separator: "\n").map(String.init)
        let (first, rest) = (lines[0], Array(lines.dropFirst(2)))
        let (upTo, last) = (Array(lines.dropLast()), lines[lines.count - 1])
        var wrongs: [String] = [
            "", first, "x\n" + good, good + "x", good.replacing("BEGIN", with: "begin"),
            good.replacing("AGE ENC", with: "PGP ENC"), good.replacing("=", with: ""),
            good.replacing("==", with: "=\n="), good.replacing("\n", with: "\r"),
            good.replacing("AQ==", with: "AR=="),
        ]
        let broken: [[String]] = [
            [first, "Version: 1", ""] + lines.dropFirst(), [first, ""] + lines.dropFirst(),
            upTo + ["", last], upTo + ["=njUN", last], [first, " " + lines[1]] + rest,
            [first, lines[1] + " "] + rest, [first, lines[1] + lines[2]] + lines.dropFirst(3),
            [first, String(lines[1].dropLast(4))] + rest, upTo, [first, last],
        ]
        wrongs += broken.map { $0.joined(separator: "\n") }
        for wrong in wrongs {
            #expect(throws: AgeError.self, "\(wrong)") { try AgeArmour.decode(wrong) }
        }
    }
}
