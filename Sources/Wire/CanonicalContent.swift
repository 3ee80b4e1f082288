public import Events

/// The one canonical form of an event's data (`evidence.md` section 2.1): a JSON object with keys
/// sorted by UTF-8 bytes, no white space, shortest escapes, no key twice, integers only.
///
/// What looser senders write is brought into it: a number that is not whole is kept as a string of
/// its digits, and broken UTF-8 becomes U+FFFD with the extra field `repaired`.
public enum CanonicalContent {
    /// The field that says that broken text was replaced by U+FFFD.
    static let repairedField = "repaired"

    /// The content of an event of ours: its body, and `site` and `remote` where they say something.
    public static func encode(_ event: Event) -> [UInt8] {
        var fields = bodyFields(event.body)
        if let isOnSite = event.isOnSite { fields.append(("site", .text(isOnSite ? "on" : "off"))) }
        if event.isRemote { fields.append(("remote", .boolean(true))) }
        fields.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var out: [UInt8] = [0x7B]
        for (index, field) in fields.enumerated() {
            if index > 0 { out.append(0x2C) }
            JSONText.write(field.name.utf8, to: &out)
            out.append(0x3A)
            field.value.write(to: &out)
        }
        out.append(0x7D)
        return out
    }

    /// Writes scanned members in canonical form; true when broken text had to be repaired.
    static func write(
        _ members: inout [JSONMember], of bytes: [UInt8], to out: inout [UInt8]
    ) throws(WireError) -> Bool {
        let start = out.count
        var wasRepaired = false
        if members.allSatisfy(\.isPlainKey) {
            sort(&members, of: bytes)
            try writePlain(members, of: bytes, to: &out, &wasRepaired)
        } else {
            try writeDecodingKeys(members, of: bytes, depth: 1, to: &out, &wasRepaired)
        }
        if wasRepaired { try markRepaired(&out, from: start) }
        return wasRepaired
    }

    /// Insertion sort by key bytes: there are few members, and mostly they are sorted already.
    private static func sort(_ members: inout [JSONMember], of bytes: [UInt8]) {
        for index in members.indices.dropFirst() {
            var place = index
            while place > 0, precedes(members[place].key, members[place - 1].key, in: bytes) {
                members.swapAt(place, place - 1)
                place -= 1
            }
        }
    }

    /// Whether one key sorts before another.
    static func precedes(_ left: Range<Int>, _ right: Range<Int>, in bytes: [UInt8])
        -> Bool
    {
        let shared = min(left.count, right.count)
        for index in 0..<shared {
            let (one, other) = (bytes[left.lowerBound + index], bytes[right.lowerBound + index])
            if one != other { return one < other }
        }
        return left.count < right.count
    }

    private static func writePlain(
        _ members: [JSONMember], of bytes: [UInt8], to out: inout [UInt8],
        _ wasRepaired: inout Bool
    ) throws(WireError) {
        out.append(0x7B)
        for index in members.indices {
            let member = members[index]
            if index > 0 {
                let previous = members[index - 1].key
                // Sorted, so a key that does not follow the one before it is the same key.
                guard precedes(previous, member.key, in: bytes) else {
                    throw .duplicateKey(field: printableName(bytes[member.key]))
                }
                out.append(0x2C)
            }
            out.append(0x22)
            out.append(contentsOf: bytes[member.key])
            out.append(0x22)
            out.append(0x3A)
            try writeValue(member, of: bytes, depth: 1, to: &out, &wasRepaired)
        }
        out.append(0x7D)
    }

    private static func writeDecodingKeys(
        _ members: [JSONMember], of bytes: [UInt8], depth: Int, to out: inout [UInt8],
        _ wasRepaired: inout Bool
    ) throws(WireError) {
        var named: [(name: [UInt8], member: JSONMember)] = []
        for member in members {
            named.append((JSONText.decode(bytes, member.key, wasRepaired: &wasRepaired), member))
        }
        named.sort { $0.name.lexicographicallyPrecedes($1.name) }
        out.append(0x7B)
        for (index, entry) in named.enumerated() {
            if index > 0 {
                guard named[index - 1].name != entry.name else {
                    throw .duplicateKey(field: printableName(entry.name[...]))
                }
                out.append(0x2C)
            }
            JSONText.write(entry.name, to: &out)
            out.append(0x3A)
            try writeValue(entry.member, of: bytes, depth: depth, to: &out, &wasRepaired)
        }
        out.append(0x7D)
    }

