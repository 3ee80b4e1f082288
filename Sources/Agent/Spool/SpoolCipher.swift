import Crypto
import Foundation

/// Seals what lies in the spool, so that a copied or lost spool says nothing without the device key (P15).
///
/// ChaCha20-Poly1305 under a key derived from the device's signing seed by HKDF-SHA256
/// (info `sg.spool/v1`). What a sealed piece is (its `role`) is authenticated with it, so a piece moved
/// elsewhere does not open.
///
///     nonce (12 bytes) | ciphertext | tag (16 bytes)
struct SpoolCipher: Sendable {
    /// How many bytes sealing adds.
    static let overhead = 28

    private let key: SymmetricKey
    private let random: RandomSource

    init(deviceSeed: [UInt8], random: RandomSource) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: deviceSeed), info: Array("sg.spool/v1".utf8),
            outputByteCount: 32)
        self.random = random
    }

    func seal(_ plain: [UInt8], role: String) -> [UInt8] {
        do {
            let nonce = try ChaChaPoly.Nonce(data: random.bytes(12))
            let box = try ChaChaPoly.seal(
                plain, using: key, nonce: nonce, authenticating: Array(role.utf8))
            return [UInt8](box.combined)
        } catch {
            // A 12-byte nonce and a 32-byte key are all that this can fail for.
            preconditionFailure("sealing failed: \(error)")
        }
    }

    /// The plain bytes; nil when the piece was changed, is another one or has another key.
    func open(_ sealed: some Sequence<UInt8>, role: String) -> [UInt8]? {
        // try?: every failure says the same, that these bytes are not ours.
        guard let box = try? ChaChaPoly.SealedBox(combined: Array(sealed)),
            let plain = try? ChaChaPoly.open(box, using: key, authenticating: Array(role.utf8))
        else { return nil }
        return [UInt8](plain)
    }
}
