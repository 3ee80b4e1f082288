/// A network in CIDR notation, IPv4 or IPv6 (R30).
struct NetworkRange: Hashable, Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads `10.0.0.0/8` or `fe80::/10`; without a length the single address. Host bits may be set.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(parts[0]) else { return nil }
        var length = address.count * 8
        if parts.count == 2 {
            guard let written = Int(parts[1]), parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }),
                written <= length
            else { return nil }
            length = written
        }
        bytes = address
        bits = length
    }

    /// Whether an address lies in it. IPv4 written inside IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
    func contains(_ text: String) -> Bool {
        guard var address = Self.address(text[...]) else { return false }
        if address.count == 16, bytes.count == 4,
            address[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        {
            address.removeFirst(12)
        }
        guard address.count == bytes.count else { return false }
        let whole = bits / 8
        guard address[..<whole].elementsEqual(bytes[..<whole]) else { return false }
        let rest = bits % 8
        return rest == 0 || (address[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
    }

    /// The bytes of an address, 4 or 16, else nil.
    static func address(_ text: Substring) -> [UInt8]? {
        text.utf8.contains(UInt8(ascii: ":")) ? version6(text) : version4(text)
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
                let value = UInt8(part)
            else { return nil }
            bytes.append(value)
        }
        return bytes
    }

    private static func version6(_ text: Substring) -> [UInt8]? {
        var text = text
        // A zone such as %eth0 names an interface, not an address.
        if let percent = text.firstIndex(of: "%") { text = text[..<percent] }
        guard let gap = firstDoubleColon(in: text) else {
            let bytes = groups(text)
            return bytes?.count == 16 ? bytes : nil
        }
        let tail = text[text.index(gap, offsetBy: 2)...]
        guard firstDoubleColon(in: tail) == nil, tail.first != ":" else { return nil }
        guard let left = gap == text.startIndex ? [] : groups(text[..<gap]),
            let right = tail.isEmpty ? [] : groups(tail), left.count + right.count <= 14
        else { return nil }
        return left + Array(repeating: 0, count: 16 - left.count - right.count) + right
    }

    private static func firstDoubleColon(in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            let following = text.index(after: index)
            if text[index] == ":", following < text.endIndex, text[following] == ":" {
                return index
            }
            index = following
        }
        return nil
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let tail = version4(part) {
                bytes += tail
            } else {
                guard (1...4).contains(part.utf8.count), let value = UInt16(part, radix: 16),
                    part.first != "+"
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
            }
        }
        return bytes
    }
}
