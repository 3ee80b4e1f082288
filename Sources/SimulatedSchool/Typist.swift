/// Types text as a pupil does: at their speed, with slips that are noticed sooner or later.
struct Typist {
    private let millisecondsPerKey: Int
    private let mistakesPerMille: Int

    init(_ pupil: Pupil) {
        millisecondsPerKey = pupil.millisecondsPerKey
        mistakesPerMille = pupil.mistakesPerMille
    }

    /// How careful the typing is.
    enum Care {
        /// Some slips stay.
        case ordinary
        /// Every slip is put right, so that the field holds exactly the text.
        case exact
    }

    /// Types a text; a newline in it is Enter, a tab is Tab.
    func type(
        _ text: String, _ care: Care = .ordinary, at desk: inout Desk,
        _ random: inout SimulationRandom
    ) {
        let keys = text.map(Typist.key)
        var index = 0
        while index < keys.count {
            if Typist.isLetter(keys[index]), random.chance(perMille: mistakesPerMille) {
                index = slip(keys, at: index, care, &desk, &random)
            } else {
                press(keys[index], &desk, &random)
                index += 1
            }
        }
    }

    /// Takes back so many characters.
    func takeBack(_ count: Int, at desk: inout Desk, _ random: inout SimulationRandom) {
        desk.wait(milliseconds: random.number(150...900))
        for _ in 0..<count {
            desk.wait(milliseconds: random.number(30...110))
            desk.press("Backspace")
        }
    }

    /// Types a letter wrong; gives the index of the first key that is not typed yet.
    private func slip(
        _ keys: [String], at index: Int, _ care: Care, _ desk: inout Desk,
        _ random: inout SimulationRandom
    ) -> Int {
        let right = keys[index]
        switch random.below(10) {
        case 0...4:
            // The key beside it, seen at once or a few letters later.
            press(Typist.neighbour(of: right, &random), &desk, &random)
            let later = min(random.below(4), lettersAfter(keys, index))
            for offset in 0..<later { press(keys[index + 1 + offset], &desk, &random) }
            takeBack(later + 1, at: &desk, &random)
            for offset in 0...later { press(keys[index + offset], &desk, &random) }
            return index + later + 1
        case 5, 6:
            guard lettersAfter(keys, index) > 0 else { break }
            press(keys[index + 1], &desk, &random)
            press(right, &desk, &random)
            if care == .ordinary, random.chance(perMille: 250) { return index + 2 }
            takeBack(2, at: &desk, &random)
            press(right, &desk, &random)
            press(keys[index + 1], &desk, &random)
            return index + 2
        case 7, 8:
            press(right, &desk, &random)
            press(right, &desk, &random)
            if care == .exact || !random.chance(perMille: 200) {
                takeBack(1, at: &desk, &random)
            }
            return index + 1
        default:
            // A letter left out, put in two letters later with the arrow keys.
            let later = min(2, lettersAfter(keys, index))
            guard later > 0 else { break }
            for offset in 0..<later { press(keys[index + 1 + offset], &desk, &random) }
            for _ in 0..<later { press("ArrowLeft", &desk, &random) }
            press(right, &desk, &random)
            for _ in 0..<later { press("ArrowRight", &desk, &random) }
            return index + later + 1
        }
        press(right, &desk, &random)
        return index + 1
    }

    private func lettersAfter(_ keys: [String], _ index: Int) -> Int {
        keys[(index + 1)...].prefix(while: Typist.isLetter).count
    }

    private func press(_ key: String, _ desk: inout Desk, _ random: inout SimulationRandom) {
        let half = millisecondsPerKey / 2
        desk.wait(milliseconds: half + random.below(millisecondsPerKey))
        // Thinking, mostly between words.
        if key == " ", random.chance(perMille: 40) {
            desk.wait(milliseconds: random.number(500...4_000))
        }
        desk.press(key)
    }

    // MARK: Keys

    private static let asciiKeys = (0..<128).map { String(UnicodeScalar(UInt8($0))) }

    private static func key(_ character: Character) -> String {
        switch character {
        case "\n": "Enter"
        case "\t": "Tab"
        default: character.asciiValue.map { asciiKeys[Int($0)] } ?? String(character)
        }
    }

    private static func isLetter(_ key: String) -> Bool {
        guard key.utf8.count == 1, let byte = key.utf8.first else { return false }
        return byte >= 0x61 && byte <= 0x7A
    }

    private static let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map { Array($0.utf8) }

    private static func neighbour(of key: String, _ random: inout SimulationRandom) -> String {
        guard let byte = key.utf8.first else { return key }
        for row in rows {
            guard let place = row.firstIndex(of: byte) else { continue }
            let other = place == 0 ? 1 : place == row.count - 1 ? place - 1 : place + 1
            return asciiKeys[Int(row[random.chance(perMille: 500) ? other : max(0, place - 1)])]
        }
        return key
    }
}
