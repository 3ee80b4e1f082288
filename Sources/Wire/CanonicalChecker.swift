import Events

/// Checks that contents are canonical by writing them canonically and comparing.
struct CanonicalChecker {
    private var members: [JSONMember] = []
    private var scratch: [UInt8] = []

    init() {}

    mutating func check(_ bytes: [UInt8], _ range: Range<Int>, kind: EventKind)
        throws(WireError)
    {
        guard range.count <= EventLimits.contentSizeMaximum else {
            throw .tooLong(
                field: "content", bytes: range.count, limit: EventLimits.contentSizeMaximum)
        }
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        try scanner.object(into: &members)
        try ContentSchema.check(members, of: bytes, kind: kind)
        if CanonicalChecker.isAsItStands(members, of: bytes, range) { return }
        scratch.removeAll(keepingCapacity: true)
        let wasRepaired = try CanonicalContent.write(&members, of: bytes, to: &scratch)
        guard !wasRepaired, isEqual(scratch, bytes, range) else { throw .notCanonical }
    }

    /// Whether a content is plainly canonical, so that it need not be written to be compared: sorted plain keys,
    /// no white space, and nothing but whole numbers, literals, and strings without escapes.
    private static func isAsItStands(
        _ members: [JSONMember], of bytes: [UInt8], _ range: Range<Int>
    ) -> Bool {
        var at = range.lowerBound
        for index in members.indices {
            let member = members[index]
            // The brace or comma, then the key's quote; after the key a quote and a colon.
            guard member.isPlainKey, member.key.lowerBound == at + 2,
                member.value.lowerBound == member.key.upperBound + 2,
                index == 0
                    || CanonicalContent.precedes(members[index - 1].key, member.key, in: bytes)
            else { return false }
            switch member.type {
            case .string: guard member.flags.isEmpty else { return false }
            case .integer:
                guard bytes[member.value.lowerBound] != 0x2D || member.value.count > 2 else {
                    return false
                }
            case .boolean, .null: break
            case .decimal, .array, .object: return false
            }
            at = member.value.upperBound
        }
        return !members.isEmpty && at + 1 == range.upperBound
    }
}
