import Bytes

/// A public key that signs notes, by its name (C2SP signed-note).
public struct NoteKey: Hashable, Sendable {
    /// What a signature line means, by the type byte of its key.
    public enum Algorithm: UInt8, Sendable {
        /// Ed25519 over the note's text.
        case ed25519 = 0x01
        /// Ed25519 over a time and the note's text (C2SP cosignature/v1).
        case cosignature = 0x04
    }

    /// Who signs: not empty, without space or plus sign.
    public let name: String
    /// What its signatures mean.
    public let algorithm: Algorithm
    /// The 32 bytes of the Ed25519 public key.
    public let publicKey: [UInt8]
    /// The four bytes at the head of its signatures, big-endian.
    public let keyID: UInt32

    /// A key; throws when the name or the size of the key is not allowed.
    public init(
        name: String, publicKey: [UInt8], algorithm: Algorithm = .ed25519
    ) throws(ProofsError) {
        guard NoteKey.isName(name) else { throw .badKeyName }
        guard publicKey.count == SigningKey.size else { throw .badKey }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        let digest = Hash.sha256(Array(name.utf8) + [0x0A, algorithm.rawValue] + publicKey).bytes
        keyID = digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads a verifier key, `name+id+base64`, and checks that the id belongs to it.
    public init(verifierKey text: String) throws(ProofsError) {
        let parts = Array(text.utf8).split(
            separator: 0x2B, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].count == 8,
            let bytes = Base64.decode(String(decoding: parts[2], as: UTF8.self)),
            let type = bytes.first, let algorithm = Algorithm(rawValue: type)
        else { throw .badKey }
        try self.init(
            name: String(decoding: parts[0], as: UTF8.self), publicKey: Array(bytes.dropFirst()),
            algorithm: algorithm)
        guard String(decoding: parts[1], as: UTF8.self) == keyIDText else { throw .badKey }
    }

    /// `name+id+base64`: what others keep in order to verify.
    public var verifierKey: String {
        "\(name)+\(keyIDText)+\(Base64.encode([algorithm.rawValue] + publicKey))"
    }

    /// Whether a name may be that of a key.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                // The only white space of ASCII that is no control character is the space.
                $0.isASCII
                    ? $0.value > 0x20 && $0 != "+" && $0.value != 0x7F
                    : !$0.properties.isWhitespace
            }
    }

    var keyIDBytes: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: keyID >> UInt32(24 - 8 * $0)) }
    }

    private var keyIDText: String { Hex.encode(keyIDBytes) }
}

/// A private key that signs notes under a name.
public struct NoteSigner: Sendable {
    /// The public half.
    public let key: NoteKey
    private let signingKey: SigningKey

    /// A signer; throws when the name is not allowed.
    public init(
        name: String, signingKey: SigningKey, algorithm: NoteKey.Algorithm = .ed25519
    ) throws(ProofsError) {
        key = try NoteKey(name: name, publicKey: signingKey.publicKey, algorithm: algorithm)
        self.signingKey = signingKey
    }

    /// Signs a note's text.
    ///
    /// - Parameter unixSeconds: the time that a cosignature puts next to the text; not used by
    ///   plain signatures.
    public func signature(of text: [UInt8], unixSeconds: UInt64 = 0) -> NoteSignature {
        switch key.algorithm {
        case .ed25519:
            return NoteSignature(
                name: key.name, keyID: key.keyID, bytes: signingKey.signature(for: text))
        case .cosignature:
            let time = (0..<8).map { UInt8(truncatingIfNeeded: unixSeconds >> (56 - 8 * $0)) }
            let message = NoteSignature.cosignedMessage(text: text, unixSeconds: unixSeconds)
            return NoteSignature(
                name: key.name, keyID: key.keyID,
                bytes: time + signingKey.signature(for: message))
        }
    }
}
