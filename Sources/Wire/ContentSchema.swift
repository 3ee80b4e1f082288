import Bytes
import Events

/// Which fields each kind has and of which type (`events.md`, table Kinds).
///
/// A field that only describes (a title, a parent) may be missing, since tools that schools already
/// run do not all know it; a field without which the event says nothing must be there.
enum ContentSchema {
    /// What a value must be.
    enum FieldType {
        case text(sizeMaximum: Int)
        case integer(ClosedRange<Int64>)
        case boolean
        case oneOf(Choices)
        case modifiers
        /// A time as the sender writes it: text or Unix milliseconds.
        case time
    }

    /// The values a field may have.
    struct Choices: ExpressibleByArrayLiteral {
        let texts: [[UInt8]]
        init(arrayLiteral elements: String...) { texts = elements.map { Array($0.utf8) } }
        var list: String {
            texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        }
    }

    struct Field {
        let name: [UInt8]
        let type: FieldType
        let isRequired: Bool

        init(_ name: String, _ type: FieldType, required isRequired: Bool = false) {
            self.name = Array(name.utf8)
            self.type = type
            self.isRequired = isRequired
        }
    }

    /// Unix milliseconds from 0001-01-01 to 9999-12-31, what RFC 3339 can write.
    static let timesAllowed: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Bytes of a key's value: 32 hold every named key and any one composed character.
    static let keySizeMaximum = 32

    /// The fields of a kind; those of every kind (`site`, `remote`) are in ``common``.
    static func fields(of kind: EventKind) -> [Field] { table[Int(kind.rawValue)] }

    static let common = [
        Field("site", .oneOf(["on", "off"])),
        Field("remote", .boolean),
    ]

    private static let text = FieldType.text(sizeMaximum: EventLimits.contentSizeMaximum)
    private static let place = [Field("app", text), Field("window", text)]
    private static let processIDs = FieldType.integer(0...Int64(Int32.max))
    private static let pixels = FieldType.integer(-100_000...100_000)

    private static let table: [[Field]] = (0...UInt8(EventKind.allCases.count)).map { raw in
        guard let kind = EventKind(rawValue: raw) else { return [] }
        switch kind {
        case .key:
            return place + [
                Field("key", .text(sizeMaximum: keySizeMaximum), required: true),
                Field("modifiers", .modifiers),
            ]
        case .secret:
            return place + [Field("count", .integer(0...1_000_000), required: true)]
        case .click:
            return place + [
                Field("button", .oneOf(["left", "right", "middle"]), required: true),
                Field("x", pixels), Field("y", pixels),
            ]
        case .window: return [Field("app", text), Field("window", text, required: true)]
        case .process:
            return [
                Field("action", .oneOf(["start", "end"]), required: true),
                Field("image", text, required: true), Field("commandLine", text),
                Field("parentImage", text), Field("pid", processIDs),
                Field("parentPid", processIDs),
            ]
        case .url:
            return [
                Field("url", text, required: true), Field("title", text), Field("app", text),
                Field("origin", .oneOf(["navigated", "embedded", "background"])),
            ]
        case .clipboard:
            return [
                Field("operation", .oneOf(["copy", "cut", "paste"]), required: true),
                Field("length", .integer(0...Int64(Int32.max))), Field("text", text),
                Field("app", text), Field("window", text),
            ]
        case .session:
            return [
                Field(
                    "action", .oneOf(["start", "end", "lock", "unlock", "switch"]), required: true)
            ]
        case .notice:
            return [
                Field("action", .oneOf(["shown", "accepted", "declined"]), required: true),
                Field("version", text, required: true),
            ]
        case .filter:
            return [
                Field(
                    "action", .oneOf(["off", "on", "blocked", "list-changed"]), required: true),
                Field("for", text), Field("reason", text), Field("approver", text),
                Field("until", text),
            ]
        case .guest:
            return [
                Field("action", .oneOf(["issued", "expired"]), required: true),
                Field("sponsor", text), Field("until", text),
            ]
        case .media:
            return [
                Field("action", .oneOf(["inserted", "removed"]), required: true),
                Field("device", text),
            ]
        case .agent:
            return [
                Field(
                    "action", .oneOf(["start", "stop", "heartbeat", "tamper", "update"]),
                    required: true)
            ]
        case .clock:
            return [Field("before", .time, required: true), Field("after", .time, required: true)]
        case .gap:
            return [
                Field("first", .integer(0...Int64.max), required: true),
                Field("last", .integer(0...Int64.max), required: true), Field("cause", text),
            ]
        }
    }

