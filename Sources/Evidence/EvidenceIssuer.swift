import Access
import Casework
public import Detection
import Durable
import Events
public import EvidenceFile
import Proofs
public import Storage

/// Walk 2, issue of evidence: from a request to a folder that a stranger can check.
///
/// One student's events, what the rules find in them now, who touched them, and the proofs that the
/// log held them. It is made for the first time when it is asked for; nothing of it lies about before.
public struct EvidenceIssuer: Sendable {
    private let store: Store
    private let pack: RulePack
    private let detector: Detector
    private let environment: StoreEnvironment
    private let software: [IncidentRecord.SoftwareRecord]

    /// An issuer over a store with the rules in force.
    public init(
        store: Store, pack: RulePack, detector: Detector, environment: StoreEnvironment,
        software: [IncidentRecord.SoftwareRecord]
    ) {
        self.store = store
        self.pack = pack
        self.detector = detector
        self.environment = environment
        self.software = software
    }

    /// Makes a bundle into a folder of a directory; all of it or nothing.
    public func issue(_ request: EvidenceRequest, into directory: String)
        async throws(EvidenceError) -> IssuedBundle
    {
        // 1. Who wants what? The incident's row tells whose it is; it holds nothing that was typed.
        let incident = try row(of: request.incident)
        // 2. May they?
        let grant = try decide(request, about: incident.student)
        // 3. Recorded, durable in the log, before the first byte is read.
        let custody = Custody(store: store)
        try await custody.record(grant, object: incident.id, at: environment.now())
        // 4. The findings and the batches they rest on, with their context.
        let context = IncidentRecord.ContextRecord(
            milliseconds: EvidenceLimits.contextMilliseconds, events: EvidenceLimits.contextEvents)
        let findings = try stored { () throws(StorageError) in
            try store.catalogue.findings(incident: incident.id)
        }
        let gathered = try Gatherer(store: store, subject: incident.student, context: context)
            .gather(findings)
        // 6. One student and nobody else; 7. with the proofs of the log as it stands now.
        let others = OtherPeople(subject: incident.student)
        var proofs = try LogProofs(store: store)
        var batches: [BundleBatch] = []
        for batch in gathered.batches {
            batches.append(try proofs.prove(batch, others.disclosures(of: batch)))
        }
        // 5. The rules run again, on what the bundle shows: findings are recomputed, not believed.
        let again = Recomputation(
            of: findings, in: BundleTimeline(batches: batches), pack: pack, detector: detector)
        guard !again.records.isEmpty else { throw .nothingRecomputed(findings: findings.count) }
        // 8. and 9. Written beside its place, checked as a stranger would, put in its place.
        let made = environment.now()
        let id = try nextID(at: made)
        let record = try IncidentRecord(
            bundle: id, incident: incident.id, school: store.identity.school,
            contactRole: Role.coordinator.title, made: made.rfc3339, audience: .school,
            subject: subject(incident.student),
            workstations: Set(gathered.batches.map(\.context.machine.rawValue)).sorted(),
            findings: again.records, clock: ClockMeasurement.measure(gathered.batches),
            context: context, windows: gathered.windows, software: software,
            faults: faults(again), anchors: anchors(), purpose: grant.purpose.text,
            requestedBy: grant.requester.role.title, approvedBy: grant.requester.role.title)
        let contents = BundleContents(
            record: record, batches: batches, latestCheckpoint: proofs.latest,
            consistency: proofs.consistency, logKey: store.keys.log.key,
            clockKey: store.keys.clock.key, deviceKeys: try deviceKeys(of: gathered.batches),
            rules: again.rules,
            custody: try custody.rows(
                for: gathered, incident: incident.id, subject: incident.student),
            withheldTexts: others.withheldTexts(gathered.otherAccounts, in: gathered.batches))
        let written = try write(contents, into: directory)
        // 10. Recorded with the bundle's hash; without the record there is no bundle.
        let leaf = try await recordBundle(written, id: id, grant: grant, incident: incident.id)
        return IssuedBundle(
            id: id, path: written.path, leaf: leaf, tagManifestHash: written.tagManifestHash.hex,
            fingerprint: written.fingerprint,
            warnings: written.report.verdicts.filter { $0.outcome == .warning }.map(\.line),
            findingsLeftOut: again.leftOut.count)
    }

    // MARK: Steps

    private func row(of id: IncidentID) throws(EvidenceError) -> IncidentRow {
        let row = try stored { () throws(StorageError) in
            try store.catalogue.incident(id: id.description)
        }
        guard let row else { throw .noIncident }
        return row
    }

