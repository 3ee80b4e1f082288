/// Every bound of this target, each with its reason.
public enum DetectionLimits {
    /// Nodes of one rule document. The largest public Sigma rule has about 2,000.
    public static let documentNodesMaximum = 200_000
    /// Values that one written value may grow to through `windash`, `base64offset` and `expand`:
    /// five dashes in each of five places, and no rule in public use comes near it.
    public static let valueVariantsMaximum = 3_125
    /// Nested brackets of a condition. Deeper is a mistake or an attack on the parser's stack.
    public static let conditionDepthMaximum = 64
    /// Steps of a compiled regular expression: with one pass per character this bounds the cost of
    /// a character.
    public static let expressionStepsMaximum = 4_096
    /// Nested groups of a regular expression, for the parser's stack.
    public static let expressionDepthMaximum = 64
    /// Bytes of a field's value that patterns look at: the content of an event is at most 16 KiB.
    public static let fieldSizeMaximum = 65_536
    /// Words of one typed text that are matched; a passage is at most a few thousand characters.
    public static let wordsMaximum = 8_192
    /// Alternatives of one lexicon after the lexicons named in it are written out; more than that is
    /// a slot too many.
    public static let lexiconEntriesMaximum = 60_000
    /// Words of a phrase between two matched words that a gap may skip; more is another thought.
    public static let gapWordsMaximum = 8
    /// Readings tried for one written word (digits as letters, repeats); each is one table look-up.
    public static let wordReadingsMaximum = 24
    /// Deleted runs shorter than this are slips of the finger; from eight on they can be a phrase.
    public static let deletedRunLengthMinimum = 8
    /// Earlier messages that are read together with the present one: a sentence is rarely sent in
    /// more than five.
    public static let conversationMessagesMaximum = 4
    /// How long ago an earlier message may be to be read with the present one: a pause of two
    /// minutes begins another thought.
    public static let conversationMilliseconds: Int64 = 120_000
    /// Bytes of the whole text that a conversation may grow to before older messages are left out:
    /// twenty-five lines of chat.
    public static let conversationSizeMaximum = 2_048
}
