import Events

/// What a key press does to a text field.
enum KeyAction: Hashable {
    /// Where the caret goes.
    enum Move { case left, right, wordLeft, wordRight, lineStart, lineEnd }

    /// Types one scalar.
    case insert(Unicode.Scalar)
    /// Types every scalar of the key's value: a composed character, an emoji, text of an input method.
    case insertAll
    case backspace(byWord: Bool)
    case delete(byWord: Bool)
    /// Enter on its own: sends, searches or begins a line.
    case enter
    /// Shift with Enter: a new line that never sends.
    case newline
    case tab
    case move(Move, extending: Bool)
    case selectAll
    case copy
    case cut
    case paste
    /// The caret goes where only the screen knows: up, down, pages, another field.
    case loseCaret
    /// Changes the text in a way that cannot be known: undo, overwrite mode, an input method without text.
    case unknown
    /// Changes no text.
    case nothing
}

extension KeyAction {
    /// Reads a W3C key value together with the modifiers held down.
    init(_ press: KeyPress) {
        let utf8 = press.key.utf8
        guard let first = utf8.first else {
            self = .nothing
            return
        }
        if utf8.count == 1 {
            self = KeyAction.ascii(first, press.modifiers)
        } else if first < 0x80, KeyAction.isName(utf8) {
            self = KeyAction.named(press.key, first, press.modifiers)
        } else {
            self = KeyAction.isShortcut(press.modifiers, letter: false) ? .nothing : .insertAll
        }
    }

    /// Whether the modifiers make a command of a key that would otherwise type.
    ///
    /// Windows reports AltGr as Control with Alt, so those two together type, unless the key is a plain
    /// letter or digit (Control, Alt and T opens a terminal).
    private static func isShortcut(_ modifiers: Modifiers, letter: Bool) -> Bool {
        if modifiers.isSubset(of: .shift) { return false }
        if modifiers.contains(.meta) { return true }
        if modifiers.contains(.altGraph) { return false }
        if modifiers.contains([.control, .alt]) { return letter }
        return modifiers.contains(.control) || modifiers.contains(.alt)
    }

    private static func ascii(_ byte: UInt8, _ modifiers: Modifiers) -> KeyAction {
        if byte >= 0x20, byte < 0x7F {
            let folded = byte | 0x20
            let isLetter = folded >= 0x61 && folded <= 0x7A || byte >= 0x30 && byte <= 0x39
            guard isShortcut(modifiers, letter: isLetter) else {
                return .insert(Unicode.Scalar(byte))
            }
            let others: Modifiers = [.alt, .meta]
            guard modifiers.contains(.control), modifiers.isDisjoint(with: others) else {
                return .nothing
            }
            return command(folded, hasShift: modifiers.contains(.shift))
        }
        // No W3C value is a control character, but some senders pass what the terminal would get.
        switch byte {
        case 0x08: return .backspace(byWord: false)
        case 0x09: return .tab
        case 0x0A, 0x0D: return .enter
        case 0x7F: return .delete(byWord: false)
        default: return .nothing
        }
    }

    /// Control with a letter. Shift keeps copy, paste and redo, as terminals and browsers have it.
    private static func command(_ letter: UInt8, hasShift: Bool) -> KeyAction {
        switch letter {
        case UInt8(ascii: "a"): hasShift ? .nothing : .selectAll
        case UInt8(ascii: "c"): .copy
        case UInt8(ascii: "v"): .paste
        case UInt8(ascii: "x"): hasShift ? .nothing : .cut
        case UInt8(ascii: "y"), UInt8(ascii: "z"): .unknown
        default: .nothing
        }
    }

    /// Names of keys begin with a capital and hold ASCII letters and digits only (W3C UI Events KeyboardEvent key).
    private static func isName(_ utf8: String.UTF8View) -> Bool {
        guard let first = utf8.first, first >= 0x41, first <= 0x5A else { return false }
        return utf8.allSatisfy { byte in
            let folded = byte | 0x20
            return folded >= 0x61 && folded <= 0x7A || byte >= 0x30 && byte <= 0x39
        }
    }

    private static func named(
        _ name: String, _ first: UInt8, _ modifiers: Modifiers
    ) -> KeyAction {
        switch first {
        case UInt8(ascii: "B"): name == "Backspace" ? backspace(modifiers) : .nothing
        case UInt8(ascii: "A"): arrow(name, modifiers)
        case UInt8(ascii: "H"): name == "Home" ? lineMove(.lineStart, modifiers) : .nothing
        case UInt8(ascii: "E"):
            switch name {
            case "Enter": enter(modifiers)
            case "End": lineMove(.lineEnd, modifiers)
            default: .nothing
            }
        default: rareName(name, modifiers)
        }
    }

    private static func rareName(_ name: String, _ modifiers: Modifiers) -> KeyAction {
        switch name {
        case "Delete": delete(modifiers)
        case "Tab": tab(modifiers)
        case "PageUp", "PageDown": .loseCaret
        case "Insert":
            modifiers.contains(.shift) ? .paste : modifiers.contains(.control) ? .copy : .unknown
        case "Copy": .copy
        case "Cut": .cut
        case "Paste": .paste
        case "Undo", "Redo", "Clear", "Process", "Unidentified": .unknown
        // Dead, Compose, Shift, CapsLock, Escape, F1 to F24 and every name that we do not know.
        default: .nothing
        }
    }

    private static func backspace(_ modifiers: Modifiers) -> KeyAction {
        // Alt with Backspace is undo in some programs and a word in others.
        modifiers.contains(.alt) ? .unknown : .backspace(byWord: modifiers.contains(.control))
    }

    private static func delete(_ modifiers: Modifiers) -> KeyAction {
        if modifiers.contains(.alt) { return .unknown }
        let hasControl = modifiers.contains(.control)
        return modifiers.contains(.shift) && !hasControl ? .cut : .delete(byWord: hasControl)
    }

    private static func enter(_ modifiers: Modifiers) -> KeyAction {
        if modifiers.contains(.alt) { return .unknown }
        return modifiers.contains(.shift) && !modifiers.contains(.control) ? .newline : .enter
    }

    private static func tab(_ modifiers: Modifiers) -> KeyAction {
        guard modifiers.isSubset(of: .shift) else { return .nothing }
        return modifiers.contains(.shift) ? .loseCaret : .tab
    }

    private static func arrow(_ name: String, _ modifiers: Modifiers) -> KeyAction {
        let isWord = modifiers.contains(.control)
        let move: Move
        switch name {
        case "ArrowLeft": move = isWord ? .wordLeft : .left
        case "ArrowRight": move = isWord ? .wordRight : .right
        case "ArrowUp", "ArrowDown": return .loseCaret
        default: return .nothing
        }
        // Alt with an arrow turns a browser's page back.
        guard modifiers.isDisjoint(with: [.alt, .meta]) else { return .loseCaret }
        return .move(move, extending: modifiers.contains(.shift))
    }

    private static func lineMove(_ move: Move, _ modifiers: Modifiers) -> KeyAction {
        // Control with Home or End goes to the ends of a document that we have not seen.
        guard modifiers.isSubset(of: .shift) else { return .loseCaret }
        return .move(move, extending: modifiers.contains(.shift))
    }
}
