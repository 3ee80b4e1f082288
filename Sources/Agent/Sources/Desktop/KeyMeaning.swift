/// What an X key symbol means to whoever types it.
enum KeyMeaning: Equatable, Sendable {
    /// It types this text.
    case text(String)
    /// A key with a W3C name (UI Events KeyboardEvent key Values).
    case named(String)
    /// A dead key: the accent waits for the next key.
    case dead(KeyComposer.Accent)
    /// Begins a compose sequence.
    case compose
    /// Changes only what other keys mean; the keys it changes tell of it.
    case modifier

    /// The meaning of a key symbol that is no modifier.
    init(symbol: UInt32) {
        if let name = KeyMeaning.names[symbol] {
            self = .named(name)
        } else if symbol == 0xFF20 {
            self = .compose
        } else if let accent = KeyComposer.Accent(symbol: symbol) {
            self = .dead(accent)
        } else if (0xFFBE...0xFFE0).contains(symbol) {
            self = .named("F\(symbol - 0xFFBE + 1)")
        } else if let scalar = KeyMeaning.scalar(of: symbol) {
            self = .text(String(scalar))
        } else {
            self = .named("Unidentified")
        }
    }

    /// The character that a key symbol types.
    static func scalar(of symbol: UInt32) -> Unicode.Scalar? {
        switch symbol {
        case 0x20...0x7E, 0xA0...0xFF: Unicode.Scalar(symbol)
        // Key symbols made of Unicode carry it in their low 24 bits.
        case 0x0100_0100...0x0110_FFFF: Unicode.Scalar(symbol - 0x0100_0000)
        // The number pad.
        case 0xFFB0...0xFFB9: Unicode.Scalar(symbol - 0xFFB0 + 0x30)
        case 0xFF80: " "
        case 0xFFAA: "*"
        case 0xFFAB: "+"
        case 0xFFAC: ","
        case 0xFFAD: "-"
        case 0xFFAE: "."
        case 0xFFAF: "/"
        case 0xFFBD: "="
        default: LegacyKeySymbols.scalar(of: symbol)
        }
    }

    private static let names: [UInt32: String] = [
        0xFF08: "Backspace", 0xFF09: "Tab", 0xFE20: "Tab", 0xFF0A: "Enter", 0xFF0B: "Clear",
        0xFF0D: "Enter", 0xFF13: "Pause", 0xFF14: "ScrollLock", 0xFF15: "PrintScreen",
        0xFF1B: "Escape", 0xFFFF: "Delete",
        0xFF50: "Home", 0xFF51: "ArrowLeft", 0xFF52: "ArrowUp", 0xFF53: "ArrowRight",
        0xFF54: "ArrowDown", 0xFF55: "PageUp", 0xFF56: "PageDown", 0xFF57: "End",
        0xFF60: "Select", 0xFF61: "PrintScreen", 0xFF62: "Execute", 0xFF63: "Insert",
        0xFF65: "Undo", 0xFF66: "Redo", 0xFF67: "ContextMenu", 0xFF68: "Find", 0xFF69: "Cancel",
        0xFF6A: "Help", 0xFF6B: "Pause",
        // The number pad without NumLock.
        0xFF89: "Tab", 0xFF8D: "Enter", 0xFF91: "F1", 0xFF92: "F2", 0xFF93: "F3", 0xFF94: "F4",
        0xFF95: "Home", 0xFF96: "ArrowLeft", 0xFF97: "ArrowUp", 0xFF98: "ArrowRight",
        0xFF99: "ArrowDown", 0xFF9A: "PageUp", 0xFF9B: "PageDown", 0xFF9C: "End",
        0xFF9D: "Clear", 0xFF9E: "Insert", 0xFF9F: "Delete",
        // Japanese and Korean input.
        0xFF21: "KanjiMode", 0xFF22: "NonConvert", 0xFF23: "Convert", 0xFF24: "Romaji",
        0xFF25: "Hiragana", 0xFF26: "Katakana", 0xFF27: "HiraganaKatakana",
        0xFF28: "Zenkaku", 0xFF29: "Hankaku", 0xFF2A: "ZenkakuHankaku", 0xFF31: "HangulMode",
        0xFF34: "HanjaMode",
        // Keys of multimedia keyboards.
        0x1008_FF11: "AudioVolumeDown", 0x1008_FF12: "AudioVolumeMute",
        0x1008_FF13: "AudioVolumeUp", 0x1008_FF14: "MediaPlayPause", 0x1008_FF15: "MediaStop",
        0x1008_FF16: "MediaTrackPrevious", 0x1008_FF17: "MediaTrackNext",
        0x1008_FF18: "BrowserHome", 0x1008_FF19: "LaunchMail", 0x1008_FF1B: "BrowserSearch",
        0x1008_FF1D: "LaunchApplication2", 0x1008_FF26: "BrowserBack",
        0x1008_FF27: "BrowserForward", 0x1008_FF28: "BrowserStop", 0x1008_FF29: "BrowserRefresh",
        0x1008_FF2F: "Standby", 0x1008_FF2A: "Power", 0x1008_FF30: "BrowserFavorites",
        0x1008_FF56: "Close", 0x1008_FF57: "Copy", 0x1008_FF58: "Cut", 0x1008_FF6B: "Open",
        0x1008_FF6D: "Paste", 0x1008_FF77: "Save", 0x1008_FF02: "BrightnessUp",
        0x1008_FF03: "BrightnessDown",
    ]
}
