import Crypto

/// An Ed25519 private key. Whoever makes one brings the randomness.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// The number of bytes of a seed and of a public key.
    public static let size = 32

    /// A key from 32 random bytes; nil for another number of bytes.
    public init?(seed: [UInt8]) {
        // The only way this fails is a seed of the wrong size.
        guard seed.count == SigningKey.size,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { return nil }
        self.key = key
    }

    /// The 32 bytes of the public key.
    public var publicKey: [UInt8] { [UInt8](key.publicKey.rawRepresentation) }

    /// The 32 bytes the key was made from. Secret: only for the key's own file.
    public var seed: [UInt8] { [UInt8](key.rawRepresentation) }

    /// Signs a message; 64 bytes.
    public func signature(for message: [UInt8]) -> [UInt8] {
        do {
            return [UInt8](try key.signature(for: message))
        } catch {
            preconditionFailure("Ed25519 signing failed: \(error)")
        }
    }

    /// Whether a signature of a message was made by the key with this public key.
    public static func isValid(
        signature: [UInt8], message: [UInt8], publicKey: [UInt8]
    ) -> Bool {
        // A public key that is no point of the curve has signed nothing.
        guard
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
