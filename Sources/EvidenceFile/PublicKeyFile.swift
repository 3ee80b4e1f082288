import Bytes
import Proofs

/// Public keys and signatures in the forms that `openssl` and `ssh-keygen` read.
enum PublicKeyFile {
    // SubjectPublicKeyInfo of Ed25519 (RFC 8410) up to the key's 32 bytes.
    private static let derPrefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]
    private static let keyType = "ssh-ed25519"

    /// `-----BEGIN PUBLIC KEY-----` and so on.
    static func pem(_ publicKey: [UInt8]) -> [UInt8] {
        let text = Base64.encode(derPrefix + publicKey)
        return Array("-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----\n".utf8)
    }

    /// The 32 bytes of the one form that ``pem(_:)`` writes; nil for anything else.
    static func publicKey(pem bytes: [UInt8]) -> [UInt8]? {
        let lines = bytes.split(separator: 0x0A)
        guard lines.count == 3,
            let der = Base64.decode(String(decoding: lines[1], as: UTF8.self)),
            der.starts(with: derPrefix)
        else { return nil }
        let key = Array(der.dropFirst(derPrefix.count))
        return pem(key) == bytes && key.count == SigningKey.size ? key : nil
    }

    /// The one line that tells `ssh-keygen -Y verify` who may sign evidence.
    static func allowedSigners(principal: String, publicKey: [UInt8]) -> [UInt8] {
        let key = Base64.encode(SSHWire.publicKey(publicKey, type: keyType))
        return Array(
            ("\(principal) namespaces=\"\(BundleLayout.signatureNamespace)\" \(keyType) \(key)\n")
                .utf8)
    }

    /// Who may sign and with which key; nil for anything but that one line.
    static func allowedSigner(_ bytes: [UInt8]) -> (principal: String, publicKey: [UInt8])? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let fields = text.split(separator: "\n")[0...].first?.split(separator: " ") ?? []
        guard fields.count == 4, let blob = Base64.decode(String(fields[3])) else { return nil }
        let key = Array(blob.suffix(SigningKey.size))
        let principal = String(fields[0])
        return allowedSigners(principal: principal, publicKey: key) == bytes
            ? (principal, key) : nil
    }

    /// The fingerprint as `ssh-keygen -lf` prints it: `SHA256:` and base64 without padding.
    static func fingerprint(_ publicKey: [UInt8]) -> String {
        let digest = Hash.sha256(SSHWire.publicKey(publicKey, type: keyType)).base64
        return "SHA256:" + digest.filter { $0 != "=" }
    }

    /// Signs as `ssh-keygen -Y sign` does (PROTOCOL.sshsig).
    static func sshSignature(of message: [UInt8], by key: SigningKey) -> [UInt8] {
        armoured(key.signature(for: SSHWire.signedBlob(message)), publicKey: key.publicKey)
    }

    /// Whether a signature file is the key's over a message, byte for byte as we write it.
    static func isSSHSignature(_ file: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool
    {
        let lines = file.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        let text = lines.dropFirst().dropLast().joined()
        guard let blob = Base64.decode(text), blob.count > 64 else { return false }
        let signature = Array(blob.suffix(64))
        return armoured(signature, publicKey: publicKey) == file
            && SigningKey.isValid(
                signature: signature, message: SSHWire.signedBlob(message), publicKey: publicKey)
    }

    /// The signature file: base64 in lines of 70 between two marks.
    private static func armoured(_ signature: [UInt8], publicKey: [UInt8]) -> [UInt8] {
        let blob = SSHWire.signature(
            publicKey: SSHWire.publicKey(publicKey, type: keyType),
            signature: SSHWire.string(keyType) + SSHWire.string(signature))
        let text = Array(Base64.encode(blob).utf8)
        var lines = ["-----BEGIN SSH SIGNATURE-----"]
        for start in stride(from: 0, to: text.count, by: 70) {
            lines.append(
                String(decoding: text[start..<min(start + 70, text.count)], as: UTF8.self))
        }
        lines.append("-----END SSH SIGNATURE-----")
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
