import Bytes
import Crypto
import CryptoExtras
import Foundation

/// Whom an age file is sealed for.
public enum AgeRecipient: Sendable, Equatable {
    /// The 32 bytes of an X25519 public key, `age1...`.
    case x25519([UInt8])
    /// Whoever knows a passphrase; stretched with 2 to the power of `workFactor` rounds.
    case passphrase(String, workFactor: Int = AgeLimits.workFactorUsual)

    /// Reads `age1...`.
    public init(parsing text: String) throws(AgeError) {
        guard let key = Bech32.decode(text, prefix: AgeRecipient.prefix), key.count == 32 else {
            throw .badRecipient
        }
        self = .x25519(key)
    }

    /// `age1...`; nil for a passphrase.
    public var text: String? {
        guard case .x25519(let key) = self else { return nil }
        return Bech32.encode(prefix: AgeRecipient.prefix, key)
    }

    private static let prefix = "age"

    /// Wraps a file key into a stanza of the header.
    func wrap(_ fileKey: [UInt8], randomBytes: (Int) -> [UInt8]) throws(AgeError) -> AgeStanza {
        switch self {
        case .x25519(let key):
            return try X25519Wrap.wrap(fileKey, for: key, ephemeral: randomBytes(32))
        case .passphrase(let passphrase, let workFactor):
            guard workFactor >= AgeLimits.workFactorMinimum,
                workFactor <= AgeLimits.workFactorMaximum, !passphrase.isEmpty
            else { throw .weakPassphrase }
            let salt = randomBytes(ScryptWrap.saltSize)
            let key = ScryptWrap.key(passphrase, salt, workFactor)
            return AgeStanza(
                arguments: ["scrypt", UnpaddedBase64.encode(salt), String(workFactor)],
                body: AgeBox.seal(fileKey, key, nonce: AgeBox.zeroNonce))
        }
    }
}

/// What opens an age file. Secret: never printed, never logged.
public enum AgeIdentity: Sendable {
    /// The 32 bytes of an X25519 private key, `AGE-SECRET-KEY-1...`.
    case x25519([UInt8])
    /// A passphrase.
    case passphrase(String)

    /// Reads `AGE-SECRET-KEY-1...`.
    public init(parsing text: String) throws(AgeError) {
        guard let key = Bech32.decode(text, prefix: AgeIdentity.prefix), key.count == 32 else {
            throw .badIdentity
        }
        self = .x25519(key)
    }

    /// The identities of a key file as `age-keygen` writes it: one a line, empty lines and `#` are skipped.
    public static func parsing(file bytes: [UInt8]) throws(AgeError) -> [AgeIdentity] {
        let text = String(decoding: bytes, as: UTF8.self)
        var identities: [AgeIdentity] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            identities.append(try AgeIdentity(parsing: String(line)))
        }
        guard !identities.isEmpty else { throw .badIdentity }
        return identities
    }

    /// `AGE-SECRET-KEY-1...`; nil for a passphrase.
    public var text: String? {
        guard case .x25519(let key) = self else { return nil }
        return Bech32.encode(prefix: AgeIdentity.prefix.lowercased(), key).uppercased()
    }

    /// The recipient that this identity opens for; nil for a passphrase.
    public var recipient: AgeRecipient? {
        guard case .x25519(let secret) = self, let key = X25519Wrap.publicKey(secret) else {
            return nil
        }
        return .x25519(key)
    }

    private static let prefix = "AGE-SECRET-KEY-"

    /// The file key of a stanza; nil when it is for somebody else.
    func unwrap(_ stanza: AgeStanza) throws(AgeError) -> [UInt8]? {
        switch self {
        case .x25519(let secret): try X25519Wrap.unwrap(stanza, secret)
        case .passphrase(let passphrase): try ScryptWrap.unwrap(stanza, passphrase)
        }
    }
}

/// Bounds of age files.
public enum AgeLimits {
    /// Bytes of a header: room for thousands of recipients, and small beside what a reader has anyway.
    public static let headerSizeMaximum = 256 << 10
    /// Least work for a passphrase when writing, as a power of two: evidence.md section 9.
    public static let workFactorMinimum = 18
    /// Work when nothing is said: about a second and 256 MiB, what the age tool takes too.
    public static let workFactorUsual = 18
    /// Most work when reading: 4 GiB of memory, the limit of the age tool, so that a file cannot ask for more.
    public static let workFactorMaximum = 22
}

/// A file key under an X25519 key.
private enum X25519Wrap {
    private static let info = Array("age-encryption.org/v1/X25519".utf8)
    private static let name = "X25519"

