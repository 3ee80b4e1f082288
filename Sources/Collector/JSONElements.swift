/// Brings a JSON array, one object or objects written one after the other into one object a line.
///
/// It only finds where elements begin and end; whether each is an event is judged line by line as for
/// NDJSON, so one bad element does not sink the others. Line numbers are then element numbers, from 1.
struct JSONElements {
    private var out: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isInArray = false

    /// The elements of a body, each on a line of its own.
    static func lines(of body: [UInt8]) -> [UInt8] {
        var elements = JSONElements()
        elements.out.reserveCapacity(body.count + 64)
        for byte in body {
            if elements.isInString {
                elements.takeInString(byte)
            } else if elements.depth == 0 {
                elements.takeOutside(byte)
            } else {
                elements.takeInside(byte)
            }
        }
        return elements.out
    }

    private mutating func takeInString(_ byte: UInt8) {
        // A raw line end inside a string is not JSON: a tab keeps it wrong without making a line.
        out.append(byte == 0x0A ? 0x09 : byte)
        if isEscaped {
            isEscaped = false
        } else if byte == 0x5C {
            isEscaped = true
        } else if byte == 0x22 {
            isInString = false
        }
    }

    private mutating func takeOutside(_ byte: UInt8) {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: return
        case 0x5B where !isInArray && out.isEmpty: isInArray = true
        case 0x5D where isInArray: isInArray = false
        case 0x2C where isInArray: if !out.isEmpty, out.last != 0x0A { out.append(0x0A) }
        default: takeInside(byte)
        }
    }

    private mutating func takeInside(_ byte: UInt8) {
        out.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte)
        switch byte {
        case 0x22: isInString = true
        case 0x7B, 0x5B: depth += 1
        case 0x7D, 0x5D:
            depth = max(0, depth - 1)
            if depth == 0 { out.append(0x0A) }
        default: break
        }
    }
}
