public import Durable
public import Proofs
import Typing

/// Who signs bundles: the school's issuer key and the name that `ssh-keygen` knows it by.
public struct BundleIssuer: Sendable {
    /// `<school>/evidence`, without spaces.
    public let principal: String
    let key: SigningKey

    /// An issuer; throws when the name cannot stand in `allowed_signers`.
    public init(principal: String, key: SigningKey) throws(EvidenceFileError) {
        guard !principal.isEmpty,
            principal.unicodeScalars.allSatisfy({
                $0.isASCII && $0.value > 0x20 && $0.value != 0x7F
                    && !"'\"\\#,*?!".contains(Character($0))
            })
        else { throw .badPrincipal }
        self.principal = principal
        self.key = key
    }

    /// The fingerprint to print in the school's policy, as `ssh-keygen -lf` shows it.
    public var fingerprint: String { PublicKeyFile.fingerprint(key.publicKey) }
}

/// A bundle that was written and has passed its own check.
public struct WrittenBundle: Sendable {
    /// Where it is.
    public var path: String
    /// The hash of its tag manifest: what a `bundle` leaf of the log names.
    public var tagManifestHash: Hash
    /// The issuer's fingerprint.
    public var fingerprint: String
    /// What the check said.
    public var report: BundleReport
}

/// Writes a bundle: all of it or nothing, and the same bytes for the same contents.
public struct BundleWriter: Sendable {
    private let fileSystem: any FileSystem

