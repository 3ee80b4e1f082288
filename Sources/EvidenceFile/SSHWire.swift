import Crypto

/// The few byte strings of OpenSSH's signature format (PROTOCOL.sshsig).
enum SSHWire {
    /// A string: its length in four big-endian bytes, and its bytes.
    static func string(_ bytes: [UInt8]) -> [UInt8] { number(UInt32(bytes.count)) + bytes }

    /// A string of text.
    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    /// A public key with its type.
    static func publicKey(_ key: [UInt8], type: String) -> [UInt8] { string(type) + string(key) }

    /// What is signed: the namespace, the hash procedure and the message's hash.
    static func signedBlob(_ message: [UInt8]) -> [UInt8] {
        magic + string(BundleLayout.signatureNamespace) + string("") + string("sha512")
            + string([UInt8](SHA512.hash(data: message)))
    }

    /// The signature's envelope.
    static func signature(publicKey: [UInt8], signature: [UInt8]) -> [UInt8] {
        magic + number(1) + string(publicKey) + string(BundleLayout.signatureNamespace)
            + string("") + string("sha512") + string(signature)
    }

    private static let magic = Array("SSHSIG".utf8)

    private static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}
