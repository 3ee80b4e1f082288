import Events
import Storage

extension CoverageReport {
    /// What a day was, from what the store holds.
    static func make(of day: SchoolDay, from store: Store) throws(StorageError) -> CoverageReport {
        let activity = try store.machineActivity(from: day.start, to: day.end)
        let sessions = try store.sessionActivity(from: day.start, to: day.end)
        return CoverageReport(
            machines: machines(activity, sessions),
            silent: try silentMachines(on: day, seen: Set(activity.map(\.machine)), in: store),
            gaps: try store.sequenceGaps().map {
                Gap(
                    device: $0.device.rawValue, machine: $0.machine.rawValue,
                    first: $0.missing.lowerBound, last: $0.missing.upperBound)
            },
            clocks: activity.compactMap(clockOffset),
            withoutNotice: try withoutNotice(sessions, on: day, in: store))
    }

    /// One line a machine, whichever devices sent for it.
    private static func machines(_ activity: [MachineActivity], _ sessions: [SessionActivity])
        -> [Machine]
    {
        let byMachine = Dictionary(grouping: activity, by: \.machine)
        let sessionsOf = Dictionary(grouping: sessions, by: \.context.machine)
        return byMachine.compactMap { machine, rows -> Machine? in
            guard let first = rows.map(\.first).min(), let last = rows.map(\.last).max() else {
                return nil
            }
            let there = sessionsOf[machine] ?? []
            return Machine(
                name: machine.rawValue, events: rows.reduce(0) { $0 + $1.events },
                sessions: there.count, accounts: Set(there.map(\.context.student)).count,
                first: first.rfc3339, last: last.rfc3339)
        }
    }

    private static func silentMachines(
        on day: SchoolDay, seen: Set<MachineID>, in store: Store
    ) throws(StorageError) -> [SilentMachine] {
        let before = SchoolDay(day.date.advanced(byDays: -ReportsLimits.silenceDays))
        let activity = try store.machineActivity(from: before.start, to: day.start)
        let byMachine = Dictionary(grouping: activity, by: \.machine)
        return byMachine.compactMap { machine, rows -> SilentMachine? in
            guard !seen.contains(machine), let last = rows.map(\.last).max() else { return nil }
            return SilentMachine(name: machine.rawValue, lastSeen: last.rfc3339)
        }
    }

    private static func clockOffset(_ row: MachineActivity) -> ClockOffset? {
        let delay = row.leastDelayMilliseconds
        guard
            delay < -ReportsLimits.clockAheadMaximumMilliseconds
                || delay > ReportsLimits.delayMaximumMilliseconds
        else { return nil }
        return ClockOffset(
            device: row.device.rawValue, machine: row.machine.rawValue, milliseconds: delay)
    }

    /// Counts the sessions in which no notice was recorded on the day (P1).
    ///
    /// It goes through one student at a time, so that it never holds more than one student's day.
    private static func withoutNotice(
        _ sessions: [SessionActivity], on day: SchoolDay, in store: Store
    ) throws(StorageError) -> [SessionsWithoutNotice] {
        var counts: [MachineID: Int] = [:]
        let byStudent = Dictionary(grouping: sessions, by: \.context.student)
        for (student, sessions) in byStudent.sorted(by: { $0.key < $1.key }) {
            let notices = try store.events(
                matching: EventQuery(
                    student: student, from: day.start, to: day.end, kinds: [.notice]))
            let informed = Set(notices.map(\.context))
            for session in sessions where !informed.contains(session.context) {
                counts[session.context.machine, default: 0] += 1
            }
        }
        return counts.map { SessionsWithoutNotice(machine: $0.key.rawValue, sessions: $0.value) }
    }
}
