/// `LIMITATIONS.txt`: what the evidence does not show (evidence.md section 11). In every bundle.
enum Limitations {
    /// The points, each a heading and one or two sentences.
    static func points(_ record: IncidentRecord) -> [(heading: String, text: String)] {
        [
            (
                "An account is not a person.",
                "The record says which account was logged in, not who sat at the keyboard."
            ),
            (
                "Keys pressed are not text sent.",
                "Nothing here proves that a message was sent or read. Text that was pasted, corrected "
                    + "or suggested by a program, dictated, or entered with an input method or an "
                    + "on-screen keyboard may be missing or look different."
            ),
            (
                "Password fields are not recorded.",
                "Only the number of keys is known, never which."
            ),
            (
                "Times come from the workstation's clock.",
                "Over this window it differed from the collector's clock by "
                    + "\(record.clock.offsetMilliseconds) ms (spread "
                    + "\(record.clock.spreadMilliseconds) ms). Times of keys are cut to whole seconds."
            ),
            (
                "Only monitored computers, and only while the agent ran.",
                "Known gaps, restarts and times without the filter are listed in the bundle; "
                    + "what happened elsewhere is not here."
            ),
            (
                "A rule match is a prompt to look, not a finding of fact.",
                "Rules look for words and patterns. Jokes, quotations, lyrics and homework can match."
            ),
            (
                "Integrity is proven from receipt by the collector onward.",
                "Before that it rests on the key of the workstation and on the agent that used it."
            ),
            ("Some entries are withheld.", withheld(record)),
            ("Software can be wrong.", software(record)),
        ]
    }

    /// The file.
    static func file(_ record: IncidentRecord) -> [UInt8] {
        var lines = ["What this evidence does not show", "Bundle \(record.bundle)", ""]
        for (index, point) in points(record).enumerated() {
            lines.append("\(index + 1). \(point.heading)")
            lines += wrap(point.text, width: 76).map { "   " + $0 }
            lines.append("")
        }
        return Array(lines.map { VisibleText.marked($0) + "\n" }.joined().utf8)
    }

    private static func withheld(_ record: IncidentRecord) -> String {
        let whole = record.redactions.reduce(0) { $0 + $1.events }
        let contents = record.redactions.reduce(0) { $0 + $1.contents }
        guard whole + contents > 0 else { return "In this bundle none is." }
        let reasons = record.redactions.map {
            "\($0.events + $0.contents) because \(PlainWords.reason($0.reason))"
        }
        return "\(PlainWords.count(whole, "event")) entirely, and of "
            + "\(PlainWords.count(contents, "event")) the content: "
            + reasons.joined(separator: "; ")
            + ". Their places are shown, and the proofs hold without them."
    }

    private static func software(_ record: IncidentRecord) -> String {
        let versions = record.software.map { "\($0.name) \($0.version)" }
            .joined(separator: ", ")
        let faults =
            record.faults.isEmpty
            ? "No faults are known in this window."
            : "Faults known in this window: \(record.faults.joined(separator: "; "))."
        return "Versions: \(versions.isEmpty ? "not recorded" : versions). \(faults)"
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