    private func decide(_ request: EvidenceRequest, about subject: StudentID)
        throws(EvidenceError) -> Grant
    {
        let decision = Entitlement.decide(
            .export, by: request.requester, about: subject, purpose: request.purpose,
            at: environment.now())
        switch decision {
        case .granted(let grant): return grant
        case .refused(let refusal): throw .refused(refusal)
        }
    }

    /// `SG-2026-000123`: counted in every year; a number whose bundle failed is not given again.
    private func nextID(at now: Instant) throws(EvidenceError) -> String {
        let year = SchoolDay(containing: now).date.year
        let number = try stored { () throws(StorageError) in
            try store.catalogue.next("counter.bundle.\(year)")
        }
        let digits = String(number)
        guard digits.count <= 6 else { throw .tooManyBundles(year: year) }
        return "SG-\(year)-" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    private func subject(_ student: StudentID) throws(EvidenceError) -> IncidentRecord.Subject {
        do {
            let code = try IncidentStore(catalogue: store.catalogue).code(of: student)
            return .init(reference: code, account: student.rawValue)
        } catch {
            throw .casework(error)
        }
    }

    /// The keys that signed the statements: the devices' own, and the collector's for those that cannot.
    private func deviceKeys(of batches: [StoredBatch]) throws(EvidenceError) -> [NoteKey] {
        var keys: [NoteKey] = []
        if batches.contains(where: \.isCollectorOrigin) {
            keys.append(store.keys.unsignedAgent.key)
        }
        let signing = Set(batches.filter { !$0.isCollectorOrigin }.map(\.device))
        for device in signing.sorted() {
            let row = try stored { () throws(StorageError) in try store.catalogue.device(device) }
            guard let publicKey = row?.publicKey else { throw .store(.unknownDevice) }
            do {
                keys.append(try NoteKey(name: device.rawValue, publicKey: publicKey))
            } catch {
                throw .store(.unknownDevice)
            }
        }
        return keys
    }

    private func faults(_ again: Recomputation) -> [String] {
        let rules = Set(again.leftOut.map(\.ruleID)).sorted()
        let notAgain = rules.map { rule in
            "what rule \(rule) found at the time does not come out again with the rules in force"
        }
        return [OtherPeople.namesNotLookedFor] + notAgain
    }

    /// The morning report of which the coordinator holds a copy, where there is one (evidence.md 3.5, A1).
    private func anchors() throws(EvidenceError) -> [IncidentRecord.AnchorRecord] {
        let kept = try stored { () throws(StorageError) in
            try store.catalogue.setting(ReportAnchor.settingName)
        }
        guard let anchor = kept.flatMap(ReportAnchor.init(line:)) else { return [] }
        return [
            .init(
                kind: "report", holder: Role.coordinator.title, time: anchor.time,
                size: anchor.size)
        ]
    }

    private func write(_ contents: BundleContents, into directory: String)
        throws(EvidenceError) -> WrittenBundle
    {
        let fileSystem = environment.fileSystem
        do {
            let issuer = try BundleIssuer(
                principal: store.identity.issuer, key: store.keys.issuer)
            return try BundleWriter(fileSystem: fileSystem).write(
                contents, issuer: issuer, into: directory)
        } catch {
            throw .file(error)
        }
    }

    private func recordBundle(
        _ written: WrittenBundle, id: String, grant: Grant, incident: String
    ) async throws(EvidenceError) -> UInt64 {
        do {
            let now = environment.now()
            let json =
                "{\"bundle\":\"\(id)\",\"incident\":\"\(incident)\","
                + "\"tagmanifest\":\"\(written.tagManifestHash.hex)\"}"
            let receipt = try await store.append(
                LeafRecord(kind: .bundle, json: Array(json.utf8), at: now))
            try await Custody(store: store).record(
                grant, object: "\(id) \(written.tagManifestHash.hex)", at: now)
            return receipt.leaf
        } catch {
            // try?: the failure to record it is the one to report.
            try? environment.fileSystem.removeTree(written.path)
            if let error = error as? EvidenceError { throw error }
            if let error = error as? StorageError { throw .notRecorded(error) }
            throw .notRecorded(.stopped)
        }
    }
}

/// How far the workstations' clocks were from the collector's, as the batches of a bundle show it.
enum ClockMeasurement {
    /// Workstation minus collector at the quickest receipt, and how far the slowest was from it.
    ///
    /// The way to the collector is part of every receipt, so the quickest says most about the clocks.
    static func measure(_ batches: [StoredBatch]) -> IncidentRecord.ClockRecord {
        let differences = batches.map { $0.lastTime.milliseconds - $0.received.milliseconds }
        guard let least = differences.min(), let most = differences.max() else {
            return .init(offsetMilliseconds: 0, spreadMilliseconds: 0)
        }
        return .init(offsetMilliseconds: most, spreadMilliseconds: most - least)
    }
}
