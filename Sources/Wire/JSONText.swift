/// Decoding and writing of JSON strings.
///
/// Canonical strings have the shortest escapes: `\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`, other
/// controls below U+0020 as `\u00xx` in lower case, everything else as itself.
enum JSONText {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// The text of a scanned string (without its quotes): escapes decoded, broken parts as U+FFFD.
    static func decode(_ bytes: [UInt8], _ range: Range<Int>, wasRepaired: inout Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            let byte = bytes[at]
            if byte != 0x5C {
                out.append(byte)
                at += 1
                continue
            }
            at += 2
            switch bytes[at - 1] {
            case 0x62: out.append(0x08)
            case 0x66: out.append(0x0C)
            case 0x6E: out.append(0x0A)
            case 0x72: out.append(0x0D)
            case 0x74: out.append(0x09)
            case 0x75: appendUnicodeEscape(bytes, &at, range.upperBound, &out, &wasRepaired)
            default: out.append(bytes[at - 1])
            }
        }
        return repaired(out, &wasRepaired)
    }

    /// Reads the four digits of `\u` at the position, with a second escape when they are a high surrogate.
    private static func appendUnicodeEscape(
        _ bytes: [UInt8], _ at: inout Int, _ end: Int, _ out: inout [UInt8],
        _ wasRepaired: inout Bool
    ) {
        let unit = hexValue(bytes, at)
        at += 4
        if unit & 0xFC00 == 0xD800, at + 6 <= end, bytes[at] == 0x5C, bytes[at + 1] == 0x75 {
            let low = hexValue(bytes, at + 2)
            if low & 0xFC00 == 0xDC00 {
                at += 6
                append(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), to: &out)
                return
            }
        }
        guard unit & 0xF800 == 0xD800 else { return append(unit, to: &out) }
        wasRepaired = true
        append(0xFFFD, to: &out)
    }

    private static func hexValue(_ bytes: [UInt8], _ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<start + 4 {
            let byte = bytes[index]
            value = value << 4 | UInt32(byte < 0x40 ? byte - 0x30 : (byte | 0x20) - 0x61 + 10)
        }
        return value
    }

    private static func append(_ scalar: UInt32, to out: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// The bytes with every broken UTF-8 sequence replaced by U+FFFD.
    private static func repaired(_ bytes: [UInt8], _ wasRepaired: inout Bool) -> [UInt8] {
        if isValidUTF8(bytes, 0..<bytes.count) { return bytes }
        wasRepaired = true
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// Whether a range is well-formed UTF-8 (RFC 3629: no overlong form, surrogate or value over U+10FFFF).
    static func isValidUTF8(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            let lead = bytes[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let size: Int
            var lowest: UInt8 = 0x80
            var highest: UInt8 = 0xBF
            switch lead {
            case 0xC2...0xDF: size = 2
            case 0xE0: (size, lowest) = (3, 0xA0)
            case 0xED: (size, highest) = (3, 0x9F)
            case 0xE1...0xEF: size = 3
            case 0xF0: (size, lowest) = (4, 0x90)
            case 0xF1...0xF3: size = 4
            case 0xF4: (size, highest) = (4, 0x8F)
            default: return false
            }
            guard at + size <= end, bytes[at + 1] >= lowest, bytes[at + 1] <= highest else {
                return false
            }
            for index in at + 2..<max(at + size, at + 2) where bytes[index] & 0xC0 != 0x80 {
                return false
            }
            at += size
        }
        return true
    }

    /// Writes text between quotes in canonical form.
    static func write(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        out.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5C:
                out.append(0x5C)
                out.append(byte)
            case 0x08: out.append(contentsOf: [0x5C, 0x62])
            case 0x0C: out.append(contentsOf: [0x5C, 0x66])
            case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: out.append(contentsOf: [0x5C, 0x72])
            case 0x09: out.append(contentsOf: [0x5C, 0x74])
            case 0..<0x20:
                out.append(contentsOf: [
                    0x5C, 0x75, 0x30, 0x30, hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)],
                ])
            default: out.append(byte)
            }
        }
        out.append(0x22)
    }
}
