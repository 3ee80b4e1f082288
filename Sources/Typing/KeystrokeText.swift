public import Events

/// Text with keystrokes in it, as labelled cases and tests write it: `⌫` is one Backspace press, a newline
/// is Enter, a tab is Tab, and every other user-perceived character is one key.
public enum KeystrokeText {
    /// The key events that type a text, numbered from `sequence` on.
    ///
    /// - Parameter millisecondsPerKey: What the clock moves by from key to key, before each time is cut
    ///   down to the whole second (G1).
    public static func events(
        from text: String, place: Place = Place(app: "", window: ""),
        start: Instant = Instant(milliseconds: 0), sequence: UInt64 = 0,
        millisecondsPerKey: Int64 = 200, isRemote: Bool = false
    ) -> [Event] {
        var events: [Event] = []
        for key in keys(of: text) {
            let time = start.advanced(byMilliseconds: Int64(events.count) * millisecondsPerKey)
            events.append(
                Event(
                    time: time.roundedDownToSecond, sequence: sequence + UInt64(events.count),
                    body: .key(KeyPress(key: key, place: place)), isRemote: isRemote))
        }
        return events
    }

    /// The W3C key values that type a text.
    public static func keys(of text: String) -> [String] {
        var keys: [String] = []
        var plain = Substring.UnicodeScalarView()
        // By scalars first: a combining mark after ⌫ or a newline must not hide it.
        for scalar in text.unicodeScalars {
            if let name = names.first(where: { $0.scalar == scalar })?.name {
                keys.append(contentsOf: Substring(plain).map(String.init))
                plain = Substring.UnicodeScalarView()
                keys.append(name)
            } else if scalar != "\r" {
                plain.append(scalar)
            }
        }
        keys.append(contentsOf: Substring(plain).map(String.init))
        return keys
    }

    /// The text that stands for key events; keys that it has no character for (arrows, shortcuts) and
    /// events of other kinds are left out.
    public static func text(of events: some Sequence<Event>) -> String {
        var text = ""
        for event in events {
            guard case .key(let press) = event.body else { continue }
            switch KeyAction(press) {
            case .insert(let scalar): text.unicodeScalars.append(scalar)
            case .insertAll: text.unicodeScalars.append(contentsOf: press.key.unicodeScalars)
            case .backspace: text.unicodeScalars.append(Passage.deletionMark)
            case .enter, .newline: text.unicodeScalars.append("\n")
            case .tab: text.unicodeScalars.append("\t")
            default: break
            }
        }
        return text
    }

    /// The passages that a text makes when it is typed into one window.
    public static func passages(
        from text: String, place: Place = Place(app: "", window: ""),
        start: Instant = Instant(milliseconds: 0), options: PassageOptions = PassageOptions()
    ) -> [Passage] {
        var builder = PassageBuilder(options: options)
        var passages: [Passage] = []
        for event in events(from: text, place: place, start: start) {
            passages.append(contentsOf: builder.feed(event))
        }
        return passages + builder.finish()
    }

    private static let names: [(scalar: Unicode.Scalar, name: String)] = [
        (Passage.deletionMark, "Backspace"), ("\n", "Enter"), ("\t", "Tab"),
    ]
}
