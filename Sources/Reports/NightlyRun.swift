import Access
import Casework
import Durable
public import Events
import Proofs
public import Storage

/// What a night left behind.
public struct NightReport: Hashable, Sendable {
    /// The school day.
    public let day: SchoolDay
    /// The page.
    public let htmlPath: String
    /// The file for programs.
    public let jsonPath: String
    /// The steps that this start did; the others were done before.
    public let stepsDone: [NightStep]
    /// What may be sent to whoever is on duty: that there is a report, not what is in it.
    public let notice: String
    /// The report.
    public let report: MorningReport
}

/// Walk 3, the night: from an open day to the page that the school reads in the morning.
///
/// Each step's result is kept in the catalogue when it is done. A second start takes the results that
/// are there and goes on with the first step that has none; the report is made of stored results
/// only, so that the same day gives the same bytes, however often the night was interrupted.
public enum NightlyRun {
    /// What the night needs from outside.
    public struct Surroundings: Sendable {
        /// The clock, randomness and disk.
        public var environment: StoreEnvironment
        /// The rules in force.
        public var rules: MorningReport.RulesInForce
        /// How long what is kept is kept.
        public var retention: RetentionRules
        /// Called before each step that is not done yet; what it throws ends the night there.
        public var willBegin: @Sendable (NightStep) throws -> Void

        /// What the night needs from outside.
        public init(
            environment: StoreEnvironment, rules: MorningReport.RulesInForce,
            retention: RetentionRules = RetentionRules(),
            willBegin: @escaping @Sendable (NightStep) throws -> Void = { _ in }
        ) {
            self.environment = environment
            self.rules = rules
            self.retention = retention
            self.willBegin = willBegin
        }
    }

    /// Runs the night of a school day, or what is left of it.
    public static func run(day: SchoolDay, store: Store, in surroundings: Surroundings)
        async throws(ReportsError) -> NightReport
    {
        var night = try Night(day: day, store: store, surroundings: surroundings)
        let casework = IncidentStore(catalogue: store.catalogue)

        // 1. The act is recorded, and the day is closed: the open journal becomes a segment.
        if night.isToDo(.closeDay) {
            try night.begin(.closeDay)
            try await night.recordAct()
        }
        let closed = try await night.step(.closeDay) { () throws(NightFault) in
            let sealed = try NightFault.store { () throws(StorageError) in try store.seal() }
            return DayClosed(
                started: surroundings.environment.now().rfc3339, segments: sealed.segments,
                events: sealed.events)
        }
        // 2. Coverage: which machine was silent, which events are missing.
        let coverage = try await night.step(.coverage) { () throws(NightFault) in
            try NightFault.store { () throws(StorageError) in
                try CoverageReport.make(of: day, from: store)
            }
        }
        // 3. and 4. Incidents: what a crash left behind is grouped, then they are ranked.
        let cases = try await night.step(.casework) { () throws(NightFault) in
            let now = surroundings.environment.now()
            _ = try NightFault.casework { () throws(CaseworkError) in
                try casework.groupLeftovers(at: now)
            }
            return try DayOfCasework.make(of: day, from: store, casework: casework)
        }
        // 5. and 6. The day's segments become one, and what is older than the rules allow is forgotten.
        _ = try await night.step(.merge) { () throws(NightFault) in
            try NightFault.store { () throws(StorageError) in try store.mergeSegments() }
        }
        let pruned = try await night.step(.retention) { () async throws(NightFault) in
            do throws(StorageError) {
                return try await store.prune(
                    surroundings.retention, at: surroundings.environment.now())
            } catch {
                throw .storage(error)
            }
        }
        // 7. The store is read back, and the log is signed as it stands.
        let check = try await night.step(.checkStore) { () throws(NightFault) in
            try NightFault.store { () throws(StorageError) in try StoreReading.check(store) }
        }
        let anchored = try await night.step(.checkpoint) { () throws(NightFault) in
            try NightFault.store { () throws(StorageError) in try DayAnchored.make(from: store) }
        }
        // 8. The morning report.
        let rules = surroundings.rules
        let report = try await night.step(.report) {
            MorningReport(
                format: MorningReport.formatName, school: store.identity.school,
                day: day.description, made: closed.started, incidents: cases.incidents,
                earlier: cases.earlier, olderCount: cases.olderCount, coverage: coverage,
                themes: cases.themes, risks: cases.risks, rules: rules,
                store: StoreReading.adding(pruned, surroundings.retention, to: check),
                checkpoint: anchored.checkpoint, issuerFingerprint: anchored.issuerFingerprint,
                notCovered: MorningReport.alwaysNotCovered)
        }
        let paths = try night.write(report)
        // 9. Say that there is a report, not what is in it (P21).
        let notice = try await night.step(.notify) { () throws(NightFault) in
            try NightFault.store { () throws(StorageError) in
                try NightNotice.make(of: day, report: report, in: store)
            }
        }
        return NightReport(
            day: day, htmlPath: paths.html, jsonPath: paths.json, stepsDone: night.done,
            notice: notice.text, report: report)
    }
}

