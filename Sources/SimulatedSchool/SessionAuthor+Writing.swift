import Events

/// Homework, code and letters.
extension SessionAuthor {
    /// A few sentences of an essay, with second thoughts.
    mutating func writeEssay() {
        start(#"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE"#)
        let topic = subject.topics[pupilTopic]
        desk.focus("WINWORD.EXE", "\(topic) - Word")
        clickText()
        for _ in 0..<random.number(2...7) where !isOver {
            typist.type(EssaySentence.make(subject, &random), at: &desk, &random)
            if random.chance(perMille: 60) {
                let second = " " + EssaySentence.make(subject, &random)
                let start = String(second.prefix(random.number(6...40)))
                typist.type(start, .exact, at: &desk, &random)
                typist.takeBack(start.count, at: &desk, &random)
            }
            typist.type(random.chance(perMille: 200) ? "\n" : " ", at: &desk, &random)
            desk.wait(milliseconds: random.number(4_000...60_000))
            for _ in 0..<random.below(5) { clickText() }
            if random.chance(perMille: 200) { lookUp(topic) }
            if random.chance(perMille: 40) { desk.press("s", .control) }
        }
    }

    /// A glance at an open page, and back.
    private mutating func lookUp(_ topic: String) {
        desk.focus("chrome.exe", "\(topic) - BBC Bitesize - Google Chrome")
        for _ in 0..<random.number(1...6) { clickText() }
        desk.wait(milliseconds: random.number(5_000...40_000))
        desk.focus("WINWORD.EXE", "\(topic) - Word")
        clickText()
    }

    /// A pupil keeps to one piece of work in a lesson.
    private var pupilTopic: Int { Int(machine + lesson.period) % subject.topics.count }

    mutating func writeCode() {
        start(#"C:\Program Files\Thonny\thonny.exe"#)
        desk.focus(
            "thonny.exe", "Thonny - game\(random.number(1...3)).py @ \(random.number(1...9)) : 1")
        clickText()
        for _ in 0..<random.number(4...14) where !isOver {
            typist.type(Programs.make(&random) + "\n", at: &desk, &random)
            desk.wait(milliseconds: random.number(2_000...25_000))
            for _ in 0..<random.below(3) { clickText() }
        }
        desk.press("F5")
        desk.focus("thonny.exe", "Shell - Thonny")
        desk.wait(milliseconds: random.number(2_000...8_000))
    }

    mutating func writeLetter() {
        desk.focus("chrome.exe", "Inbox - Mail - Google Chrome")
        clickText()
        desk.focus("chrome.exe", "Compose - Mail - Google Chrome")
        typist.type("\(subject.name) homework\t", at: &desk, &random)
        let text = Chat.make(
            from: Chat.letters, names: friendNames, teacher: lesson.teacher, &random)
        typist.type(text, at: &desk, &random)
        clickText()
        desk.focus("chrome.exe", "Inbox - Mail - Google Chrome")
    }

    /// A line marked, copied and put elsewhere.
    mutating func copyAndPaste() {
        desk.focus("WINWORD.EXE", "\(subject.topics[pupilTopic]) - Word")
        clickText()
        typist.type(random.pick(subject.things), .exact, at: &desk, &random)
        desk.press("Home", .shift)
        desk.press("c", .control)
        desk.note(.clipboard(operation: .copy, length: random.number(4...24), text: nil))
        desk.press("End")
        desk.press("v", .control)
        desk.wait(milliseconds: random.number(2_000...9_000))
    }

    /// The teacher takes the keyboard from afar for a sentence (P4).
    mutating func beHelped() {
        desk.focus("WINWORD.EXE", "\(subject.topics[pupilTopic]) - Word")
        desk.isRemote = true
        typist.type(
            "Please add a sentence about \(random.pick(subject.things)).", .exact, at: &desk,
            &random)
        desk.isRemote = false
        desk.wait(milliseconds: random.number(5_000...20_000))
    }

    /// The caret is put somewhere with the mouse.
    mutating func clickText() {
        desk.wait(milliseconds: random.number(400...2_500))
        desk.click(x: random.number(200...1_500), y: random.number(150...900))
    }
}
