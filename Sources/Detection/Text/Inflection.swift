/// The forms of English verbs and nouns, so that a lexicon lists each word once.
enum Inflection {
    /// A form of a verb.
    enum Form: String, CaseIterable, Hashable, Sendable { case base, third, ing, past }

    /// Past forms that follow no rule; the participle too where it differs.
    private static let irregular: [String: [String]] = [
        "beat": ["beat", "beaten"], "break": ["broke", "broken"], "bring": ["brought"],
        "burn": ["burnt", "burned"], "buy": ["bought"], "catch": ["caught"], "come": ["came"],
        "cut": ["cut"], "deal": ["dealt"], "do": ["did", "done"], "drink": ["drank", "drunk"],
        "eat": ["ate", "eaten"], "fight": ["fought"], "find": ["found"], "get": ["got"],
        "give": ["gave", "given"], "go": ["went", "gone"], "grow": ["grew", "grown"],
        "hang": ["hung", "hanged"], "have": ["had"], "hide": ["hid", "hidden"], "hit": ["hit"],
        "hurt": ["hurt"], "keep": ["kept"], "kick": ["kicked"], "leave": ["left"],
        "make": ["made"], "meet": ["met"], "put": ["put"], "read": ["read"], "run": ["ran"],
        "say": ["said"], "see": ["saw", "seen"], "sell": ["sold"], "send": ["sent"],
        "set": ["set"], "shoot": ["shot"], "show": ["showed", "shown"], "shut": ["shut"],
        "slit": ["slit"], "stick": ["stuck"], "steal": ["stole", "stolen"],
        "take": ["took", "taken"], "tell": ["told"], "think": ["thought"],
        "throw": ["threw", "thrown"], "wear": ["wore", "worn"], "write": ["wrote", "written"],
        "spread": ["spread"], "bite": ["bit", "bitten"], "choose": ["chose", "chosen"],
        "strike": ["struck"], "swing": ["swung"], "feel": ["felt"], "spit": ["spat", "spit"],
    ]

    /// All asked-for forms of a verb phrase: the first word changes, the rest stays.
    static func verb(_ phrase: [String], forms: Set<Form>) -> [[String]] {
        guard let verb = phrase.first else { return [] }
        let rest = Array(phrase.dropFirst())
        var words: [String] = []
        if forms.contains(.base) { words.append(verb) }
        if forms.contains(.third) { words.append(third(verb)) }
        if forms.contains(.ing) {
            let ing = participle(verb)
            // Dropping the last letter of -ing is how it is said and so how it is typed.
            words += [ing, String(ing.dropLast())]
        }
        if forms.contains(.past) { words += irregular[verb] ?? [past(verb)] }
        return words.map { [$0] + rest }
    }

    /// A noun phrase and its plural: the last word changes.
    static func noun(_ phrase: [String]) -> [[String]] {
        guard let noun = phrase.last else { return [] }
        return [phrase, Array(phrase.dropLast()) + [third(noun)]]
    }

    private static func third(_ word: String) -> String {
        if word == "have" { return "has" }
        if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
        if word.hasSuffix("o"), word.count > 2 || word == "go" || word == "do" {
            return word + "es"
        }
        if word.hasSuffix("y"), !endsInVowelAndLast(word) { return word.dropLast() + "ies" }
        return word + "s"
    }

    private static func participle(_ word: String) -> String {
        if word.hasSuffix("ie") { return word.dropLast(2) + "ying" }
        if word.hasSuffix("e"), !word.hasSuffix("ee"), word.count > 2 {
            return word.dropLast() + "ing"
        }
        return doubled(word) + "ing"
    }

    private static func past(_ word: String) -> String {
        if word.hasSuffix("e") { return word + "d" }
        if word.hasSuffix("y"), !endsInVowelAndLast(word) { return word.dropLast() + "ied" }
        return doubled(word) + "ed"
    }

    /// The word with its last letter doubled when the rule asks for it: stab, stabb-ed.
    private static func doubled(_ word: String) -> String {
        let letters = Array(word)
        guard letters.count >= 3, let last = letters.last else { return word }
        let isVowel = { (letter: Character) in "aeiou".contains(letter) }
        let vowels = letters.filter(isVowel).count
        guard !isVowel(last), !"wxyh".contains(last), isVowel(letters[letters.count - 2]),
            !isVowel(letters[letters.count - 3]), vowels == 1
        else { return word }
        return word + String(last)
    }

    private static func endsInVowelAndLast(_ word: String) -> Bool {
        guard let before = word.dropLast().last else { return false }
        return "aeiou".contains(before)
    }
}
