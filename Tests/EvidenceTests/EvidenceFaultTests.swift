import Access
import Casework
import Durable
import Events
import Evidence
import EvidenceFile
import Storage
import StoredSchool
import TestSupport
import Testing

@Suite struct EvidenceFaultTests {
    @Test(arguments: [
        ("short", Role.coordinator), ("", .head), ("two\nlines of a purpose", .coordinator),
        ("meeting with the parents", .networkManager), ("meeting with the parents", .auditor),
        ("meeting with the parents", .collector),
    ])
    func `S17, S54: without purpose or right nothing is read and nothing is recorded`(
        purpose: String, role: Role
    ) async throws {
        let disk = FaultyFileSystem()
        let scenario = try await EvidenceScenario(fileSystem: disk)
        let request = try scenario.request(purpose: purpose, role: role)
        let before = disk.callCount
        await #expect(throws: EvidenceError.self) {
            try await scenario.issuer.issue(request, into: scenario.school.directory)
        }
        #expect(disk.callCount == before)
        #expect(try scenario.store.catalogue.audit(from: nil, to: nil, subject: nil).isEmpty)
    }

    @Test func `an incident that does not exist is said, and nothing is recorded`() async throws {
        let scenario = try await EvidenceScenario()
        let request = EvidenceRequest(
            incident: try #require(IncidentID(year: 2026, number: 999)),
            purpose: "meeting with the parents",
            requester: Requester(id: "operator-1", role: .coordinator))
        let error = await #expect(throws: EvidenceError.self) {
            try await scenario.issuer.issue(request, into: scenario.school.directory)
        }
        #expect(error?.message == EvidenceError.noIncident.message)
        #expect(try scenario.store.catalogue.audit(from: nil, to: nil, subject: nil).isEmpty)
    }

    @Test func `S-b: when the audit row cannot be written, not one byte of an event is read`()
        async throws
    {
        // The calls of a good run tell which of them belong to writing the row.
        let calm = FaultyFileSystem()
        let good = try await EvidenceScenario(fileSystem: calm)
        let start = calm.callCount
        _ = try await good.issue()
        let calls = Array(calm.calls[start...])
        let firstRead = try #require(calls.firstIndex { $0.hasPrefix("read") })
        let written = try #require(calls[..<firstRead].firstIndex { $0.hasPrefix("fdatasync") })
        for number in 1...written + 1 {
            let disk = FaultyFileSystem()
            let scenario = try await EvidenceScenario(fileSystem: disk)
            let before = disk.callCount
            disk.fail(call: number, with: .error(5))
            let request = try scenario.request()
            let error = await #expect(throws: EvidenceError.self, "call \(number)") {
                try await scenario.issuer.issue(request, into: scenario.school.directory)
            }
            #expect(error?.message.contains("so nothing was read") == true, "\(calls)")
            #expect(!disk.calls[before...].contains { $0.hasPrefix("read") })
            #expect(try bundles(in: scenario).isEmpty)
        }
    }

    @Test func `whichever call of the disk fails, there is a whole bundle or none`() async throws {
        let calm = FaultyFileSystem()
        let good = try await EvidenceScenario(fileSystem: calm)
        let start = calm.callCount
        _ = try await good.issue()
        let calls = calm.callCount - start
        for number in stride(from: 1, through: calls, by: max(1, calls / 12)) {
            let disk = FaultyFileSystem()
            let scenario = try await EvidenceScenario(fileSystem: disk)
            disk.fail(call: number, with: .error(28))
            let request = try scenario.request()
            // nil says that it was refused, which is what a failing disk may do.
            let issued = try? await scenario.issuer.issue(request, into: scenario.school.directory)
            for path in try bundles(in: scenario) {
                let files = try BundleReader(fileSystem: RealFileSystem()).read(path)
                #expect(BundleCheck.run(files).conclusion == .goodWithWarnings, "call \(number)")
            }
            #expect(try bundles(in: scenario).count == (issued == nil ? 0 : 1), "call \(number)")
        }
    }

    @Test func `findings that the rules do not give again are left out and said, never believed`()
        async throws
    {
        let scenario = try await EvidenceScenario()
        let catalogue = scenario.store.catalogue
        var invented = try #require(try catalogue.findings(incident: "I-2026-000001").first)
        invented.ruleID = "00000000-0000-4000-8000-00000000000f"
        invented.incident = nil
        let rows = try catalogue.commitDetection(findings: [invented], cursor: scenario.store.end)
        try catalogue.attach(finding: try #require(rows.first?.id), to: "I-2026-000001")
        let (bundle, files) = try await scenario.issue()
        #expect(bundle.findingsLeftOut == 1)
        let incident = String(decoding: try #require(files["data/incident.json"]), as: UTF8.self)
        #expect(incident.contains("does not come out again with the rules in force"))
        #expect(BundleCheck.run(BundleFiles(files: files)).conclusion == .goodWithWarnings)
    }

    @Test func `an incident of which nothing comes out again makes no bundle`() async throws {
        let scenario = try await EvidenceScenario()
        let catalogue = scenario.store.catalogue
        var invented = try #require(try catalogue.findings(incident: "I-2026-000001").first)
        invented.theme = "suicide"
        invented.ruleID = "00000000-0000-4000-8000-00000000000f"
        invented.incident = nil
        let rows = try catalogue.commitDetection(findings: [invented], cursor: scenario.store.end)
        _ = try IncidentStore(catalogue: catalogue).group(rows, at: scenario.school.now)
        let error = await #expect(throws: EvidenceError.self) {
            try await scenario.issue(.suicide)
        }
        #expect(error?.message == EvidenceError.nothingRecomputed(findings: 1).message)
        #expect(try bundles(in: scenario).isEmpty)
    }

    @Test func `a finding on a batch that is gone says which, and makes no bundle`() async throws {
        let scenario = try await EvidenceScenario()
        let catalogue = scenario.store.catalogue
        var lost = try #require(try catalogue.findings(incident: "I-2026-000001").first)
        lost.leaf = 900_000
        lost.firstSequence += 1
        lost.incident = nil
        let rows = try catalogue.commitDetection(findings: [lost], cursor: scenario.store.end)
        try catalogue.attach(finding: try #require(rows.first?.id), to: "I-2026-000001")
        let error = await #expect(throws: EvidenceError.self) { try await scenario.issue() }
        #expect(error?.message == EvidenceError.eventsMissing(leaf: 900_000).message)
        #expect(try bundles(in: scenario).isEmpty)
    }

    @Test func `no error tells a name or a word that was typed`() {
        let errors: [EvidenceError] = [
            .refused(.purpose), .refused(.role), .noIncident, .notRecorded(.stopped),
            .store(.stopped), .casework(.badFinding(id: 4)), .eventsMissing(leaf: 3),
            .nothingRecomputed(findings: 2), .windowTooLarge(batches: 5_000, limit: 4_000),
            .tooManyBundles(year: 2026), .file(.badBundleID),
        ]
        for error in errors {
            #expect(!error.message.isEmpty)
            #expect(!error.message.hasSuffix("."))
        }
    }

    private func bundles(in scenario: EvidenceScenario) throws -> [String] {
        try RealFileSystem().list(scenario.school.directory).filter { $0.contains("SG-") }
            .map { scenario.school.directory + "/" + $0 }
    }
}