    /// A writer on a file system.
    public init(fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    /// Writes a bundle into a folder, under its id.
    ///
    /// It is made beside its place, checked there as a stranger would check it, and then renamed.
    public func write(
        _ contents: BundleContents, issuer: BundleIssuer, into directory: String
    ) throws(EvidenceFileError) -> WrittenBundle {
        let files = try BundleWriter.files(of: contents, issuer: issuer)
        try BundleWriter.searchWithheld(contents.withheldTexts, in: files)
        let path = directory + "/" + contents.record.bundle
        let temporary = directory + "/." + contents.record.bundle + ".partial"
        guard !fileSystem.exists(path) else { throw .exists(path: path) }
        do {
            if fileSystem.exists(temporary) { try fileSystem.removeTree(temporary) }
            try store(files, in: temporary)
        } catch {
            discard(temporary)
            throw .disk(error)
        }
        let report: BundleReport
        do {
            report = try check(temporary)
        } catch {
            discard(temporary)
            throw error
        }
        do {
            try fileSystem.rename(temporary, to: path)
            try fileSystem.synchronizeDirectory(directory)
        } catch { throw .disk(error) }
        return WrittenBundle(
            path: path, tagManifestHash: Hash.sha256(files[BundleLayout.tagManifest] ?? []),
            fingerprint: issuer.fingerprint, report: report)
    }

    /// All files of a bundle by their paths, signatures included.
    public static func files(
        of contents: BundleContents, issuer: BundleIssuer
    ) throws(EvidenceFileError) -> [String: [UInt8]] {
        let contents = try BundleWriter.completed(contents)
        let payload = try BundleWriter.payload(contents, issuer: issuer)
        var tags = try BundleWriter.keys(contents, issuer: issuer)
        tags[BundleLayout.bagDeclaration] = Array(BundleLayout.bagDeclarationText.utf8)
        tags[BundleLayout.bagInfo] = BundleWriter.bagInfo(contents.record, payload: payload)
        tags[BundleLayout.manifest] = BundleManifest(files: payload).bytes
        let tagManifest = BundleManifest(files: tags).bytes
        var files = payload.merging(tags) { payload, _ in payload }
        files[BundleLayout.tagManifest] = tagManifest
        files[BundleLayout.signature] = issuer.key.signature(for: tagManifest)
        files[BundleLayout.sshSignature] = PublicKeyFile.sshSignature(
            of: tagManifest, by: issuer.key)
        return files
    }

    /// The contents with batches in order and with what the record says about them.
    private static func completed(
        _ contents: BundleContents
    ) throws(EvidenceFileError) -> BundleContents {
        var contents = contents
        guard BundleLayout.isFileName(contents.record.bundle) else { throw .badBundleID }
        contents.batches.sort { $0.leaf < $1.leaf }
        contents.consistency.sort { $0.old < $1.old }
        let latest: Checkpoint
        do {
            latest = try SignedCheckpoint(parsing: contents.latestCheckpoint).checkpoint
        } catch { throw .badProof(path: BundleLayout.latestCheckpoint, error: error) }
        // Only keys that signed something, in the order of their files: a verifier finds just these.
        let signers = contents.batches.flatMap { batch in
            // try?: a statement that cannot be read is for V6 to report.
            (try? SignedNote(parsing: batch.statement).signatures.map(\.name)) ?? []
        }
        contents.deviceKeys = contents.deviceKeys.filter { signers.contains($0.name) }
            .sorted { BundleLayout.deviceKey($0) < BundleLayout.deviceKey($1) }
        contents.record.layoutVersion = BundleLayout.version
        contents.record.redactions = DerivedFiles.redactions(of: contents.batches)
        contents.record.checkpoints = .init(
            ingest: contents.consistency.map(\.old), latest: latest.size,
            latestRoot: latest.root.base64, origin: latest.origin)
        return contents
    }

    private static func payload(
        _ contents: BundleContents, issuer: BundleIssuer
    ) throws(EvidenceFileError) -> [String: [UInt8]] {
        let record = contents.record
        let options = record.reconstruction.options ?? .init()
        var files = FileSet(
            DerivedFiles(
                record: record, batches: contents.batches,
                timeline: BundleTimeline(batches: contents.batches, options: options),
                rules: contents.rules, deviceKeys: contents.deviceKeys,
                clockName: contents.clockKey.name, principal: issuer.principal,
                issuerKey: issuer.key.publicKey
            ).files)
        try files.add(BundleLayout.incident, try record.encoded())
        try files.add(BundleLayout.custodyTable, Tables.custody(contents.custody))
        for rule in contents.rules {
            guard BundleLayout.isFileName(rule.id) else { throw .badRuleID }
            let path = BundleLayout.ruleRecord(id: rule.id)
            try files.add(BundleLayout.ruleSource(id: rule.id), rule.source)
            try files.add(path, try JSONFile.encode(RuleRecordFile(rule), path: path))
        }
        for batch in contents.batches {
            try files.add(BundleLayout.statement(leaf: batch.leaf), batch.statement)
            try files.add(BundleLayout.leafData(leaf: batch.leaf), batch.leafData)
            try files.add(
                BundleLayout.events(leaf: batch.leaf),
                EventsFile(leaf: batch.leaf, events: batch.events).bytes)
            try files.add(BundleLayout.proof(leaf: batch.leaf), batch.proof.bytes)
        }
        try files.add(BundleLayout.latestCheckpoint, contents.latestCheckpoint)
        for (index, proof) in contents.consistency.enumerated() {
            try files.add(
                BundleLayout.consistency(old: proof.old, isFirst: index == 0), proof.bytes)
        }
        return files.files
    }

    private static func keys(
        _ contents: BundleContents, issuer: BundleIssuer
    ) throws(EvidenceFileError) -> [String: [UInt8]] {
        var files = FileSet([:])
        try files.add(BundleLayout.issuerKey, PublicKeyFile.pem(issuer.key.publicKey))
        try files.add(
            BundleLayout.allowedSigners,
            PublicKeyFile.allowedSigners(
                principal: issuer.principal, publicKey: issuer.key.publicKey))
        let (log, clock) = (contents.logKey, contents.clockKey)
        try files.add(BundleLayout.logKey, PublicKeyFile.pem(log.publicKey))
        try files.add(BundleLayout.logVerifierKey, Array("\(log.verifierKey)\n".utf8))
        try files.add(BundleLayout.clockKey, PublicKeyFile.pem(clock.publicKey))
        try files.add(BundleLayout.clockVerifierKey, Array("\(clock.verifierKey)\n".utf8))
        for key in contents.deviceKeys {
            try files.add(BundleLayout.deviceKey(key), PublicKeyFile.pem(key.publicKey))
        }
        return files.files
    }

    private static func bagInfo(
        _ record: IncidentRecord, payload: [String: [UInt8]]
    ) -> [UInt8] {
        let size = payload.values.reduce(0) { $0 + $1.count }
        let agent = record.software.first.map { "\($0.name) \($0.version)" } ?? "Daybook"
        let lines = [
            ("Source-Organization", record.school), ("External-Identifier", record.bundle),
            ("Bagging-Date", String(record.made.prefix(10))),
            ("Payload-Oxum", "\(size).\(payload.count)"), ("Bag-Software-Agent", agent),
            ("Contact-Name", record.contactRole),
        ]
        return Array(lines.map { "\($0.0): \(VisibleText.marked($0.1))\n" }.joined().utf8)
    }

    /// Refuses a bundle in which a text that was to be withheld can be read.
    private static func searchWithheld(
        _ texts: [String], in files: [String: [UInt8]]
    ) throws(EvidenceFileError) {
        let readable = files.filter {
            $0.key.hasPrefix("data/") && $0.key != BundleLayout.verifyScript
                && !$0.key.hasSuffix(".tlog-proof")
        }
        let needles = texts.filter { $0.count >= 3 }.flatMap {
            [$0.lowercased(), VisibleText.html($0).lowercased()]
        }
        for (path, bytes) in readable.sorted(by: { $0.key < $1.key }) {
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            if needles.contains(where: { text.contains($0) }) {
                throw .withheldTextFound(path: path)
            }
        }
    }

    private func store(_ files: [String: [UInt8]], in directory: String) throws(DurableError) {
        var folders: Set<String> = [directory]
        for path in files.keys.sorted() {
            let full = directory + "/" + path
            let folder = parentDirectory(of: full)
            if folders.insert(folder).inserted || path == files.keys.min() {
                try fileSystem.makeDirectory(folder)
            }
            let file = try fileSystem.open(full, creating: true)
            defer { file.close() }
            try file.append(files[path] ?? [])
            try file.synchronize()
        }
        for folder in folders.sorted() { try fileSystem.synchronizeDirectory(folder) }
    }

    private func check(_ directory: String) throws(EvidenceFileError) -> BundleReport {
        let read = try BundleReader(fileSystem: fileSystem).read(directory)
        let report = BundleCheck.run(read)
        guard report.conclusion == .good || report.conclusion == .goodWithWarnings else {
            let failed = report.verdicts.filter { $0.outcome.isFailure }
            throw .checkFailed(verdicts: failed.map(\.line))
        }
        return report
    }

    private func discard(_ directory: String) {
        // try?: the error that made us give up is the one to report; the next start removes the rest.
        try? fileSystem.removeTree(directory)
    }
}

/// Files by path, each only once.
private struct FileSet {
    private(set) var files: [String: [UInt8]]

    init(_ files: [String: [UInt8]]) { self.files = files }

    mutating func add(_ path: String, _ bytes: [UInt8]) throws(EvidenceFileError) {
        guard files.updateValue(bytes, forKey: path) == nil else {
            throw .duplicateFile(path: path)
        }
    }
}
