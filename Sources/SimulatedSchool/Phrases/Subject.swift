/// What a school subject's homework speaks about.
struct Subject: Sendable {
    /// Its name on the timetable.
    let name: String
    /// Titles of pieces of work.
    let topics: [String]
    /// What sentences are about.
    let things: [String]
    /// What one thing does to another; fits singular and plural.
    let actions: [String]
    /// What things are like.
    let qualities: [String]
    /// What follows "because".
    let reasons: [String]

    init(
        _ name: String, topics: String, things: String, actions: String, qualities: String,
        reasons: String
    ) {
        self.name = name
        self.topics = phrases(topics)
        self.things = phrases(things)
        self.actions = phrases(actions)
        self.qualities = words(qualities)
        self.reasons = phrases(reasons)
    }
}
