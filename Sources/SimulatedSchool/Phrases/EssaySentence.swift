/// Sentences of homework: patterns filled from a subject's words.
///
/// `T` and `U` are things, `A` an action, `Q` and `R` qualities, `B` a reason, `N` a number, `W` when,
/// `O` an opener; a capital stands for a slot only after `$`.
enum EssaySentence {
    static let patterns = phrases(
        """
        $T $A $U because $B.|I think that $T $A $U more than $V did.|This shows that $T $A $U.\
        |$O, $T $A $U $W.|One reason why $T $A $U is that $B.|$O, $B, and so $T seemed $Q.\
        |$T was not as $Q as $U, although $B.|In my notes it says that $T $A $U.\
        |We can see this when $T $A $U.|Some people say $T seems $Q but I disagree because $B.\
        |$W $T $A $U, which is quite $Q.|My first point is about $T.|$O, $T and $U seem $Q and $R.\
        |According to page $N of the textbook, $T $A $U.|If $B then $T might be more $Q.\
        |$T $A $U and $V $W.|Miss said that $T $A $U, but the book says that $B.\
        |To sum up, $T $A $U, mostly because $B.|It is $Q that $T $A $U.\
        |The most $Q thing about $T is that $B.|$O, there were about $N examples of $T.\
        |When we compare $T with $U we notice that $B.|This is a $Q and $R point about $T.\
        |I found it hard to explain why $T $A $U.|The evidence for this is that $B.\
        |In the diagram $T $A $U.|A different view is that $T seems too $Q.\
        |$T was described as $Q, $R and $S.|Next time I would write more about $T because $B.\
        |In conclusion, $T $A $U $W.
        """)

    static let openers = phrases(
        """
        However|Firstly|Secondly|On the other hand|For example|In addition|Also|As a result|In my opinion\
        |Therefore|Furthermore|In contrast|Overall|Similarly|To begin with|What is more|Despite this\
        |In fact|Surprisingly|Most of the time
        """)

    static let times = phrases(
        """
        at first|in the end|after a while|for a long time|most of all|every year|at the same time\
        |in the second part|over the next few weeks|by the time it was over|more than once\
        |for the rest of the story|in nearly every case|in the experiment|a few days later|before that\
        |during the winter|all over the world|in some places|very quickly
        """)

    /// A sentence about a subject.
    static func make(_ subject: Subject, _ random: inout SimulationRandom) -> String {
        var text = ""
        text.reserveCapacity(160)
        var things = subject.things
        var isSlot = false
        for character in random.pickEarly(patterns) {
            if isSlot {
                text += filling(character, subject, &things, &random)
                isSlot = false
            } else if character == "$" {
                isSlot = true
            } else {
                text.append(character)
            }
        }
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func filling(
        _ slot: Character, _ subject: Subject, _ things: inout [String],
        _ random: inout SimulationRandom
    ) -> String {
        switch slot {
        // No thing comes twice in a sentence.
        case "T", "U", "V": things.remove(at: random.below(things.count))
        case "A": random.pick(subject.actions)
        case "Q", "R", "S": random.pick(subject.qualities)
        case "B": random.pick(subject.reasons)
        case "N": String(random.number(2...98))
        case "W": random.pick(times)
        default: random.pick(openers)
        }
    }
}
