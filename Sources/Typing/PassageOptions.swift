/// How passages are cut and how a text field is taken to behave where desktops differ.
public struct PassageOptions: Hashable, Sendable {
    /// Where Control with the right arrow stops.
    public enum WordJump: String, Sendable {
        /// After the word, as GTK, Qt on Linux and macOS do.
        case endOfWord
        /// Before the next word, as Windows does.
        case startOfNextWord
    }

    /// Whether Enter ends a passage; otherwise it is a newline inside it.
    public var cutsAtEnter: Bool
    /// How long nothing may be typed before a passage is cut, in milliseconds of event time.
    public var idleMilliseconds: Int64
    /// Most scalars that a passage holds before it is cut.
    public var scalarsMaximum: Int
    /// Where Control with the right arrow stops.
    public var wordJump: WordJump

    /// The options; the defaults are those of the live detection line.
    public init(
        cutsAtEnter: Bool = true, idleMilliseconds: Int64 = TypingLimits.idleMilliseconds,
        scalarsMaximum: Int = TypingLimits.passageScalarsMaximum,
        wordJump: WordJump = .endOfWord
    ) {
        precondition(scalarsMaximum > 0 && idleMilliseconds >= 0, "limits cannot be negative")
        self.cutsAtEnter = cutsAtEnter
        self.idleMilliseconds = idleMilliseconds
        self.scalarsMaximum = scalarsMaximum
        self.wordJump = wordJump
    }
}
