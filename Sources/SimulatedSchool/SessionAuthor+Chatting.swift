import Events

/// Messages between pupils.
extension SessionAuthor {
    mutating func chat() {
        let friend = school.pupils[random.pick(Array(school.forms[pupil.form].pupils))]
        openChat(friend.fullName)
        for _ in 0..<random.number(1...6) where !isOver {
            let line = Chat.make(
                from: Chat.lines, names: friendNames, teacher: lesson.teacher, &random)
            typist.type(line + "\n", at: &desk, &random)
            desk.wait(milliseconds: random.number(1_500...30_000))
            if random.chance(perMille: 120) {
                // The answer is there: the title counts it until it is read.
                let count = random.number(1...4)
                desk.focus("ms-teams.exe", "(\(count)) Chat | \(friend.fullName) | Microsoft Teams")
                openChat(friend.fullName)
            }
        }
    }

    mutating func openChat(_ name: String) {
        start(#"C:\Program Files\WindowsApps\MSTeams\ms-teams.exe"#)
        desk.focus("ms-teams.exe", "Chat | \(name) | Microsoft Teams")
        desk.wait(milliseconds: random.number(500...3_000))
        desk.click(x: random.number(500...1_200), y: random.number(900...980))
    }

    /// First names that go into messages, in lower case as they are typed.
    var friendNames: [String] {
        school.forms[pupil.form].pupils.map { school.pupils[$0].firstName.lowercased() }
    }
}
