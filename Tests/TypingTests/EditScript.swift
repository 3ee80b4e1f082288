import Events
import Typing

// A script of keys and other events as `Fixtures/typing/edits.txt` writes it:
//
//     plain characters       one key each
//     <Name> <Control+Name>  a named key, with modifiers; <<> is the key "<", <U+0008> the key with that scalar
//     {window App|Title}     the focus moves       {click left App|Title}   also right, middle
//     {secret 3 App|Title}   keys withheld         {wait 130}               seconds go by
//     {paste TEXT}           what the clipboard event tells; {paste #5} tells only a length
//     {copy TEXT} {copy #5}  the same for copying  {clock 3600}             the clock jumps, in seconds
//     {remote on} {remote off}  whose keys they are    {lock} {end} {gap}
//
// The script starts in the window Editor|Notes at 09:00 with sequence number 0.

struct EditScript {
    private(set) var events: [Event] = []
    private var place = Place(app: "Editor", window: "Notes")
    private var time = Instant(milliseconds: 1_795_597_200_000)
    private var isRemote = false

    init(_ script: String) {
        var rest = Substring(script)
        while let first = rest.first {
            let closing: Character? = first == "<" ? ">" : first == "{" ? "}" : nil
            rest.removeFirst()
            guard let closing else {
                press(String(first), [])
                continue
            }
            // A key may be ">" itself, so the search starts after the first character inside.
            guard let end = rest.dropFirst().firstIndex(of: closing) else {
                preconditionFailure("a script has a bracket without its end: \(script)")
            }
            let inside = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if first == "<" { named(inside) } else { command(inside) }
        }
    }

    private mutating func add(_ body: EventBody) {
        events.append(
            Event(time: time, sequence: UInt64(events.count), body: body, isRemote: isRemote))
    }

    private mutating func press(_ key: String, _ modifiers: Modifiers) {
        add(.key(KeyPress(key: key, place: place, modifiers: modifiers)))
    }

    private mutating func named(_ text: String) {
        if text.hasPrefix("U+"), let value = UInt32(text.dropFirst(2), radix: 16),
            let scalar = Unicode.Scalar(value)
        {
            return press(String(Character(scalar)), [])
        }
        var parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let key = parts.removeLast()
        var modifiers: Modifiers = []
        for part in parts {
            guard let modifier = Modifiers.names.first(where: { $0.1 == part })?.0 else {
                preconditionFailure("no such modifier: \(part)")
            }
            modifiers.insert(modifier)
        }
        press(key, modifiers)
    }

    private mutating func command(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "window":
            place = EditScript.place(argument)
            add(.window(place))
        case "focus": place = EditScript.place(argument)
        case "click":
            let parts = argument.split(separator: " ", maxSplits: 1).map(String.init)
            guard let button = EventBody.MouseButton(rawValue: parts[0]) else {
                preconditionFailure("no such button: \(argument)")
            }
            let there = parts.count > 1 ? EditScript.place(parts[1]) : place
            add(.click(button: button, x: 10, y: 20, place: there))
        case "secret":
            let parts = argument.split(separator: " ", maxSplits: 1).map(String.init)
            let there = parts.count > 1 ? EditScript.place(parts[1]) : place
            add(.secret(count: Int(parts[0]) ?? 0, place: there))
        case "wait": time = time.advanced(byMilliseconds: (Int64(argument) ?? 0) * 1_000)
        case "copy", "cut", "paste": clipboard(words[0], argument)
        case "clock":
            let before = time
            time = time.advanced(byMilliseconds: (Int64(argument) ?? 0) * 1_000)
            add(.clock(before: before, after: time))
        case "remote": isRemote = argument == "on"
        case "lock": add(.session(.lock))
        case "end": add(.session(.end))
        case "gap": add(.gap(first: 0, last: 0, cause: "test"))
        default: preconditionFailure("no such command: \(text)")
        }
    }

    private mutating func clipboard(_ operation: String, _ argument: String) {
        guard let operation = EventBody.ClipboardOperation(rawValue: operation) else { return }
        let text = argument.hasPrefix("#") ? nil : unescaped(argument)
        let length = text?.count ?? Int(argument.dropFirst()) ?? 0
        add(.clipboard(operation: operation, length: length, text: text))
    }

    private static func place(_ text: String) -> Place {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        return Place(app: parts[0], window: parts.count > 1 ? parts[1] : "")
    }
}

/// The passages that events make, with the end of the events as the last cut.
func passages(
    of events: [Event], options: PassageOptions = PassageOptions()
) -> [Passage] {
    var builder = PassageBuilder(options: options)
    return events.flatMap { builder.feed($0) } + builder.finish()
}

/// `\n`, `\t`, `\r` and `\u{..}` for what a line of a fixture cannot show.
func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": result.append(contentsOf: "\\n".unicodeScalars)
        case "\t": result.append(contentsOf: "\\t".unicodeScalars)
        case "\r": result.append(contentsOf: "\\r".unicodeScalars)
        default: result.append(scalar)
        }
    }
    return String(result)
}

private func unescaped(_ text: String) -> String {
    text.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        .split(separator: "\\r", omittingEmptySubsequences: false).joined(separator: "\r")
}

/// Numbers with runs written short: `0-4 7 5`.
func runs(_ numbers: [UInt64]) -> String {
    var parts: [(UInt64, UInt64)] = []
    for number in numbers {
        if let last = parts.last, number == last.1 + 1 {
            parts[parts.count - 1].1 = number
        } else {
            parts.append((number, number))
        }
    }
    return parts.map { $0 == $1 ? "\($0)" : "\($0)-\($1)" }.joined(separator: " ")
}
