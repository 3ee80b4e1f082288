import Events

/// Writes JSON into one growing buffer: for answers with many thousands of events no tree is built first.
struct JSONWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false

    init(capacity: Int = 1_024) { bytes.reserveCapacity(capacity) }

    /// An object whose members the closure writes.
    mutating func object(_ name: String? = nil, _ members: (inout JSONWriter) throws -> Void)
        rethrows
    {
        begin(name, 0x7B)
        try members(&self)
        end(0x7D)
    }

    /// An array whose elements the closure writes.
    mutating func array(_ name: String? = nil, _ elements: (inout JSONWriter) throws -> Void)
        rethrows
    {
        begin(name, 0x5B)
        try elements(&self)
        end(0x5D)
    }

    /// A member of text; left out when nil.
    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    /// A member that is a whole number; left out when nil.
    mutating func member(_ name: String, _ number: (some BinaryInteger)?) {
        guard let number else { return }
        key(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// A member that is true or false.
    mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// A member that is a time.
    mutating func member(_ name: String, _ time: Instant?) { member(name, time?.rfc3339) }

    /// A member that is JSON already.
    mutating func member(_ name: String, json: some Collection<UInt8>) {
        key(name)
        bytes.append(contentsOf: json)
    }

    /// A member that is null.
    mutating func null(_ name: String) {
        key(name)
        bytes.append(contentsOf: "null".utf8)
    }

    /// An element of text.
    mutating func element(_ text: String) {
        comma()
        string(text)
    }

    /// An element that is a whole number.
    mutating func element(_ number: some BinaryInteger) {
        comma()
        bytes.append(contentsOf: String(number).utf8)
    }

    /// What was written, as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func begin(_ name: String?, _ bracket: UInt8) {
        if let name { key(name) } else { comma() }
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func key(_ name: String) {
        comma()
        string(name)
        bytes.append(0x3A)
    }

    private mutating func comma() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private mutating func string(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: [
                    0x5C, 0x75, 0x30, 0x30, JSONWriter.hexDigits[Int(byte >> 4)],
                    JSONWriter.hexDigits[Int(byte & 15)],
                ])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
