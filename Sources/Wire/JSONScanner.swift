import Bytes
import Events

/// One member of a JSON object: where its key and value lie in the bytes that were scanned.
struct JSONMember {
    /// The key between its quotes.
    var key: Range<Int>
    /// The value, quotes and brackets included.
    var value: Range<Int>
    var type: JSONType
    /// Whether the key is plain ASCII without escapes, so that its bytes are its name.
    var isPlainKey: Bool
    /// What the value's text holds, where it is a string.
    var flags: JSONStringFlags
}

/// What a scanned string needs before its bytes are its text.
struct JSONStringFlags: OptionSet {
    let rawValue: UInt8
    static let hasEscape = JSONStringFlags(rawValue: 1)
    static let isBeyondASCII = JSONStringFlags(rawValue: 2)
}

enum JSONType: UInt8 {
    case string, integer, decimal, boolean, null, array, object
}

/// Scans JSON (RFC 8259) in one pass over bytes, strictly: no trailing commas, no comments, no
/// control characters in strings, numbers as the grammar has them.
///
/// It finds the members of one object and checks everything below them. It does not decode: that is
/// left to those who need a value. Broken UTF-8 and lone surrogates are not its matter either; see
/// ``JSONText``.
struct JSONScanner {
    let bytes: [UInt8]
    let end: Int
    /// Errors give offsets relative to this.
    let base: Int
    var at: Int

    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        base = start
        at = start
    }

    /// Scans one object that fills the range (white space around it is allowed) into `members`.
    mutating func object(into members: inout [JSONMember]) throws(WireError) {
        members.removeAll(keepingCapacity: true)
        if at + 2 < end, bytes[at] == 0xEF, bytes[at + 1] == 0xBB, bytes[at + 2] == 0xBF {
            throw fault(.byteOrderMark)
        }
        skipSpace()
        guard at < end, bytes[at] == 0x7B else { throw fault(.notAnObject) }
        try self.members(depth: 1) { members.append($0) }
        skipSpace()
        guard at == end else { throw fault(.trailingBytes) }
    }

    /// Scans the members of an object whose `{` is at the position.
    mutating func members(depth: Int, _ visit: (JSONMember) -> Void) throws(WireError) {
        guard depth <= EventLimits.depthMaximum else {
            throw .tooDeep(limit: EventLimits.depthMaximum)
        }
        at += 1
        skipSpace()
        if at < end, bytes[at] == 0x7D {
            at += 1
            return
        }
        while true {
            guard at < end else { throw fault(.unexpectedEnd) }
            guard bytes[at] == 0x22 else { throw fault(.unexpectedByte) }
            let keyStart = at + 1
            let isPlainKey = try string().isEmpty
            let key = keyStart..<at - 1
            skipSpace()
            guard at < end else { throw fault(.unexpectedEnd) }
            guard bytes[at] == 0x3A else { throw fault(.unexpectedByte) }
            at += 1
            skipSpace()
            let valueStart = at
            let (type, flags) = try value(depth: depth)
            visit(
                JSONMember(
                    key: key, value: valueStart..<at, type: type, isPlainKey: isPlainKey,
                    flags: flags))
            skipSpace()
            guard at < end else { throw fault(.unexpectedEnd) }
            if bytes[at] == 0x7D {
                at += 1
                return
            }
            guard bytes[at] == 0x2C else { throw fault(.unexpectedByte) }
            at += 1
            skipSpace()
        }
    }

    /// Scans the elements of an array whose `[` is at the position.
    mutating func elements(depth: Int, _ visit: (JSONMember) -> Void) throws(WireError) {
        guard depth <= EventLimits.depthMaximum else {
            throw .tooDeep(limit: EventLimits.depthMaximum)
        }
        at += 1
        skipSpace()
        if at < end, bytes[at] == 0x5D {
            at += 1
            return
        }
        while true {
            let start = at
            let (type, flags) = try value(depth: depth)
            visit(
                JSONMember(
                    key: start..<start, value: start..<at, type: type, isPlainKey: true,
                    flags: flags))
            skipSpace()
            guard at < end else { throw fault(.unexpectedEnd) }
            if bytes[at] == 0x5D {
                at += 1
                return
            }
            guard bytes[at] == 0x2C else { throw fault(.unexpectedByte) }
            at += 1
            skipSpace()
        }
    }

    private mutating func value(depth: Int) throws(WireError) -> (JSONType, JSONStringFlags) {
        guard at < end else { throw fault(.unexpectedEnd) }
        switch bytes[at] {
        case 0x22: return (.string, try string())
        case 0x2D, 0x30...0x39: return (try number(), [])
        case 0x7B:
            try members(depth: depth + 1) { _ in }
            return (.object, [])
        case 0x5B:
            try elements(depth: depth + 1) { _ in }
            return (.array, [])
        case 0x74:
            try literal("true")
            return (.boolean, [])
        case 0x66:
            try literal("false")
            return (.boolean, [])
        case 0x6E:
            try literal("null")
            return (.null, [])
        default: throw fault(.unexpectedByte)
        }
    }

    /// Scans a string whose opening quote is at the position.
    private mutating func string() throws(WireError) -> JSONStringFlags {
        var flags: JSONStringFlags = []
        at += 1
        while true {
            at = ByteRuns.firstNotPlain(in: bytes, at..<end)
            guard at < end else { throw fault(.unexpectedEnd) }
            switch bytes[at] {
            case 0x22:
                at += 1
                return flags
            case 0x5C:
                flags.insert(.hasEscape)
                try escape()
            case 0x80...:
                flags.insert(.isBeyondASCII)
                while at < end, bytes[at] >= 0x80 { at += 1 }
            default: throw fault(.controlCharacter)
            }
        }
    }

    private mutating func escape() throws(WireError) {
        guard at + 1 < end else { throw fault(.unexpectedEnd) }
        switch bytes[at + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: at += 2
        case 0x75:
            guard at + 6 <= end else { throw fault(.unexpectedEnd) }
            for index in at + 2..<at + 6 {
                switch bytes[index] {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: continue
                default: throw fault(.badEscape)
                }
            }
            at += 6
        default: throw fault(.badEscape)
        }
    }

    private mutating func number() throws(WireError) -> JSONType {
        if bytes[at] == 0x2D { at += 1 }
        guard at < end else { throw fault(.unexpectedEnd) }
        if bytes[at] == 0x30 {
            at += 1
            if at < end, isDigit(bytes[at]) { throw fault(.badNumber) }
        } else {
            try digits()
        }
        var type = JSONType.integer
        if at < end, bytes[at] == 0x2E {
            type = .decimal
            at += 1
            try digits()
        }
        if at < end, bytes[at] | 0x20 == 0x65 {
            type = .decimal
            at += 1
            if at < end, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
            try digits()
        }
        return type
    }

    private mutating func digits() throws(WireError) {
        guard at < end, isDigit(bytes[at]) else { throw fault(.badNumber) }
        while at < end, isDigit(bytes[at]) { at += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }

    private mutating func literal(_ text: StaticString) throws(WireError) {
        let size = text.utf8CodeUnitCount
        guard at + size <= end else { throw fault(.unexpectedEnd) }
        // The grammar has three literals; the first byte chose which, the rest must follow.
        var index = 0
        for byte in text.description.utf8 {
            guard bytes[at + index] == byte else { throw fault(.unexpectedByte) }
            index += 1
        }
        at += size
    }

    private mutating func skipSpace() {
        while at < end {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private func fault(_ why: WireError.JSONFault) -> WireError {
        .notJSON(offset: at - base, why: why)
    }
}