/// The state of a night: which steps are done.
private struct Night {
    let day: SchoolDay
    let store: Store
    let surroundings: NightlyRun.Surroundings
    private(set) var done: [NightStep] = []
    private var begun: NightStep?
    private var results: [String: String]

    init(day: SchoolDay, store: Store, surroundings: NightlyRun.Surroundings)
        throws(ReportsError)
    {
        self.day = day
        self.store = store
        self.surroundings = surroundings
        do {
            results = try store.catalogue.completedSteps(night: day)
        } catch {
            throw .store(step: "start", why: error.message)
        }
    }

    func isToDo(_ step: NightStep) -> Bool { results[step.rawValue] == nil }

    /// Says that a step begins, once.
    mutating func begin(_ step: NightStep) throws(ReportsError) {
        guard begun != step else { return }
        do {
            try surroundings.willBegin(step)
        } catch {
            throw .stopped(before: step.rawValue)
        }
        begun = step
    }

    /// A step's result: the one that is kept, or else the one that the body makes, which is kept then.
    mutating func step<Facts: Codable>(
        _ step: NightStep, _ body: () async throws(NightFault) -> Facts
    ) async throws(ReportsError) -> Facts {
        if let kept = results[step.rawValue] { return try FactFile.read(Facts.self, from: kept) }
        try begin(step)
        let line: String
        do {
            line = try FactFile.line(try await body())
        } catch let fault as NightFault {
            throw .store(step: step.rawValue, why: fault.message)
        } catch let error as ReportsError {
            throw error
        } catch {
            throw .store(step: step.rawValue, why: "\(error)")
        }
        do {
            try store.catalogue.complete(step: step.rawValue, night: day, result: line)
            results = try store.catalogue.completedSteps(night: day)
        } catch {
            throw .store(step: step.rawValue, why: error.message)
        }
        done.append(step)
        // What is kept counts, also where another start was quicker.
        return try FactFile.read(Facts.self, from: results[step.rawValue] ?? line)
    }

    /// Records that the night looked at findings: the collector's own act, without a subject.
    func recordAct() async throws(ReportsError) {
        let requester = Requester.collector
        do {
            _ = try await store.record(
                AuditRow(
                    at: surroundings.environment.now(), actor: requester.id,
                    role: requester.role.rawValue, action: "night", subject: nil,
                    object: day.description, purpose: "morning report", leaf: 0, hash: ""))
        } catch {
            throw .store(step: NightStep.closeDay.rawValue, why: error.message)
        }
    }

    /// Writes the files where they are not there yet or not as they should be.
    func write(_ report: MorningReport) throws(ReportsError) -> (html: String, json: String) {
        let folder = "\(store.directory)/reports/\(day)"
        let html = folder + "/morning.html"
        let json = folder + "/morning.json"
        let files = [(html, Array(report.html().utf8)), (json, try report.json())]
        let fileSystem = surroundings.environment.fileSystem
        for (path, bytes) in files {
            do {
                try fileSystem.makeDirectory(folder)
                let isThere = fileSystem.exists(path) ? try fileSystem.read(path) == bytes : false
                if !isThere { try fileSystem.replace(path, with: bytes) }
            } catch {
                throw .file(path: path, why: error.message)
            }
        }
        return (html, json)
    }
}
