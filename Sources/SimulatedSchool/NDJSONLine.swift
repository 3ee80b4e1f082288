public import Events
import Wire

/// Events in the open form of `POST /v1/ingest`, one JSON object a line (`events.md`).
public enum NDJSONLine {
    /// Appends an event as one line with its end.
    ///
    /// The members are `time`, `host`, `user`, `session`, `seq`, `kind`, then those of the content in
    /// canonical form.
    public static func append(_ event: Event, _ context: SessionContext, to out: inout [UInt8]) {
        out.append(contentsOf: #"{"time":""#.utf8)
        append(event.time, to: &out)
        out.append(contentsOf: #"","host":"#.utf8)
        append(context.machine.rawValue, to: &out)
        out.append(contentsOf: #","user":"#.utf8)
        append(context.student.rawValue, to: &out)
        out.append(contentsOf: #","session":"#.utf8)
        append(context.session.rawValue, to: &out)
        out.append(contentsOf: #","seq":"#.utf8)
        append(event.sequence, to: &out)
        out.append(contentsOf: #","kind":""#.utf8)
        out.append(contentsOf: event.kind.name.utf8)
        out.append(UInt8(ascii: "\""))
        appendContent(event, to: &out)
        out.append(UInt8(ascii: "\n"))
    }

    /// The members of the content with a comma before them, and the object's end.
    private static func appendContent(_ event: Event, to out: inout [UInt8]) {
        // Nearly all events are plain keys; they need no list of fields.
        if case .key(let press) = event.body, press.modifiers.isEmpty, event.isOnSite == nil,
            !event.isRemote
        {
            out.append(contentsOf: #","app":"#.utf8)
            append(press.place.app, to: &out)
            out.append(contentsOf: #","key":"#.utf8)
            append(press.key, to: &out)
            out.append(contentsOf: #","window":"#.utf8)
            append(press.place.window, to: &out)
            out.append(UInt8(ascii: "}"))
            return
        }
        let content = CanonicalContent.encode(event)
        out.append(UInt8(ascii: content.count > 2 ? "," : "}"))
        if content.count > 2 { out.append(contentsOf: content[1...]) }
    }

    private static func append(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                out.append(byte)
            } else {
                appendEscaped(byte, to: &out)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
        case 0x08: out.append(UInt8(ascii: "b"))
        case 0x09: out.append(UInt8(ascii: "t"))
        case 0x0A: out.append(UInt8(ascii: "n"))
        case 0x0C: out.append(UInt8(ascii: "f"))
        case 0x0D: out.append(UInt8(ascii: "r"))
        default:
            out.append(contentsOf: "u00".utf8)
            for nibble in [byte >> 4, byte & 15] {
                out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
            }
        }
    }

    /// RFC 3339, without a fraction where the time is a whole second.
    private static func append(_ time: Instant, to out: inout [UInt8]) {
        let text = time.rfc3339.utf8
        if time == time.roundedDownToSecond {
            out.append(contentsOf: text.dropLast(5))
            out.append(UInt8(ascii: "Z"))
        } else {
            out.append(contentsOf: text)
        }
    }

    private static func append(_ number: UInt64, to out: inout [UInt8]) {
        var rest = number
        let start = out.count
        repeat {
            out.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        out[start...].reverse()
    }
}
