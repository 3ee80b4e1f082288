import Crypto
import Foundation

/// Encrypts what the store keeps: AES-256-GCM (NIST SP 800-38D), the fastest authenticated cipher
/// on any machine with AES instructions.
///
///     sealed = nonce (12 bytes) | ciphertext | tag (16 bytes)
///
/// What a sealed piece is and where it belongs (its *label*) is authenticated with it, so a piece that
/// was moved or copied elsewhere does not open.
struct DataCipher: Sendable {
    static let keySize = 32
    static let nonceSize = 12
    /// How many bytes sealing adds.
    static let overhead = 28

    private let key: SymmetricKey

    /// A cipher from 32 bytes of key.
    init(key: [UInt8]) {
        precondition(key.count == DataCipher.keySize, "a key has 32 bytes")
        self.key = SymmetricKey(data: key)
    }

    private init(_ key: SymmetricKey) { self.key = key }

    /// A cipher for one purpose, its key derived from this one by HKDF-SHA256 (RFC 5869).
    func derived(for purpose: String) -> DataCipher {
        DataCipher(
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key, info: Array(purpose.utf8),
                outputByteCount: DataCipher.keySize))
    }

    /// A keyed hash of a name (HMAC-SHA256), of which nobody without the key can tell the name.
    func tag(of name: [UInt8]) -> [UInt8] {
        [UInt8](HMAC<SHA256>.authenticationCode(for: name, using: key))
    }

    /// Seals bytes. The nonce has 12 bytes and must never come twice under one key.
    func seal(_ plain: some DataProtocol, nonce: [UInt8], label: [UInt8]) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                plain, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: label)
            var sealed = nonce
            sealed.reserveCapacity(box.ciphertext.count + DataCipher.overhead)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
        } catch {
            // A nonce of another size is all that this can fail for.
            preconditionFailure("sealing failed: \(error)")
        }
    }

    /// The plain bytes; nil when the piece was changed, belongs elsewhere or has another key.
    func open(_ sealed: some DataProtocol, label: [UInt8]) -> [UInt8]? {
        // try?: every failure says the same, that these bytes are not what was sealed here.
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key, authenticating: label)
        else { return nil }
        return [UInt8](plain)
    }
}
