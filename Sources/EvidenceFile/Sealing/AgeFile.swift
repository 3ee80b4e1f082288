import Crypto

// An age file, version 1 (age-encryption.org/v1, C2SP age):
//
//     header     text, see AgeHeader
//     nonce      16 random bytes; payload key = HKDF-SHA-256(file key, nonce, "payload")
//     chunk 0    64 KiB sealed with ChaCha20-Poly1305, tag of 16 bytes
//     chunk 1    ...
//     last       1 byte to 64 KiB; 0 bytes only when it is the only one
//
// The nonce of a chunk is its number in 11 big-endian bytes and a byte that is 1 for the last one, 0
// for all others. So a chunk cannot be moved, left out or added, and a file cannot be cut without
// notice. A crash while writing leaves a file without a last chunk, which no reader takes for whole.
// Both machines below take bytes in pieces of any size and hold one chunk: memory does not grow
// with the file.

/// Seals bytes for recipients: pieces of plain bytes in, pieces of the age file out.
public struct AgeSealer: Sendable {
    private var stream: AgeStream
    private var buffer: [UInt8] = []
    private var start: [UInt8]

    /// A sealer for recipients; a passphrase must be the only one.
    ///
    /// - Parameter randomBytes: bytes that nobody can guess; asked for the file key, the nonce and
    ///   what each recipient needs.
    public init(for recipients: [AgeRecipient], randomBytes: (Int) -> [UInt8]) throws(AgeError) {
        guard !recipients.isEmpty else { throw .noRecipient }
        let hasPassphrase = recipients.contains {
            if case .passphrase = $0 { true } else { false }
        }
        guard !hasPassphrase || recipients.count == 1 else { throw .passphraseNotAlone }
        let fileKey = randomBytes(AgeHeader.fileKeySize)
        var stanzas: [AgeStanza] = []
        for recipient in recipients {
            stanzas.append(try recipient.wrap(fileKey, randomBytes: randomBytes))
        }
        let nonce = randomBytes(AgeStream.fileNonceSize)
        start = AgeHeader(stanzas, fileKey: fileKey).bytes + nonce
        stream = AgeStream(key: AgeHeader.payloadKey(fileKey, nonce: nonce))
    }

    /// Takes in plain bytes; returns what of the file is finished by them.
    public mutating func seal(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var out = start
        start = []
        buffer.append(contentsOf: bytes)
        // A full chunk is held back until more comes: it may be the last.
        var at = 0
        while buffer.count - at > AgeStream.chunkSize {
            out += stream.seal(buffer[at..<at + AgeStream.chunkSize], isLast: false)
            at += AgeStream.chunkSize
        }
        buffer.removeFirst(at)
        return out
    }

    /// The rest of the file. Nothing may follow.
    public mutating func finish() -> [UInt8] {
        let out = start + stream.seal(buffer[...], isLast: true)
        start = []
        buffer = []
        return out
    }
}

/// Opens an age file: pieces of the file in, pieces of authenticated plain bytes out.
///
/// Only whole chunks that authenticate are released. Until ``finish()`` has returned nobody knows that
/// the file is complete.
public struct AgeOpener: Sendable {
    private enum State: Sendable {
        case header
        case nonce(fileKey: [UInt8])
        case payload(AgeStream)
    }

    private let identities: [AgeIdentity]
    private var state = State.header
    private var buffer: [UInt8] = []
    /// Where the search for the header's end goes on.
    private var lineStart = 0
    private var released = 0

    /// An opener with everything that may open the file.
    public init(with identities: [AgeIdentity]) { self.identities = identities }