    private static func writeValue(
        _ member: JSONMember, of bytes: [UInt8], depth: Int, to out: inout [UInt8],
        _ wasRepaired: inout Bool
    ) throws(WireError) {
        switch member.type {
        case .string: writeString(member, of: bytes, to: &out, &wasRepaired)
        case .integer:
            let isMinusZero =
                member.value.count == 2 && bytes[member.value.lowerBound] == 0x2D
                && bytes[member.value.lowerBound + 1] == 0x30
            out.append(contentsOf: isMinusZero ? [0x30] : bytes[member.value])
        case .decimal: JSONText.write(bytes[member.value], to: &out)
        case .boolean, .null: out.append(contentsOf: bytes[member.value])
        case .object:
            var inner: [JSONMember] = []
            var scanner = JSONScanner(
                bytes, from: member.value.lowerBound, to: member.value.upperBound)
            try scanner.members(depth: depth + 1) { inner.append($0) }
            try writeDecodingKeys(inner, of: bytes, depth: depth + 1, to: &out, &wasRepaired)
        case .array:
            var elements: [JSONMember] = []
            var scanner = JSONScanner(
                bytes, from: member.value.lowerBound, to: member.value.upperBound)
            try scanner.elements(depth: depth + 1) { elements.append($0) }
            out.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(0x2C) }
                try writeValue(element, of: bytes, depth: depth + 1, to: &out, &wasRepaired)
            }
            out.append(0x5D)
        }
    }

    private static func writeString(
        _ member: JSONMember, of bytes: [UInt8], to out: inout [UInt8], _ wasRepaired: inout Bool
    ) {
        let inner = member.value.lowerBound + 1..<member.value.upperBound - 1
        let isAsItStands =
            !member.flags.contains(.hasEscape)
            && (!member.flags.contains(.isBeyondASCII) || JSONText.isValidUTF8(bytes, inner))
        guard !isAsItStands else {
            out.append(contentsOf: bytes[member.value])
            return
        }
        JSONText.write(
            JSONText.decode(bytes, inner, wasRepaired: &wasRepaired), to: &out)
    }

    /// Puts the flag for repaired text in its sorted place of the object that starts at an offset.
    private static func markRepaired(_ out: inout [UInt8], from start: Int) throws(WireError) {
        let object = Array(out[start...])
        var members: [JSONMember] = []
        var scanner = JSONScanner(object, from: 0, to: object.count)
        try scanner.object(into: &members)
        out.removeLast(out.count - start)
        out.append(0x7B)
        var isMarked = false
        for member in members {
            let name = object[member.key]
            if !isMarked, !name.lexicographicallyPrecedes(repairedField.utf8) {
                JSONText.write(repairedField.utf8, to: &out)
                out.append(contentsOf: Array(":true,".utf8))
                isMarked = true
            }
            guard !name.elementsEqual(repairedField.utf8) else { continue }
            out.append(contentsOf: object[member.key.lowerBound - 1..<member.value.upperBound])
            out.append(0x2C)
        }
        if isMarked {
            out.removeLast()
        } else {
            JSONText.write(repairedField.utf8, to: &out)
            out.append(contentsOf: Array(":true".utf8))
        }
        out.append(0x7D)
    }
}

/// A field's name for an error: names come from outside too, so only harmless ones are repeated.
func printableName(_ bytes: ArraySlice<UInt8>) -> String {
    let isHarmless =
        bytes.count <= 32
        && bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x40: true
            default: false
            }
        }
    return isHarmless ? String(decoding: bytes, as: UTF8.self) : "(unnamed)"
}