    static func publicKey(_ secret: [UInt8]) -> [UInt8]? {
        // The only way this fails is a key of the wrong size.
        (try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret)).map {
            [UInt8]($0.publicKey.rawRepresentation)
        }
    }

    static func wrap(_ fileKey: [UInt8], for recipient: [UInt8], ephemeral: [UInt8])
        throws(AgeError) -> AgeStanza
    {
        guard let share = publicKey(ephemeral),
            let key = key(secret: ephemeral, peer: recipient, share: share, recipient: recipient)
        else { throw .badRecipient }
        return AgeStanza(
            arguments: [name, UnpaddedBase64.encode(share)],
            body: AgeBox.seal(fileKey, key, nonce: AgeBox.zeroNonce))
    }

    static func unwrap(_ stanza: AgeStanza, _ secret: [UInt8]) throws(AgeError) -> [UInt8]? {
        guard stanza.type == name else { return nil }
        guard stanza.arguments.count == 2,
            let share = UnpaddedBase64.decode(stanza.arguments[1]), share.count == 32,
            stanza.body.count == AgeStanza.wrappedKeySize, let own = publicKey(secret),
            let key = key(secret: secret, peer: share, share: share, recipient: own)
        else { throw .damagedHeader }
        return AgeBox.open(stanza.body, key, nonce: AgeBox.zeroNonce)
    }

    /// nil when the shared secret would be all zero: a key of low order, which nobody makes by chance.
    private static func key(
        secret: [UInt8], peer: [UInt8], share: [UInt8], recipient: [UInt8]
    ) -> SymmetricKey? {
        // Both throw for keys that are no keys; nil says so.
        guard
            let secret = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret),
            let peer = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: peer),
            let shared = try? secret.sharedSecretFromKeyAgreement(with: peer),  // nil: low order
            unsafe shared.withUnsafeBytes({ unsafe $0.contains { $0 != 0 } })
        else { return nil }
        return shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: share + recipient, sharedInfo: info, outputByteCount: 32)
    }
}

/// A file key under a passphrase.
enum ScryptWrap {
    static let saltSize = 16
    private static let label = Array("age-encryption.org/v1/scrypt".utf8)

    static func key(_ passphrase: String, _ salt: [UInt8], _ workFactor: Int) -> SymmetricKey {
        do {
            return try KDF.Scrypt.deriveKey(
                from: Array(passphrase.utf8), salt: label + salt, outputByteCount: 32,
                rounds: 1 << workFactor, blockSize: 8, parallelism: 1)
        } catch {
            fatalError("out of memory for scrypt")
        }
    }

    static func unwrap(_ stanza: AgeStanza, _ passphrase: String) throws(AgeError) -> [UInt8]? {
        guard stanza.type == "scrypt" else { return nil }
        guard stanza.arguments.count == 3,
            let salt = UnpaddedBase64.decode(stanza.arguments[1]), salt.count == saltSize,
            let workFactor = number(stanza.arguments[2]),
            stanza.body.count == AgeStanza.wrappedKeySize
        else { throw .damagedHeader }
        guard workFactor <= AgeLimits.workFactorMaximum else {
            throw .workTooGreat(workFactor: workFactor, limit: AgeLimits.workFactorMaximum)
        }
        return AgeBox.open(
            stanza.body, key(passphrase, salt, workFactor), nonce: AgeBox.zeroNonce)
    }

    /// A decimal number from 1, without sign or leading zero.
    private static func number(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != 0x30,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }
}

/// ChaCha20-Poly1305 as age uses it: ciphertext and tag, the nonce known to both.
enum AgeBox {
    static let tagSize = 16
    static let zeroNonce = [UInt8](repeating: 0, count: 12)

    static func seal(_ plain: some DataProtocol, _ key: SymmetricKey, nonce: [UInt8]) -> [UInt8] {
        do {
            let box = try ChaChaPoly.seal(plain, using: key, nonce: ChaChaPoly.Nonce(data: nonce))
            return [UInt8](box.ciphertext) + [UInt8](box.tag)
        } catch {
            preconditionFailure("ChaCha20-Poly1305 cannot fail with a key and nonce of its size")
        }
    }

    /// nil unless it authenticates.
    static func open(_ sealed: some Collection<UInt8>, _ key: SymmetricKey, nonce: [UInt8])
        -> [UInt8]?
    {
        guard sealed.count >= tagSize else { return nil }
        // Every way this fails means the same: not what was sealed under this key and nonce.
        return (try? ChaChaPoly.open(ChaChaPoly.SealedBox(combined: nonce + sealed), using: key))
            .map { [UInt8]($0) }
    }
}

/// Base64 without padding, strict.
enum UnpaddedBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        var text = Base64.encode(bytes)
        while text.hasSuffix("=") { text.removeLast() }
        return text
    }

    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count % 4 != 1, !text.utf8.contains(0x3D) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Base64.decode(text + padding)
    }
}
