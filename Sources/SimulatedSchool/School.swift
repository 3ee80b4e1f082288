public import Events

/// An invented school: people, rooms, machines, a timetable, and the trouble planted in it.
///
/// Everything follows from the seed, the number of pupils and the days: the same three give the same bytes
/// on every machine. Nothing is held but the people; sessions are made when they are asked for.
public struct School: Sendable {
    /// What everything follows from.
    public let seed: UInt64
    /// The school's name.
    public let name: String
    /// The days that are simulated, in order.
    public let days: [SchoolDay]
    /// The forms, each a group that has its lessons together.
    public let forms: [Form]
    /// The pupils, in the order of their account numbers.
    public let pupils: [Pupil]
    /// The teachers.
    public let staff: [String]
    /// The rooms with computers; the last is the library.
    public let rooms: [Room]
    /// The computers of all rooms, numbered from 0.
    public let machines: [MachineID]
    /// The trouble to come, without the sequence numbers that are only known once the sessions are made.
    let plots: [TroublePlot]

    /// A form.
    public struct Form: Sendable {
        /// Year and letter, as in `9B`.
        public let name: String
        /// Its pupils, as indices of ``School/pupils``.
        public let pupils: Range<Int>
    }

    /// A room with computers.
    public struct Room: Sendable {
        /// Its name.
        public let name: String
        /// Its computers, as indices of ``School/machines``.
        public let machines: Range<Int>
    }

    /// Most pupils of a form, and so most computers of a room.
    private static let formSizeMaximum = 24

    /// A school of invented people.
    ///
    /// - Parameter pupils: At least 12, so that there are enough for the trouble.
    public init(seed: UInt64, pupils count: Int, days: [SchoolDay]) {
        precondition(count >= 12, "a simulated school has at least 12 pupils")
        self.seed = seed
        self.days = days
        name = Names.school
        let forms = School.makeForms(count)
        self.forms = forms
        let pupils = School.makePupils(seed, forms)
        self.pupils = pupils
        var random = SimulationRandom(seed: seed, 2)
        staff = Names.staff.map { random.pick(Names.titles) + " " + $0 }
        let roomCount = (forms.count + 2) / 3
        let names = (1...roomCount).map { "IT\($0)" } + ["LIB"]
        rooms = names.enumerated().map { index, name in
            let first = index * School.formSizeMaximum
            return Room(name: name, machines: first..<first + School.formSizeMaximum)
        }
        machines = rooms.flatMap { room in
            room.machines.compactMap { index in
                let seat = index - room.machines.lowerBound + 1
                return MachineID("\(room.name)-\(seat < 10 ? "0" : "")\(seat)")
            }
        }
        plots = TroublePlot.all(seed: seed, pupils: pupils, dayCount: days.count)
    }

    /// How many pupils make about so many events on so many days.
    public static func pupilCount(events: Int, days: Int) -> Int {
        max(12, events / max(1, days) / eventsPerPupilDay)
    }

    /// About so many events a pupil makes in a day (a little less than two lessons at a computer);
    /// measured over schools of several sizes and rounded down.
    static let eventsPerPupilDay = 5_500

    /// The first `count` days from a day on that are no Saturdays or Sundays.
    public static func weekdays(from first: SchoolDay, count: Int) -> [SchoolDay] {
        var days: [SchoolDay] = []
        var date = first.date
        while days.count < count {
            if date.weekday < 5 { days.append(SchoolDay(date)) }
            date = date.advanced(byDays: 1)
        }
        return days
    }

    private static func makeForms(_ count: Int) -> [Form] {
        let formCount = (count + formSizeMaximum - 1) / formSizeMaximum
        return (0..<formCount).map { index in
            let letter = Unicode.Scalar(UInt8(ascii: "A") + UInt8(index / 5 % 26))
            let range = index * count / formCount..<(index + 1) * count / formCount
            return Form(name: "\(7 + index % 5)\(letter)", pupils: range)
        }
    }

    private static func makePupils(_ seed: UInt64, _ forms: [Form]) -> [Pupil] {
        var random = SimulationRandom(seed: seed, 1)
        return forms.enumerated().flatMap { formIndex, form in
            form.pupils.compactMap { index in
                Pupil(index: index, form: formIndex, random: &random)
            }
        }
    }
}
