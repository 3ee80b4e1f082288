/// Lines of beginners' programs. `$V` a variable, `$N` a number, `$L` a list, `$W` a word to print.
enum Programs {
    static let lines = phrases(
        """
        $V = $N|$V = int(input("$W "))|print("$W", $V)|if $V > $N:|\tprint("$W")|else:|\t$V = $V + 1\
        |for i in range($N):|\t$L.append(i)|while $V < $N:|\t$V += 1|import random\
        |$V = random.randint(1, $N)|$L = []|$L = [$N, $N, $N]|def $V($L):|\treturn $L[0]|# $W\
        |print(len($L))|$L.sort()|if $V == $V and $V != $N:|\tif i % 2 == 0:|\t\tprint(i)\
        |name = input("What is your name? ")|print("Hello " + name)|$V = float($V) / $N
        """)
    static let variables = words(
        "score total guess count age price lives answer x y number player turns")
    static let lists = words("numbers names scores items shapes colours")
    static let messages = phrases(
        "Too high|Too low|Well done|Try again|You win|Game over|Enter a number|Your score is|Goodbye"
    )

    /// A line of code.
    static func make(_ random: inout SimulationRandom) -> String {
        var text = ""
        var isSlot = false
        for character in random.pick(lines) {
            if isSlot {
                switch character {
                case "V": text += random.pick(variables)
                case "N": text += String(random.number(1...120))
                case "L": text += random.pick(lists)
                default: text += random.pick(messages)
                }
                isSlot = false
            } else if character == "$" {
                isSlot = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
