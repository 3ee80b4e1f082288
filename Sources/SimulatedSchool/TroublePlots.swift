import Events

/// The plots: what happens, between whom, on which days. `$T` is the target's first name.
///
/// One of each for every two hundred pupils. All wording is invented for tests of detection.
extension TroublePlot {
    private static let pupilsPerRound = 200

    static func all(seed: UInt64, pupils: [Pupil], dayCount: Int) -> [TroublePlot] {
        guard dayCount > 0 else { return [] }
        var random = SimulationRandom(seed: seed, 5)
        var free = Array(pupils.indices)
        let rounds = max(1, pupils.count / pupilsPerRound)
        return (1...rounds).flatMap { round in
            scripts.map { script in
                plot(script, round, pupils, &free, dayCount, &random)
            }
        }
    }

    private struct Script {
        var name: String
        var theme: Theme
        var hasTarget = false
        /// Who does it (0 the main pupil, 1 one who joins in), on which day of it, where, and the words.
        var lines: [(actor: Int, day: Int, medium: MediumName, text: String)]
    }

    private enum MediumName { case target, group, friend, search, visit(String), program }

    private static func plot(
        _ script: Script, _ round: Int, _ pupils: [Pupil], _ free: inout [Int], _ dayCount: Int,
        _ random: inout SimulationRandom
    ) -> TroublePlot {
        // Small schools run out of pupils who have nothing else to do.
        if free.count < 3 { free = Array(pupils.indices) }
        let main = free.remove(at: random.below(free.count))
        let form = pupils[main].form
        let mates = free.filter { pupils[$0].form == form }
        let target = random.pick(mates.isEmpty ? free : mates)
        let others = free.filter { $0 != target && pupils[$0].form == form }
        let second = random.pick(others.isEmpty ? free.filter { $0 != target } : others)
        free.removeAll { $0 == target || $0 == second }
        let lastDay = script.lines.map(\.day).max() ?? 0
        let firstDay = random.below(max(1, dayCount - lastDay))
        let targetName = pupils[target].firstName
        let acts = script.lines.map { line in
            Act(
                pupil: line.actor == 0 ? main : second,
                day: min(dayCount - 1, firstDay + line.day),
                medium: medium(line.medium, pupils, target: target, friend: second),
                text: line.text.split(separator: "$T", omittingEmptySubsequences: false)
                    .joined(separator: targetName.lowercased()))
        }
        return TroublePlot(
            id: "\(script.name)-\(round)", theme: script.theme, pupil: main,
            target: script.hasTarget ? target : nil, acts: acts.sorted { $0.day < $1.day })
    }

    private static func medium(
        _ name: MediumName, _ pupils: [Pupil], target: Int, friend: Int
    ) -> Medium {
        switch name {
        case .target: .chat(with: pupils[target].fullName)
        case .friend: .chat(with: pupils[friend].fullName)
        case .group: .chat(with: "The Group")
        case .search: .search
        case .visit(let title): .visit(title: title)
        case .program: .program
        }
    }

    private static let scripts: [Script] = [
        Script(
            name: "bullying", theme: .bullying, hasTarget: true,
            lines: [
                (0, 0, .target, "nobody likes you $T"),
                (0, 0, .group, "$T is so weird why does $T even come to school"),
                (0, 1, .target, "we made a group chat without you because nobody wants you there"),
                (0, 1, .target, "dont sit with us at lunch $T everyone hates you"),
                (1, 1, .target, "you should just leave $T nobody would miss you"),
                (1, 2, .group, "dont talk to $T tomorrow or youre out too"),
                (0, 2, .target, "everyone was laughing at you again you loser"),
                (0, 2, .target, "youre ugly and no one will ever be your friend"),
            ]),
        Script(
            name: "bullying-swearing", theme: .bullying, hasTarget: true,
            lines: [
                (0, 0, .target, "shut up $T you fat bitch"),
                (0, 1, .group, "$T is a stupid cow and stinks"),
                (0, 1, .target, "youre such a fucking loser $T"),
                (1, 2, .target, "fuck off $T you ugly freak nobody wants you here"),
                (0, 2, .target, "cry about it you pathetic little bitch"),
            ]),
        Script(
            name: "disclosure", theme: .selfHarm,
            lines: [
                (0, 0, .friend, "can i tell you something you cant tell anyone"),
                (0, 0, .friend, "ive been cutting myself again"),
                (0, 1, .friend, "i hate myself so much i just want to hurt myself"),
            ]),
        Script(
            name: "suicide-search", theme: .suicide,
            lines: [
                (0, 0, .search, "i want to kill myself"),
                (0, 0, .search, "does it hurt to die"),
                (0, 1, .friend, "i dont want to be alive anymore"),
                (0, 1, .friend, "youd all be better off without me im going to end it"),
            ]),
        Script(
            name: "filter-bypass", theme: .filterBypass,
            lines: [
                (0, 0, .search, "how to get past the school filter"),
                (0, 0, .search, "free unblocked web proxy"),
                (
                    0, 0, .visit("HideAway - free web proxy, unblock any site"),
                    "https://hideaway-proxy.example/browse?u=aHR0cHM6Ly9nYW1lcy5leGFtcGxlLw"
                ),
                (0, 1, .search, "download vpn without admin rights"),
                (0, 1, .program, #"C:\Users\Public\Downloads\TunnelFox-VPN-portable.exe"#),
                (
                    0, 1, .visit("Unblocked Games Online"),
                    "https://unblocked-games.example/play"
                ),
            ]),
        Script(
            name: "grooming", theme: .grooming, hasTarget: true,
            lines: [
                (0, 0, .target, "youre really mature for your age you know"),
                (0, 0, .target, "dont tell your mum we talk this is our secret"),
                (0, 1, .target, "have you got a boyfriend"),
                (0, 1, .target, "send me a pic of you in your pyjamas and delete this chat"),
                (0, 2, .target, "come and meet me on your own i can get you a new phone"),
            ]),
        Script(
            name: "threat", theme: .threat, hasTarget: true,
            lines: [
                (0, 0, .target, "im going to stab you after school $T"),
                (0, 0, .target, "youre dead when i see you at the bus stop"),
                (0, 1, .group, "im bringing a knife tomorrow $T better watch out"),
            ]),
    ]
}
