public import Events

/// One login session: one pupil at one machine, from the notice to the end.
public struct SimulatedSession: Sendable {
    /// Who, where, and the session's name.
    public let context: SessionContext
    /// The machine, as an index of ``School/machines``: one device each.
    public let deviceNumber: Int
    /// What happened, in order; the sequence numbers follow those of the machine's session before.
    public let events: [Event]
    /// The trouble among the events.
    public let planted: [PlantedText]
}

/// An event of a stream in which sessions follow one another.
public struct SimulatedEvent: Sendable {
    /// Who, where, and the session's name.
    public let context: SessionContext
    /// The machine, as an index of ``School/machines``.
    public let deviceNumber: Int
    /// What happened.
    public let event: Event
}

extension School {
    /// The sequence number of a machine's first event.
    static let firstSequence: UInt64 = 1

    /// The sessions of one day, in order of time and machine.
    ///
    /// A machine's sequence numbers go on from the day before, so the days before are made too, and
    /// thrown away; ``sessions()`` makes each day once.
    public func sessions(on day: SchoolDay) -> some Sequence<SimulatedSession> {
        var sessions = SessionSequence(school: self, days: days.filter { $0 <= day })
        while let next = sessions.nextDay, next < day, sessions.next() != nil {}
        return sessions
    }

    /// The sessions of all days.
    public func sessions() -> some Sequence<SimulatedSession> {
        SessionSequence(school: self, days: days)
    }

    /// The events of all days, session by session, at most `limit` of them.
    public func events(limit: Int = .max) -> some Sequence<SimulatedEvent> {
        sessions().lazy.flatMap { session in
            session.events.lazy.map { event in
                SimulatedEvent(
                    context: session.context, deviceNumber: session.deviceNumber, event: event)
            }
        }.prefix(limit)
    }

    /// All that is planted, as it lies in the events of all days.
    public func plantedTroubles() -> [PlantedTrouble] {
        plantedTroubles(among: sessions().flatMap(\.planted))
    }

    /// What is planted, of which these texts were seen in sessions.
    public func plantedTroubles(among texts: [PlantedText]) -> [PlantedTrouble] {
        plots.compactMap { plot in
            let texts = texts.filter { $0.trouble == plot.id }
            guard !texts.isEmpty else { return nil }
            return PlantedTrouble(
                id: plot.id, theme: plot.theme, student: pupils[plot.pupil].account,
                target: plot.target.map { pupils[$0].account },
                days: Set(texts.map(\.day)).sorted(), texts: texts)
        }
    }
}

/// Walks the days' sessions and keeps count of every machine's sequence numbers.
struct SessionSequence: Sequence, IteratorProtocol {
    private let school: School
    private var days: ArraySlice<SchoolDay>
    private var day: SchoolDay?
    private var waiting: ArraySlice<(lesson: Lesson, seat: Int)> = []
    private var nextSequence: [UInt64]

    init(school: School, days: [SchoolDay]) {
        self.school = school
        self.days = days[...]
        nextSequence = Array(repeating: School.firstSequence, count: school.machines.count)
        openDay()
    }

    /// The day of the next session; nil at the end.
    var nextDay: SchoolDay? { day }

    mutating func next() -> SimulatedSession? {
        guard let day, let (lesson, seat) = waiting.popFirst() else { return nil }
        let machine = school.rooms[lesson.room].machines.lowerBound + seat
        let author = SessionAuthor(
            school: school, lesson: lesson, pupil: lesson.pupils[seat], machine: machine, day: day,
            sequence: nextSequence[machine])
        guard let session = author?.session() else {
            preconditionFailure("the names of a simulated session are too long")
        }
        nextSequence[machine] += UInt64(session.events.count)
        if waiting.isEmpty { openDay() }
        return session
    }

    private mutating func openDay() {
        day = nil
        while waiting.isEmpty, let next = days.popFirst() {
            day = next
            waiting =
                school.lessons(on: next).flatMap { lesson in
                    lesson.pupils.indices.map { (lesson, $0) }
                }[...]
        }
        if waiting.isEmpty { day = nil }
    }
}
