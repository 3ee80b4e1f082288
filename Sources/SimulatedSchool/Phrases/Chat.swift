/// What pupils write to each other, to teachers and to machines when nothing is wrong.
///
/// `$N` a number, `$F` a first name, `$S` a subject, `$G` a game, `$D` food, `$C` a club, `$P` a place,
/// `$T` a time, `$X` a topic.
enum Chat {
    static let lines = phrases(
        """
        did you do the $S homework|what did you get for question $N|lol|are you coming to $C $T\
        |i forgot my $S book again|can i borrow a pen in $S|what page are we on|omg that test was so hard\
        |wait what|haha yeah|idk|sir is in a good mood today|whats for lunch|i had $D its so good\
        |have you played $G yet|im on level $N now|my brother beat me at $G again|brb|ok|same\
        |meet at $P after school|who is your partner for the $S project|im so tired today\
        |$F is off today i think shes ill|happy birthday $F!!|nice goal yesterday $F|thanks $F\
        |do we need trainers for PE|did you watch the match last night|it was $N nil|no way\
        |i got $N percent in $S|well done thats better than me|can you send me the slides\
        |which room is it|the bus was late again|its raining so no football|shall we do the poster about $X\
        |what does photosynthesis even mean|dont forget its non uniform day $T|i need to revise for $S\
        |do you want to come to mine $T|ask your mum|my mum said yes|cant i have dentist $T\
        |see you at $P|im starving|is it $D today|good luck for the play|i like your new bag\
        |$F your drawing was really good|i like that song|turn your mic on|can you hear me now\
        |the wifi is so slow|my laptop just froze|press control alt delete lol|did you save it\
        |i lost my whole essay noooo|undo it|phew got it back|what are we supposed to be doing\
        |shes explaining it now|look at the board|three more lessons to go|cant wait for the holidays\
        |we are going to wales|my dog ate my sock|thats so funny|your cat is so cute\
        |im making $D for food tech|who won|we did|gg|rematch $T|you always win at $G|teach me\
        |its easy you just need practice|read chapter $N|have you finished the book|no spoilers\
        |sorry cant talk|ill help you with $S if you help me with $S|deal|can $F come too|yeah course\
        |bring your football boots|training is at $N|do you have $C today|it got cancelled\
        |i hate mondays|this song is killing me lol|that joke was so bad i died laughing\
        |im dead tired|my phone died|the deadline is $T|what time does it finish|about $N past|cool\
        |i was so scared in the assembly|you were great|my legs are killing me after cross country\
        |can we work together|only if you actually do something haha|promise|sick trainers mate\
        |nah its fine|my bad|np|dw|ty|wdym|hurry up|here|where are you|outside $P|2 mins
        """)

    static let games = phrases(
        "Blockville|Kart Heroes|Space Miners|Chess|Tower Stack|Penalty Kings|Farm Day|Word Chain|Tetris"
    )
    static let foods = phrases(
        "pizza|pasta|chicken wraps|fish and chips|jacket potato|curry|crumble|brownies|soup|noodles"
    )
    static let clubs = phrases(
        "choir|chess club|netball|drama|homework club|football|coding club|orchestra|art club")
    static let places = phrases(
        "the library|the gate|the canteen|the bus stop|the field|the hall|reception|the music room")
    static let times = phrases(
        "tomorrow|today|after school|at lunch|on friday|next week|tonight|on saturday|at break|later"
    )

    static let letters = phrases(
        """
        Dear $M, I was away on Monday and missed the $S lesson. Could you tell me what I need to catch up on?\
        |Hello $M, please find my $S homework attached. Sorry it is late.|Dear $M, I do not understand \
        question $N. Can I come and see you at lunch? Thank you.|Hi $M, is $C still on $T?\
        |Dear $M, my group has chosen $X for the project. Is that ok?|Good morning $M, I left my jumper \
        in your room. Please could you look after it?|Dear $M, thank you for helping me with my $S \
        coursework.|Hello $M, the printer in $P is not working.
        """)

    static let searches = phrases(
        """
        $x|what is $x|$x facts|$x for kids|$x ks3|$x bbc bitesize|pictures of $x|why is $x important\
        |how to spell necessary|synonyms for said|$N divided by $N|capital of portugal|weather $T\
        |how tall is the eiffel tower|who invented the telephone|premier league table|$G tips|$d recipe\
        |translate library into french|world book day costume ideas|cat pictures|how long is a marathon\
        |past tense of run in spanish|what time is it in japan|free fonts|poster ideas $x|timeline of $x\
        |how to cite a website|metaphor examples|bus times|sunset photos|word for very tired\
        |what happened in 19$N|periodic table|python list sort|how to centre a div|rhymes with orange\
        |how do vaccines work|symptoms of a cold|how to draw a hand|quotes about $x
        """)

    static let prompts = phrases(
        """
        explain $x in simple words for year 8|give me five facts about $x|check my spelling in this paragraph\
        |make a quiz about $x with $N questions|write a plan for an essay about $x, not the whole thing\
        |what is the difference between a simile and a metaphor|can you make this sound more formal\
        |why did i get question $N wrong|make it shorter|give me an example|what does this word mean: $w\
        |suggest a title for my story about a haunted library|how do i revise for $S in two weeks\
        |i dont understand, explain it again with an example from football|thanks that helped\
        |is this a good topic sentence|write me a poem about $d in the style of a pirate
        """)

    static let wordsToLookUp = words(
        "ambiguous catalyst democracy foreshadowing gradient hypothesis irony legacy osmosis parable tariff"
    )

    /// A filled line.
    static func make(
        from lines: [String], names: [String], teacher: String, _ random: inout SimulationRandom
    ) -> String {
        var text = ""
        var isSlot = false
        for character in random.pick(lines) {
            if isSlot {
                text += filling(character, names, teacher, &random)
                isSlot = false
            } else if character == "$" {
                isSlot = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    private static func filling(
        _ slot: Character, _ names: [String], _ teacher: String, _ random: inout SimulationRandom
    ) -> String {
        switch slot {
        case "N": String(random.number(10...99))
        case "F": random.pick(names)
        case "S": random.pick(Subject.all).name.lowercased()
        case "G": random.pick(games)
        case "D", "d": random.pick(foods)
        case "C": random.pick(clubs)
        case "P": random.pick(places)
        case "T": random.pick(times)
        case "M": teacher
        case "w": random.pick(wordsToLookUp)
        default: random.pick(random.pick(Subject.all).topics).lowercased()
        }
    }
}
