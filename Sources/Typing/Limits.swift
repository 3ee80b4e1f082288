/// The limits of typing.
public enum TypingLimits {
    /// Most scalars that a passage holds before it is cut: about a page and a half of prose, so that no
    /// finding waits long for its passage and no passage costs much to normalise.
    public static let passageScalarsMaximum = 4_000
    /// How long nothing may be typed before a passage is cut: longer than finding a word takes, shorter
    /// than a lesson's change of subject.
    public static let idleMilliseconds: Int64 = 120_000
    /// How far back the start of a user-perceived character is looked for, in scalars: the longest emoji
    /// sequence in use has ten.
    static let clusterScalarsMaximum = 64
    /// Most scalars of room (16 bytes each) that an idle model keeps: four long sentences.
    static let keptCellsMaximum = 512
}
