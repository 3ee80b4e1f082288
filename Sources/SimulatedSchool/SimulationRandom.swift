/// Random numbers of a simulation: the same seed gives the same numbers on every machine, for ever.
///
/// SplitMix64 (Steele, Lea, Flood 2014), and choices made without the standard library's algorithms, which
/// may change from one release to the next. Not for keys.
struct SimulationRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator for a part of the simulation, told apart by numbers, so that parts do not depend on
    /// how many random numbers other parts took.
    init(seed: UInt64, _ parts: Int64...) {
        var mixed = seed
        for part in parts {
            var random = SimulationRandom(seed: mixed ^ UInt64(bitPattern: part))
            mixed = random.next()
        }
        state = mixed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "nothing is below \(bound)")
        return Int(((next() >> 32) &* UInt64(bound)) >> 32)
    }

    /// A number of the range; ends included.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True `perMille` times in a thousand.
    mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }

    /// One of several, each as likely.
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    /// One of several, the early ones more likely, as words are.
    mutating func pickEarly<Element>(_ choices: [Element]) -> Element {
        choices[min(below(choices.count), below(choices.count))]
    }
}
