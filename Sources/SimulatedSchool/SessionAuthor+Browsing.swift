import Events

/// Searching, reading, asking a machine, playing.
extension SessionAuthor {
    private static let readingSites = [
        ("https://www.bbc.co.uk/bitesize/topics/", "BBC Bitesize"),
        ("https://en.wikipedia.org/wiki/", "Wikipedia"),
        ("https://www.nationalgeographic.org/", "National Geographic"),
        ("https://www.britannica.com/topic/", "Britannica"),
        ("https://quizzes.example/set/", "Quiz Cards"),
    ]

    mutating func research() {
        openSearch()
        let query = Chat.make(
            from: Chat.searches, names: friendNames, teacher: lesson.teacher, &random)
        typist.type(query + "\n", at: &desk, &random)
        showResults(query)
        for _ in 0..<random.number(1...3) where !isOver {
            clickText()
            let topic = random.chance(perMille: 600) ? random.pick(subject.topics) : query
            let site = random.pick(SessionAuthor.readingSites)
            visit(site.0 + slug(topic), "\(topic) - \(site.1)")
            if random.chance(perMille: 300) {
                desk.note(
                    .url(
                        EventBody.PageVisit(
                            url: "https://ads.example/frame/\(random.number(1_000...9_999))",
                            title: "", app: "chrome.exe", origin: .embedded)))
            }
            for _ in 0..<random.number(3...14) {
                desk.wait(milliseconds: random.number(1_500...9_000))
                if random.chance(perMille: 200) { desk.press("PageDown") } else { clickText() }
            }
        }
    }

    mutating func askAssistant() {
        desk.focus("chrome.exe", "Study Assistant - Google Chrome")
        for _ in 0..<random.number(1...3) where !isOver {
            clickText()
            let prompt = Chat.make(
                from: Chat.prompts, names: friendNames, teacher: lesson.teacher, &random)
            typist.type(prompt + "\n", at: &desk, &random)
            desk.wait(milliseconds: random.number(8_000...60_000))
        }
    }

    mutating func play() {
        let game = random.pick(Chat.games)
        desk.focus("chrome.exe", "\(game) - Free Games - Google Chrome")
        visit("https://games.example/\(slug(game))", "\(game) - Free Games")
        let keys = random.chance(perMille: 500) ? ["w", "a", "s", "d"] : SessionAuthor.arrows
        for _ in 0..<random.number(20...120) where !isOver {
            let key = random.pick(keys)
            for _ in 0..<random.number(1...4) {
                desk.wait(milliseconds: random.number(60...400))
                desk.press(key)
            }
            if random.chance(perMille: 150) { desk.press(" ") }
            if random.chance(perMille: 80) {
                desk.click(x: random.number(300...1_300), y: random.number(200...800))
            }
        }
    }

    private static let arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]

    mutating func openSearch() {
        desk.focus("chrome.exe", "New Tab - Google Chrome")
        clickText()
    }

    mutating func showResults(_ query: String) {
        desk.wait(milliseconds: random.number(300...1_200))
        visit(
            "https://www.google.com/search?q=" + query.split(separator: " ").joined(separator: "+"),
            "\(query) - Google Search")
    }

    mutating func visit(_ url: String, _ title: String) {
        desk.note(
            .url(
                EventBody.PageVisit(
                    url: url, title: title, app: "chrome.exe", origin: .navigated)))
        desk.focus("chrome.exe", "\(title) - Google Chrome")
    }

    private func slug(_ text: String) -> String {
        text.lowercased().split(separator: " ").joined(separator: "-")
    }
}
