/// A small random number generator: the same seed gives the same numbers on every machine.
///
/// SplitMix64 (Steele, Lea, Flood 2014). Not for keys.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that starts from a seed; neighbouring seeds give unrelated numbers.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SeededRandom {
    /// A number of the range, each as likely.
    public mutating func int(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// A size from 0 to the maximum with small ones and the two ends more likely, where faults live.
    public mutating func size(upTo maximum: Int) -> Int {
        switch int(in: 0...7) {
        case 0: 0
        case 1: min(1, maximum)
        case 2: maximum
        case 3, 4: int(in: 0...min(8, maximum))
        default: int(in: 0...maximum)
        }
    }

    /// True once in `count` times.
    public mutating func chance(oneIn count: Int) -> Bool { int(in: 1...max(1, count)) == 1 }

    /// An element of a collection that is not empty.
    public mutating func element<C: Collection>(of choices: C) -> C.Element {
        precondition(!choices.isEmpty, "nothing to choose from")
        let offset = int(in: 0...choices.count - 1)
        return choices[choices.index(choices.startIndex, offsetBy: offset)]
    }

    /// Random bytes.
    public mutating func bytes(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A text of up to `maximum` characters, with those that break naive code more likely than in life.
    public mutating func text(upTo maximum: Int) -> String {
        let awkward: [Character] = [
            "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{7F}", "\u{1F}", "=", ",", "<", "&", "%",
            "é", "e\u{301}", "ß", "İ", "\u{200B}", "\u{202E}", "\u{FEFF}", "\u{FFFD}", "👩‍👩‍👧", "𝒳",
            "字",
        ]
        var text = ""
        for _ in 0..<size(upTo: maximum) {
            if chance(oneIn: 4) {
                text.append(element(of: awkward))
            } else {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(int(in: 0x20...0x7E))))
            }
        }
        return text
    }
}
