import Events

/// Writes one login session: the notice, the lesson's work, what pupils do beside it, and planted trouble.
struct SessionAuthor {
    let school: School
    let lesson: Lesson
    let pupil: Pupil
    let subject: Subject
    let day: SchoolDay
    let typist: Typist
    let context: SessionContext
    let machine: Int
    var random: SimulationRandom
    var desk: Desk
    private var acts: [(trouble: String, act: TroublePlot.Act)]
    private(set) var planted: [PlantedText] = []
    private var processNumber: Int
    private var running: [String: Int] = [:]
    /// When the pupil packs up, in Unix milliseconds.
    private let deadline: Int64

    init?(
        school: School, lesson: Lesson, pupil index: Int, machine: Int, day: SchoolDay,
        sequence: UInt64
    ) {
        let pupil = school.pupils[index]
        let machineID = school.machines[machine]
        guard
            let session = SessionID(
                "\(machineID.rawValue)-\(day.date.daysSinceEpoch)-\(lesson.period)")
        else { return nil }
        self.school = school
        self.lesson = lesson
        self.pupil = pupil
        self.machine = machine
        self.day = day
        subject = Subject.all[lesson.subjectIndex]
        typist = Typist(pupil)
        context = SessionContext(
            machine: machineID, student: pupil.account, session: session)
        random = SimulationRandom(
            seed: school.seed, 6, day.date.daysSinceEpoch, Int64(lesson.period), Int64(index))
        desk = Desk(
            clock: lesson.start.advanced(byMilliseconds: Int64(random.number(60_000...240_000))),
            sequence: sequence)
        processNumber = random.number(500...2_000) * 4
        deadline = lesson.end.milliseconds - Int64(random.number(240_000...420_000))
        acts = SessionAuthor.acts(of: index, in: lesson, on: day, school)
    }

    /// A pupil's planted acts all happen in the first lesson of the day that they are in.
    private static func acts(
        of pupil: Int, in lesson: Lesson, on day: SchoolDay, _ school: School
    ) -> [(trouble: String, act: TroublePlot.Act)] {
        guard let dayIndex = school.days.firstIndex(of: day) else { return [] }
        let acts = school.plots.flatMap { plot in
            plot.acts.filter { $0.pupil == pupil && $0.day == dayIndex }.map { (plot.id, $0) }
        }
        guard !acts.isEmpty,
            school.lessons(on: day).first(where: { $0.pupils.contains(pupil) })?.period
                == lesson.period
        else { return [] }
        return acts
    }

    /// The session from the notice to the end.
    consuming func session() -> SimulatedSession {
        begin()
        let start = desk.clock
        let actCount = acts.count
        while !isOver {
            let share = (desk.clock - start) * Int64(actCount + 1) / max(1, deadline - start)
            while actCount - acts.count < share, !acts.isEmpty { act() }
            activity()
            desk.wait(milliseconds: random.number(5_000...60_000))
        }
        while !acts.isEmpty { act() }
        finish()
        return SimulatedSession(
            context: context, deviceNumber: machine, events: desk.events, planted: planted)
    }

    /// Whether it is time to pack up; asked between sentences and messages.
    var isOver: Bool { desk.clock >= deadline }

    private mutating func begin() {
        // P1: nothing is sent before the notice.
        desk.note(.notice(version: "2026-09", action: .shown))
        desk.wait(milliseconds: random.number(1_500...6_000))
        desk.note(.notice(version: "2026-09", action: .accepted))
        desk.note(.session(.start))
        desk.note(.agent(action: .start, counters: [:]))
        desk.wait(milliseconds: random.number(3_000...20_000))
        start(#"C:\Program Files\Google\Chrome\Application\chrome.exe"#)
        desk.focus("chrome.exe", "New Tab - Google Chrome")
        desk.focus("chrome.exe", "Sign in - Google Accounts - Google Chrome")
        desk.note(.secret(count: random.number(8...14), place: desk.place))
        desk.wait(milliseconds: random.number(2_000...9_000))
        desk.focus("chrome.exe", "New Tab - Google Chrome")
    }

    private mutating func finish() {
        desk.wait(milliseconds: random.number(1_000...5_000))
        desk.note(
            .agent(action: .heartbeat, counters: ["events": desk.events.count, "dropped": 0]))
        for (image, process) in running.sorted(by: { $0.value < $1.value }) {
            note(.end, image, process)
        }
        desk.note(.session(.end))
    }

    private mutating func activity() {
        let choice = random.below(100)
        if subject.name == "Computing", choice < 45 { return writeCode() }
        switch choice {
        case 0..<48: writeEssay()
        case 48..<63: research()
        case 63..<78: chat()
        case 78..<84: askAssistant()
        case 84..<89: writeLetter()
        case 89..<95: play()
        case 95..<97: copyAndPaste()
        case 97: beHelped()
        default: desk.wait(milliseconds: random.number(60_000...180_000))
        }
    }

    // MARK: Planted acts

    private mutating func act() {
        let (trouble, act) = acts.removeFirst()
        desk.wait(milliseconds: random.number(3_000...15_000))
        let first: UInt64
        let kind: EventKind
        switch act.medium {
        case .chat(let name):
            openChat(name)
            first = desk.nextSequence
            kind = .key
            typist.type(act.text, .exact, at: &desk, &random)
        case .search:
            openSearch()
            first = desk.nextSequence
            kind = .key
            typist.type(act.text, .exact, at: &desk, &random)
        case .visit(let title):
            desk.focus("chrome.exe", "New Tab - Google Chrome")
            first = desk.nextSequence
            kind = .url
            visit(act.text, title)
        case .program:
            first = desk.nextSequence
            kind = .process
            start(act.text)
        }
        planted.append(
            PlantedText(
                trouble: trouble, student: pupil.account, day: day, machine: context.machine,
                session: context.session, kind: kind, text: act.text,
                sequences: first...lastSequence(of: kind, from: first)))
        guard kind == .key else { return }
        desk.press("Enter")
        if case .search = act.medium { showResults(act.text) }
    }

    /// A visit shows its window too; only the event itself is the act.
    private func lastSequence(of kind: EventKind, from first: UInt64) -> UInt64 {
        kind == .key ? desk.nextSequence - 1 : first
    }

    // MARK: Programs

    mutating func start(_ image: String) {
        guard running[image] == nil else { return }
        processNumber += random.number(4...200) * 4
        running[image] = processNumber
        note(.start, image, processNumber)
    }

    private mutating func note(
        _ action: EventBody.ProcessChange.Action, _ image: String, _ process: Int
    ) {
        desk.note(
            .process(
                EventBody.ProcessChange(
                    action: action, image: image,
                    commandLine: action == .start ? "\"\(image)\"" : "",
                    parentImage: #"C:\Windows\explorer.exe"#, pid: process, parentPid: 1_204)))
    }
}