    /// Checks the members of a content against its kind. Fields the kind does not know are left alone.
    static func check(_ members: [JSONMember], of bytes: [UInt8], kind: EventKind)
        throws(WireError)
    {
        for field in fields(of: kind) { try check(field, in: members, of: bytes) }
        for field in common { try check(field, in: members, of: bytes) }
    }

    private static func check(_ field: Field, in members: [JSONMember], of bytes: [UInt8])
        throws(WireError)
    {
        guard let member = members.first(where: { isKey(field.name, of: $0, in: bytes) }) else {
            guard !field.isRequired else { throw .missingField(fieldName(field)) }
            return
        }
        switch field.type {
        case .text(let limit):
            guard member.type == .string else { throw wrong(field, "a string") }
            let size = member.value.count - 2
            guard size <= limit else {
                throw .tooLong(field: fieldName(field), bytes: size, limit: limit)
            }
        case .integer(let allowed):
            guard member.type == .integer,
                let value = integer(in: bytes, member.value), allowed.contains(value)
            else {
                throw wrong(
                    field, "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
            }
        case .boolean:
            guard member.type == .boolean else { throw wrong(field, "true or false") }
        case .oneOf(let allowed):
            guard member.type == .string else { throw wrong(field, "a string") }
            let text = member.value.dropFirst().dropLast()
            guard allowed.texts.contains(where: { isEqual($0, bytes, text) }) else {
                throw .notAllowed(field: fieldName(field), allowed: allowed.list)
            }
        case .modifiers:
            guard member.type == .array || member.type == .string else {
                throw wrong(field, "a list of W3C modifier names")
            }
        case .time:
            guard isTime(member, in: bytes) else {
                throw wrong(field, "an RFC 3339 time or Unix milliseconds")
            }
        }
    }

    /// Times beyond the years that RFC 3339 can write would overflow whoever adds to them.
    private static func isTime(_ member: JSONMember, in bytes: [UInt8]) -> Bool {
        if member.type == .integer {
            return integer(in: bytes, member.value).map(timesAllowed.contains) ?? false
        }
        guard member.type == .string else { return false }
        let inner = member.value.dropFirst().dropLast()
        return Instant.parse(bytes.span.extracting(inner)) != nil
    }

    private static func fieldName(_ field: Field) -> String {
        String(decoding: field.name, as: UTF8.self)
    }

    private static func wrong(_ field: Field, _ expected: String) -> WireError {
        .wrongType(field: fieldName(field), expected: expected)
    }
}

/// Whether a member's key is a name; keys with escapes or beyond ASCII never are one of ours.
func isKey(_ name: [UInt8], of member: JSONMember, in bytes: [UInt8]) -> Bool {
    member.isPlainKey && isEqual(name, bytes, member.key)
}

/// Whether a range of bytes is the same as some text.
func isEqual(_ text: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    ByteRuns.isSame(text, bytes, range)
}

/// The value of scanned digits; nil when it does not fit 64 bits.
func integer(in bytes: [UInt8], _ range: Range<Int>) -> Int64? {
    var value: Int64 = 0
    let isNegative = bytes[range.lowerBound] == 0x2D
    for index in (isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound {
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
        let (next, overflowAgain) = shifted.subtractingReportingOverflow(
            Int64(bytes[index] - 0x30))
        guard !overflow, !overflowAgain else { return nil }
        value = next
    }
    if isNegative { return value }
    return value == Int64.min ? nil : -value
}
