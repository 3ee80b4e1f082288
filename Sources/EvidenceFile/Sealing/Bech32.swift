/// Bech32 (BIP 173) without its limit of 90 characters: how age writes its keys.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// Some bytes under a prefix, lower case.
    static func encode(prefix: String, _ bytes: [UInt8]) -> String {
        let values = regroup(bytes.map(Int.init), from: 8, to: 5, padding: true) ?? []
        let remainder = polymod(expanded(prefix) + values + [0, 0, 0, 0, 0, 0]) ^ 1
        let checksum = (0..<6).map { (remainder >> (5 * (5 - $0))) & 31 }
        return prefix + "1"
            + String(decoding: (values + checksum).map { alphabet[$0] }, as: UTF8.self)
    }

    /// The bytes under a prefix; nil for another prefix, mixed case, a wrong checksum or stray bits.
    static func decode(_ text: String, prefix: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        let hasUpper = bytes.contains { (0x41...0x5A).contains($0) }
        let hasLower = bytes.contains { (0x61...0x7A).contains($0) }
        guard !(hasUpper && hasLower), hasUpper == prefix.utf8.contains(where: isUpper) else {
            return nil
        }
        let lower = bytes.map { isUpper($0) ? $0 + 0x20 : $0 }
        guard let separator = lower.lastIndex(of: 0x31), lower.count - separator > 6,
            Array(lower[..<separator]) == Array(prefix.lowercased().utf8)
        else { return nil }
        var values: [Int] = []
        for byte in lower[(separator + 1)...] {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            values.append(value)
        }
        guard polymod(expanded(prefix.lowercased()) + values) == 1,
            let regrouped = regroup(Array(values.dropLast(6)), from: 5, to: 8, padding: false)
        else { return nil }
        return regrouped.map { UInt8($0) }
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    private static func expanded(_ prefix: String) -> [Int] {
        let bytes = prefix.utf8.map(Int.init)
        return bytes.map { $0 >> 5 } + [0] + bytes.map { $0 & 31 }
    }

    private static func polymod(_ values: [Int]) -> Int {
        let generators = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
        return values.reduce(1) { sum, value in
            let next = (sum & 0x1FF_FFFF) << 5 ^ value
            return generators.indices.reduce(next) { partial, index in
                (sum >> 25) >> index & 1 == 1 ? partial ^ generators[index] : partial
            }
        }
    }

    /// Cuts a row of bits into groups of another width; nil when the rest is not zero bits.
    private static func regroup(_ values: [Int], from: Int, to: Int, padding: Bool) -> [Int]? {
        var (accumulator, bits) = (0, 0)
        var out: [Int] = []
        for value in values {
            accumulator = (accumulator << from | value) & 0xFFF
            bits += from
            while bits >= to {
                bits -= to
                out.append(accumulator >> bits & (1 << to - 1))
            }
        }
        let rest = accumulator & (1 << bits - 1)
        if padding {
            if bits > 0 { out.append(rest << (to - bits)) }
        } else if bits >= from || rest != 0 {
            return nil
        }
        return out
    }
}
