public import Events

/// Trouble that was put among ordinary days, so that finding it can be checked.
public struct PlantedTrouble: Sendable {
    /// A name for it, such as `bullying-1`.
    public let id: String
    /// What it is about.
    public let theme: Theme
    /// Whose doing it is, mainly; for a disclosure, whose need.
    public let student: StudentID
    /// Against whom, when it is against a pupil.
    public let target: StudentID?
    /// The days on which something of it happens.
    public let days: [SchoolDay]
    /// What was typed, visited and started, in order of time.
    public let texts: [PlantedText]
}

/// One act of planted trouble, and the events it lies in.
public struct PlantedText: Sendable {
    /// The ``PlantedTrouble/id`` that it belongs to.
    public let trouble: String
    /// Who did it: the trouble's student or one who joined in.
    public let student: StudentID
    /// When.
    public let day: SchoolDay
    /// At which machine.
    public let machine: MachineID
    /// In which login session.
    public let session: SessionID
    /// Whether it was typed (`key`), visited (`url`) or started (`process`).
    public let kind: EventKind
    /// The text as it was left in the field, the address, or the program.
    public let text: String
    /// The sequence numbers of its events, Enter not among them.
    public let sequences: ClosedRange<UInt64>
}

/// Trouble as it is planned, before anybody knows its sequence numbers.
struct TroublePlot: Sendable {
    /// Where an act happens.
    enum Medium: Sendable {
        /// A message to somebody, or to a group.
        case chat(with: String)
        case search
        /// A page that is opened, with its title.
        case visit(title: String)
        /// A program that is started; the text is its path.
        case program
    }

    /// One thing that somebody does.
    struct Act: Sendable {
        var pupil: Int
        var day: Int
        var medium: Medium
        var text: String
    }

    var id: String
    var theme: Theme
    var pupil: Int
    var target: Int?
    var acts: [Act]
}
