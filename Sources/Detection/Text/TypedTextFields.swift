/// The fields of typed text that rules name.
public enum TypedTextFields {
    /// The text as it was typed, untouched.
    public static let raw = "TypedText"
    /// The folded words, separated and surrounded by single spaces, one value for each sentence.
    public static let normalised = "TypedTextNorm"
}
