import Foundation

/// Lines of the open NDJSON form, made up for a test: each carries its number as a window title.
enum Sample {
    static let start = Date(timeIntervalSince1970: 1_795_510_800)

    /// A window event whose title is `w-<number>`.
    static func line(_ number: Int, user: String = "pupil-1", more: [String: Any] = [:]) -> String {
        var fields: [String: Any] = [
            "time": time(number), "host": "LIB-PC-07", "user": user, "session": "s-\(user)",
            "kind": "window", "app": "writer", "window": "w-\(number)",
        ]
        fields.merge(more) { _, new in new }
        // try?: the fields are texts and numbers, which always encode.
        let data = try? JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// A body of several lines.
    static func body(_ lines: [String]) -> [UInt8] {
        Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// A body of good lines.
    static func body(_ numbers: Range<Int>, user: String = "pupil-1") -> [UInt8] {
        body(numbers.map { line($0, user: user) })
    }

    /// The time of an event: one a second from the start.
    static func time(_ number: Int) -> String {
        start.addingTimeInterval(Double(number)).formatted(.iso8601)
    }

    /// The keys of a text, one event each; `⌫` is one Backspace press.
    static func keys(
        _ text: String, from number: Int = 0, user: String = "pupil-1", window: String = "Essay",
        app: String = "writer"
    ) -> [String] {
        text.enumerated().map { offset, character in
            let key =
                character == "⌫" ? "Backspace" : character == "\n" ? "Enter" : String(character)
            return line(
                number + offset, user: user,
                more: ["kind": "key", "key": key, "window": window, "app": app])
        }
    }
}
