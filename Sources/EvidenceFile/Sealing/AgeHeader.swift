import Crypto

/// One recipient's part of an age header: arguments, of which the first names its type, and a body.
struct AgeStanza: Equatable, Sendable {
    /// A file key of 16 bytes and its tag.
    static let wrappedKeySize = 32

    var arguments: [String]
    var body: [UInt8]

    var type: String { arguments[0] }

    var text: String {
        let encoded = UnpaddedBase64.encode(body)
        var lines = ["-> " + arguments.joined(separator: " ")]
        var rest = encoded[...]
        while rest.utf8.count >= AgeHeader.columns {
            lines.append(String(rest.prefix(AgeHeader.columns)))
            rest = rest.dropFirst(AgeHeader.columns)
        }
        // The last line is always shorter, so it may be empty.
        lines.append(String(rest))
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The header of an age file.
///
///     age-encryption.org/v1
///     -> X25519 <base64 of the ephemeral share>
///     <base64 of the wrapped file key, 64 columns, the last line shorter>
///     --- <base64 of HMAC-SHA-256 over everything before the space>
///
/// Base64 is without padding and canonical. A header is valid when its grammar holds to the byte and
/// the MAC is right under the file key; a scrypt stanza stands alone.
struct AgeHeader: Sendable {
    static let columns = 64
    static let fileKeySize = 16
    private static let version = "age-encryption.org/v1"

    private(set) var stanzas: [AgeStanza]
    /// What the MAC covers.
    private let covered: [UInt8]
    private let mac: [UInt8]

    /// A header for a file key.
    init(_ stanzas: [AgeStanza], fileKey: [UInt8]) {
        self.stanzas = stanzas
        covered = Array(
            (AgeHeader.version + "\n" + stanzas.map(\.text).joined() + "---").utf8)
        mac = [UInt8](
            HMAC<SHA256>.authenticationCode(for: covered, using: AgeHeader.macKey(fileKey)))
    }

    /// Reads a whole header, from its first byte to the line feed after the MAC.
    init(parsing bytes: [UInt8]) throws(AgeError) {
        var lines = AgeHeader.lines(bytes)[...]
        guard lines.popFirst() == AgeHeader.version else { throw .notAgeFile }
        stanzas = []
        while let line = lines.first, line.hasPrefix("->") {
            lines.removeFirst()
            stanzas.append(try AgeHeader.stanza(line, &lines))
        }
        guard !stanzas.isEmpty, let last = lines.popFirst(), lines.isEmpty,
            last.hasPrefix("--- "), let mac = UnpaddedBase64.decode(String(last.dropFirst(4))),
            mac.count == SHA256.byteCount
        else { throw .damagedHeader }
        self.mac = mac
        covered = Array(bytes.dropLast(last.utf8.count - 3 + 1))
        if stanzas.count > 1, stanzas.contains(where: { $0.type == "scrypt" }) {
            throw .damagedHeader
        }
    }

    var bytes: [UInt8] { covered + Array((" " + UnpaddedBase64.encode(mac) + "\n").utf8) }

    /// The file key, found by the first identity that fits a stanza, and the MAC checked with it.
    func fileKey(_ identities: [AgeIdentity]) throws(AgeError) -> [UInt8] {
        for stanza in stanzas {
            for identity in identities {
                guard let key = try identity.unwrap(stanza) else { continue }
                guard key.count == AgeHeader.fileKeySize,
                    HMAC<SHA256>.isValidAuthenticationCode(
                        mac, authenticating: covered, using: AgeHeader.macKey(key))
                else { throw .damagedHeader }
                return key
            }
        }
        throw .noIdentityMatches
    }

    /// The key of the payload.
    static func payloadKey(_ fileKey: [UInt8], nonce: [UInt8]) -> SymmetricKey {
        derive(fileKey, salt: nonce, info: "payload")
    }

    private static func macKey(_ fileKey: [UInt8]) -> SymmetricKey {
        derive(fileKey, salt: [], info: "header")
    }

    private static func derive(_ fileKey: [UInt8], salt: [UInt8], info: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: fileKey), salt: salt, info: Array(info.utf8),
            outputByteCount: 32)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func stanza(_ line: String, _ lines: inout ArraySlice<String>)
        throws(AgeError) -> AgeStanza
    {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 2, words[0] == "->",
            words.dropFirst().allSatisfy({ word in
                !word.isEmpty && word.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            })
        else { throw .damagedHeader }
        var text = ""
        while let next = lines.popFirst() {
            guard next.utf8.count <= columns else { throw .damagedHeader }
            text += next
            guard next.utf8.count == columns else {
                guard let body = UnpaddedBase64.decode(text) else { break }
                return AgeStanza(arguments: Array(words.dropFirst()), body: body)
            }
        }
        throw .damagedHeader
    }
}
