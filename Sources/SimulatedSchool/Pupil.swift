public import Events

/// An invented pupil and how they type.
public struct Pupil: Sendable {
    /// The account: `s1001` and up.
    public let account: StudentID
    /// First name.
    public let firstName: String
    /// Surname.
    public let lastName: String
    /// The form, as an index of ``School/forms``.
    public let form: Int
    /// How long a key takes on average, in milliseconds.
    let millisecondsPerKey: Int
    /// How many letters in a thousand go wrong at first.
    let mistakesPerMille: Int

    /// First name and surname.
    public var fullName: String { firstName + " " + lastName }

    init?(index: Int, form: Int, random: inout SimulationRandom) {
        guard let account = StudentID("s\(1_001 + index)") else { return nil }
        self.account = account
        self.form = form
        firstName = random.pick(Names.first)
        lastName = random.pick(Names.last)
        millisecondsPerKey = random.number(140...380)
        mistakesPerMille = random.number(8...60)
    }
}
