/// The encodings that a value goes through before it is compared (R23, R25, R26, R27).
enum ValueEncoding {
    private static let dashes: [String] = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"]

    /// All values that one value stands for after an encoding; nil when there would be too many.
    static func apply(_ encoding: ModifierChain.Encoding, to glob: Glob) -> [Glob]? {
        switch encoding {
        case .windash: windash(glob)
        case .base64: glob.plainBytes.map { [Glob(literal: base64($0))] }
        case .base64offset:
            glob.plainBytes.map { bytes in
                (0..<3).map { Glob(literal: base64($0, of: bytes)) }
            }
        case .utf16: glob.plainBytes.map { [Glob(literal: [0xFF, 0xFE] + wide($0, isBig: false))] }
        case .utf16le: glob.replacingLiterals { bytes, _ in [wide(bytes, isBig: false)] }
        case .utf16be: glob.replacingLiterals { bytes, _ in [wide(bytes, isBig: true)] }
        }
    }

    /// Every dash or slash that begins a word, as each of the five characters that begin an option.
    private static func windash(_ glob: Glob) -> [Glob]? {
        var count = 1
        for case .literal(let bytes) in glob.pieces {
            for _ in dashOffsets(bytes) { count = min(count * 5, Int.max / 8) }
        }
        guard count <= DetectionLimits.valueVariantsMaximum else { return nil }
        return glob.replacingLiterals { bytes, _ in
            var variants: [[UInt8]] = [[]]
            var copied = 0
            for (offset, size) in dashOffsets(bytes) {
                let before = bytes[copied..<offset]
                variants = variants.flatMap { start in
                    dashes.map { start + before + Array($0.utf8) }
                }
                copied = offset + size
            }
            return variants.map { $0 + bytes[copied...] }
        }
    }

    /// Where a dash stands that no letter or digit precedes and one follows, and its size in bytes.
    private static func dashOffsets(_ bytes: [UInt8]) -> [(offset: Int, size: Int)] {
        var found: [(Int, Int)] = []
        var offset = 0
        while offset < bytes.count {
            var size = 0
            if bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "/") {
                size = 1
            } else if offset + 2 < bytes.count, bytes[offset] == 0xE2, bytes[offset + 1] == 0x80,
                (0x93...0x95).contains(bytes[offset + 2])
            {
                size = 3
            }
            if size > 0 {
                let isFree = offset == 0 || !isWord(bytes[offset - 1])
                let end = offset + size
                if isFree, end < bytes.count, isWord(bytes[end]) { found.append((offset, size)) }
            }
            offset += max(size, 1)
        }
        return found
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x80...: true
        default: false
        }
    }

    private static func wide(_ bytes: [UInt8], isBig: Bool) -> [UInt8] {
        String(decoding: bytes, as: UTF8.self).utf16.flatMap { unit in
            let high = UInt8(unit >> 8)
            let low = UInt8(truncatingIfNeeded: unit)
            return isBig ? [high, low] : [low, high]
        }
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// RFC 4648 section 4, padded.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let second = index + 1 < bytes.count ? bytes[index + 1] : 0
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            let group = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(
                index + 1 < bytes.count ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            text.append(index + 2 < bytes.count ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            index += 3
        }
        return text
    }

    /// The characters that stay the same whatever stands before and after, for a value that begins
    /// `shift` bytes into a group of three.
    private static func base64(_ shift: Int, of bytes: [UInt8]) -> [UInt8] {
        let text = base64(Array(repeating: 0x20, count: shift) + bytes)
        let dropFirst = [0, 2, 3][shift]
        let dropLast = [0, 3, 2][(shift + bytes.count) % 3]
        guard text.count > dropFirst + dropLast else { return [] }
        return Array(text[dropFirst..<(text.count - dropLast)])
    }
}
