public import Events

/// A lesson at the computers, or the library at lunch time.
public struct Lesson: Sendable {
    /// What is taught.
    public let subject: String
    /// Who teaches it.
    public let teacher: String
    /// The room, as an index of ``School/rooms``.
    public let room: Int
    /// Who is there, as indices of ``School/pupils``; each sits at the computer of that position.
    public let pupils: [Int]
    /// When it begins.
    public let start: Instant
    /// When it ends.
    public let end: Instant
    /// Counts the lessons of a day, from 0.
    let period: Int
    let subjectIndex: Int
}

extension School {
    /// When lessons begin, in minutes after midnight in London; each is ``lessonMinutes`` long.
    private static let lessonStarts = [530, 590, 670, 780, 840]
    private static let lessonMinutes = 60
    private static let lunchStart = 740
    private static let lunchMinutes = 30

    /// The lessons at computers of a day, in order of time and room.
    ///
    /// Every form has one lesson in three at the computers. At lunch time the library is open; who has
    /// planted trouble to make and no lesson that day goes there.
    public func lessons(on day: SchoolDay) -> [Lesson] {
        var lessons: [Lesson] = []
        var isLunchOver = false
        for (period, minute) in School.lessonStarts.enumerated() {
            if minute > School.lunchStart, !isLunchOver {
                isLunchOver = true
                lessons.append(lunch(on: day))
            }
            var room = 0
            for formIndex in forms.indices where hasComputers(formIndex, period, day) {
                lessons.append(lesson(formIndex, period, minute, room: room, on: day))
                room += 1
            }
        }
        return lessons.filter { !$0.pupils.isEmpty }
    }

    private static let lunchPeriod = 9

    private func hasComputers(_ form: Int, _ period: Int, _ day: SchoolDay) -> Bool {
        (form + period + Int(day.date.daysSinceEpoch)) % 3 == 0
    }

    private func lesson(
        _ formIndex: Int, _ period: Int, _ minute: Int, room: Int, on day: SchoolDay
    ) -> Lesson {
        var random = SimulationRandom(
            seed: seed, 3, day.date.daysSinceEpoch, Int64(period), Int64(formIndex))
        let subject = random.below(Subject.all.count)
        let teacher = staff[(formIndex + subject) % staff.count]
        let pupils = forms[formIndex].pupils.filter { pupil in
            !random.chance(perMille: 40) || hasPlot(pupil, on: day)
        }
        return Lesson(
            subject: Subject.all[subject].name, teacher: teacher, room: room,
            pupils: Array(pupils), start: time(minute, on: day),
            end: time(minute + School.lessonMinutes, on: day), period: period,
            subjectIndex: subject)
    }

    /// The library: who must be there, and a few who like it.
    private func lunch(on day: SchoolDay) -> Lesson {
        var random = SimulationRandom(seed: seed, 4, day.date.daysSinceEpoch)
        let seats = rooms[rooms.count - 1].machines.count
        var visitors = pupils.indices.filter { hasPlot($0, on: day) && !isInLesson($0, on: day) }
        while visitors.count < min(seats, pupils.count / 12 + 1) {
            let visitor = random.below(pupils.count)
            if !visitors.contains(visitor) { visitors.append(visitor) }
        }
        return Lesson(
            subject: "Library", teacher: staff[staff.count - 1], room: rooms.count - 1,
            pupils: Array(visitors.prefix(seats)), start: time(School.lunchStart, on: day),
            end: time(School.lunchStart + School.lunchMinutes, on: day),
            period: School.lunchPeriod, subjectIndex: random.below(Subject.all.count))
    }

    private func isInLesson(_ pupil: Int, on day: SchoolDay) -> Bool {
        School.lessonStarts.indices.contains { hasComputers(pupils[pupil].form, $0, day) }
    }

    private func hasPlot(_ pupil: Int, on day: SchoolDay) -> Bool {
        guard let dayIndex = days.firstIndex(of: day) else { return false }
        return plots.contains { plot in
            plot.acts.contains { $0.pupil == pupil && $0.day == dayIndex }
        }
    }

    private func time(_ minute: Int, on day: SchoolDay) -> Instant {
        // Lessons are long after the hour at which the clocks change.
        let noon = day.start.advanced(byMilliseconds: 12 * 3_600_000)
        let offset = SchoolDay.londonOffsetMilliseconds(at: noon)
        return Instant(milliseconds: day.date.daysSinceEpoch * 86_400_000)
            .advanced(byMilliseconds: Int64(minute) * 60_000 - offset)
    }
}