    /// Takes in bytes of the file; returns the plain bytes of the chunks they complete.
    public mutating func open(_ bytes: some Collection<UInt8>) throws(AgeError) -> [UInt8] {
        buffer.append(contentsOf: bytes)
        if case .header = state { try readHeader() }
        if case .nonce(let fileKey) = state, buffer.count >= AgeStream.fileNonceSize {
            let nonce = Array(buffer.prefix(AgeStream.fileNonceSize))
            buffer.removeFirst(AgeStream.fileNonceSize)
            state = .payload(AgeStream(key: AgeHeader.payloadKey(fileKey, nonce: nonce)))
        }
        guard case .payload(var stream) = state else { return [] }
        let sealedSize = AgeStream.chunkSize + AgeBox.tagSize
        var out: [UInt8] = []
        var at = 0
        // What is followed by something is not the last chunk.
        while buffer.count - at > sealedSize {
            let sealed = buffer[at..<at + sealedSize]
            guard let plain = stream.open(sealed, isLast: false) else {
                throw stream.open(sealed, isLast: true) == nil
                    ? .damagedPayload(offset: released)
                    : .trailingBytes(offset: released + AgeStream.chunkSize)
            }
            out += plain
            released += plain.count
            at += sealedSize
        }
        buffer.removeFirst(at)
        state = .payload(stream)
        return out
    }

    /// The last plain bytes; throws unless the file is complete and nothing follows it.
    public mutating func finish() throws(AgeError) -> [UInt8] {
        switch state {
        case .header:
            // Shorter than its first line: whatever it is, it is not one of these.
            throw lineStart == 0 ? .notAgeFile : .damagedHeader
        case .nonce: throw .truncated(offset: 0)
        case .payload(var stream):
            guard !buffer.isEmpty else { throw .truncated(offset: released) }
            guard let plain = stream.open(buffer[...], isLast: true) else {
                let wasMiddle = stream.open(buffer[...], isLast: false) != nil
                throw wasMiddle
                    ? .truncated(offset: released + AgeStream.chunkSize)
                    : .damagedPayload(offset: released)
            }
            // An empty last chunk after a full one is a second way to write the same file.
            guard !plain.isEmpty || released == 0 else { throw .damagedPayload(offset: released) }
            buffer = []
            return plain
        }
    }

    private mutating func readHeader() throws(AgeError) {
        while let end = buffer[lineStart...].firstIndex(of: 0x0A) {
            guard end < AgeLimits.headerSizeMaximum else { break }
            let isLast = buffer[lineStart..<end].starts(with: [0x2D, 0x2D, 0x2D])
            if lineStart == 0, Array(buffer[..<end]) != Array("age-encryption.org/v1".utf8) {
                throw .notAgeFile
            }
            lineStart = end + 1
            guard isLast else { continue }
            let header = try AgeHeader(parsing: Array(buffer[..<lineStart]))
            buffer.removeFirst(lineStart)
            state = .nonce(fileKey: try header.fileKey(identities))
            return
        }
        guard buffer.count < AgeLimits.headerSizeMaximum else {
            throw lineStart == 0
                ? .notAgeFile : .headerTooLarge(limit: AgeLimits.headerSizeMaximum)
        }
    }
}

/// The chunks of a payload, in order.
private struct AgeStream: Sendable {
    static let chunkSize = 64 << 10
    static let fileNonceSize = 16

    private let key: SymmetricKey
    private var number: UInt64 = 0

    init(key: SymmetricKey) { self.key = key }

    mutating func seal(_ plain: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
        defer { number += 1 }
        return AgeBox.seal(plain, key, nonce: nonce(isLast))
    }

    /// nil unless it authenticates; then the next chunk is due.
    mutating func open(_ sealed: ArraySlice<UInt8>, isLast: Bool) -> [UInt8]? {
        guard let plain = AgeBox.open(sealed, key, nonce: nonce(isLast)) else { return nil }
        number += 1
        return plain
    }

    private func nonce(_ isLast: Bool) -> [UInt8] {
        [0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            + [isLast ? 1 : 0]
    }
}

extension AgeSealer {
    /// A whole age file at once, for what fits into memory.
    public static func seal(
        _ bytes: [UInt8], for recipients: [AgeRecipient], randomBytes: (Int) -> [UInt8]
    ) throws(AgeError) -> [UInt8] {
        var sealer = try AgeSealer(for: recipients, randomBytes: randomBytes)
        return sealer.seal(bytes) + sealer.finish()
    }
}

extension AgeOpener {
    /// The content of a whole age file, for what fits into memory.
    public static func open(_ file: [UInt8], with identities: [AgeIdentity]) throws(AgeError)
        -> [UInt8]
    {
        var opener = AgeOpener(with: identities)
        let plain = try opener.open(file)
        return plain + (try opener.finish())
    }
}
