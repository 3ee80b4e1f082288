import Events

/// Writes JSON into one growing buffer: for answers with many thousands of events no tree is built first.
struct JSONWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false
    /// Times that were written last, as they stand in the JSON.
    private var recentTimes: [(instant: Instant, text: [UInt8])] = []

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
        integer(number)
    }

    /// A member that is true or false.
    mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// A member that is a time.
    mutating func member(_ name: String, _ time: Instant?) {
        guard let time else { return }
        key(name)
        // Events come by the second and batches at once: most times were just written.
        if let known = recentTimes.first(where: { $0.instant == time }) {
            bytes.append(contentsOf: known.text)
            return
        }
        let start = bytes.count
        string(time.rfc3339)
        if recentTimes.count == 4 { recentTimes.removeFirst() }
        recentTimes.append((time, Array(bytes[start...])))
    }

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
        integer(number)
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

    private mutating func integer(_ number: some BinaryInteger) {
        guard var rest = UInt64(exactly: number.magnitude) else {
            bytes.append(contentsOf: String(number).utf8)
            return
        }
        if number < 0 { bytes.append(0x2D) }
        let start = bytes.count
        repeat {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Text in quotes. Nearly all of it needs no escape, so it is copied whole and then looked at.
    private mutating func string(_ text: String) {
        bytes.append(0x22)
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        for index in start..<bytes.count where JSONWriter.isEscaped(bytes[index]) {
            bytes.removeLast(bytes.count - start)
            escaped(text)
            break
        }
        bytes.append(0x22)
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F
    }

    private mutating func escaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case _ where JSONWriter.isEscaped(byte):
                bytes.append(contentsOf: [
                    0x5C, 0x75, 0x30, 0x30, JSONWriter.hexDigits[Int(byte >> 4)],
                    JSONWriter.hexDigits[Int(byte & 15)],
                ])
            default: bytes.append(byte)
            }
        }
    }
}
