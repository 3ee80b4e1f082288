import Proofs

/// What is in the files of a bundle, each part parsed or with the reason why not.
struct OpenedBundle {
    typealias Parsed<Value> = Result<Value, EvidenceFileError>

    let files: [String: [UInt8]]
    let record: Parsed<IncidentRecord>
    let batches: [OpenedBatch]
    let latest: Parsed<SignedCheckpoint>
    let consistency: [(path: String, proof: Parsed<ConsistencyProof>)]
    let issuerKey: [UInt8]?
    let signer: (principal: String, publicKey: [UInt8])?
    let logKey: Parsed<NoteKey>
    let clockKey: Parsed<NoteKey>
    let devicePublicKeys: [(path: String, key: [UInt8]?)]

    /// One batch of a bundle.
    struct OpenedBatch {
        let leaf: UInt64
        let file: [UInt8]
        let statement: Parsed<(note: SignedNote, statement: BatchStatement)>
        let leafData: Parsed<(bytes: [UInt8], data: LeafData)>
        let proof: Parsed<(proof: TlogProof, checkpoint: SignedCheckpoint)>
        let events: Parsed<[EventDisclosure]>

        var name: String { "leaf-\(leaf)" }
    }

    init(_ bundle: BundleFiles) {
        let files = bundle.files
        self.files = files
        record = OpenedBundle.parse(BundleLayout.incident, files) {
            bytes throws(EvidenceFileError) in
            try IncidentRecord(parsing: bytes)
        }
        let prefix = BundleLayout.proofFolder + "leaf-"
        let leaves = Set(
            bundle.paths.filter { $0.hasPrefix(prefix) }.compactMap { path -> UInt64? in
                let name = path.dropFirst(prefix.count)
                guard let dot = name.firstIndex(of: ".") else { return nil }
                return String(name[..<dot]).wholeNumber(after: "")
            })
        batches = leaves.sorted().map { OpenedBatch(leaf: $0, files: files) }
        latest = OpenedBundle.proof(BundleLayout.latestCheckpoint, files) {
            bytes throws(ProofsError) in try SignedCheckpoint(parsing: bytes)
        }
        consistency = bundle.paths.filter { path in
            path.hasPrefix(BundleLayout.proofFolder + "consistency") && path.hasSuffix(".txt")
        }.map { path in
            (
                path,
                OpenedBundle.proof(path, files) { bytes throws(ProofsError) in
                    try ConsistencyProof(parsing: bytes)
                }
            )
        }
        issuerKey = files[BundleLayout.issuerKey].flatMap { PublicKeyFile.publicKey(pem: $0) }
        signer = files[BundleLayout.allowedSigners].flatMap { PublicKeyFile.allowedSigner($0) }
        logKey = OpenedBundle.key(
            pem: BundleLayout.logKey, text: BundleLayout.logVerifierKey, .ed25519, files)
        clockKey = OpenedBundle.key(
            pem: BundleLayout.clockKey, text: BundleLayout.clockVerifierKey, .cosignature, files)
        devicePublicKeys = bundle.paths.filter { $0.hasPrefix(BundleLayout.deviceKeyPrefix) }.map {
            ($0, files[$0].flatMap { PublicKeyFile.publicKey(pem: $0) })
        }
    }

    /// The batches as the derivations want them, where every part could be read.
    var bundleBatches: [BundleBatch] {
        batches.compactMap { batch in
            guard let leafData = try? batch.leafData.get(), let proof = try? batch.proof.get(),
                let events = try? batch.events.get()  // nil: other checks say what is wrong
            else { return nil }
            return BundleBatch(
                leaf: batch.leaf, statement: batch.file, leafData: leafData.bytes,
                proof: proof.proof, events: events)
        }
    }

    /// The keys that sign checkpoints under an origin; nil for another collector's.
    ///
    /// After a loss a collector goes on under the next name with the same keys and the same tree
    /// (evidence.md 3.4), so what its earlier logs signed is checked under their names. That the tree
    /// was not rewritten between them is for V13 to say.
    func checkpointKeys(origin: String) -> (log: NoteKey, clock: NoteKey)? {
        guard case .success(let log) = logKey, case .success(let clock) = clockKey else {
            return nil
        }
        if origin == log.name { return (log, clock) }
        guard let now = LogOrigin(log.name), let then = LogOrigin(origin), now.follows(then),
            // try?: a name that cannot be a key's belongs to no key.
            let oldLog = try? NoteKey(name: origin, publicKey: log.publicKey),
            let oldClock = try? NoteKey(
                name: origin + "/clock", publicKey: clock.publicKey, algorithm: .cosignature)
        else { return nil }
        return (oldLog, oldClock)
    }

    /// The time that the clock has signed beside a checkpoint; nil for none.
    func unixSeconds(of signed: SignedCheckpoint) -> Int64? {
        checkpointKeys(origin: signed.checkpoint.origin)
            .flatMap { signed.unixSeconds(clock: $0.clock) }.flatMap { Int64(exactly: $0) }
    }

    /// The keys that signed the statements, under the names in the statements, sorted by file.
    var deviceKeys: [NoteKey] {
        let names = Set(
            batches.flatMap { batch in
                // try?: a statement that cannot be read is for V6 to report.
                ((try? batch.statement.get())?.note.signatures ?? []).map(\.name)
            })
        var keys: [(String, NoteKey)] = []
        for (path, publicKey) in devicePublicKeys {
            guard let publicKey else { continue }
            for name in names {
                // try?: a name that cannot be a key's belongs to no key.
                guard let key = try? NoteKey(name: name, publicKey: publicKey),
                    BundleLayout.deviceKey(key) == path
                else { continue }
                keys.append((path, key))
            }
        }
        return keys.sorted { $0.0 < $1.0 }.map(\.1)
    }

    fileprivate static func parse<Value>(
        _ path: String, _ files: [String: [UInt8]],
        _ read: ([UInt8]) throws(EvidenceFileError) -> Value
    ) -> Parsed<Value> {
        guard let bytes = files[path] else { return .failure(.missingFile(path: path)) }
        do {
            return .success(try read(bytes))
        } catch {
            return .failure(error)
        }
    }

    fileprivate static func proof<Value>(
        _ path: String, _ files: [String: [UInt8]],
        _ read: ([UInt8]) throws(ProofsError) -> Value
    ) -> Parsed<Value> {
        parse(path, files) { bytes throws(EvidenceFileError) in
            do throws(ProofsError) {
                return try read(bytes)
            } catch {
                throw .badProof(path: path, error: error)
            }
        }
    }

    /// A key whose PEM file and verifier key agree.
    private static func key(
        pem: String, text: String, _ algorithm: NoteKey.Algorithm, _ files: [String: [UInt8]]
    ) -> Parsed<NoteKey> {
        let parsed = proof(text, files) { bytes throws(ProofsError) in
            guard bytes.last == 0x0A else { throw .badKey }
            return try NoteKey(verifierKey: String(decoding: bytes.dropLast(), as: UTF8.self))
        }
        guard let file = files[pem] else { return .failure(.missingFile(path: pem)) }
        return parsed.flatMap { key in
            let isSame =
                PublicKeyFile.publicKey(pem: file) == key.publicKey && key.algorithm == algorithm
            return isSame ? .success(key) : .failure(.badFile(path: pem))
        }
    }
}

extension OpenedBundle.OpenedBatch {
    fileprivate init(leaf: UInt64, files: [String: [UInt8]]) {
        self.leaf = leaf
        let statementPath = BundleLayout.statement(leaf: leaf)
        file = files[statementPath] ?? []
        statement = OpenedBundle.proof(statementPath, files) { bytes throws(ProofsError) in
            let note = try SignedNote(parsing: bytes)
            return (note, try BatchStatement(parsing: note.text))
        }
        leafData = OpenedBundle.proof(BundleLayout.leafData(leaf: leaf), files) {
            bytes throws(ProofsError) in (bytes, try LeafData(parsing: bytes))
        }
        proof = OpenedBundle.proof(BundleLayout.proof(leaf: leaf), files) {
            bytes throws(ProofsError) in
            let proof = try TlogProof(parsing: bytes)
            return (proof, try SignedCheckpoint(parsing: proof.checkpoint))
        }
        let eventsPath = BundleLayout.events(leaf: leaf)
        events = OpenedBundle.parse(eventsPath, files) { bytes throws(EvidenceFileError) in
            let file = try EventsFile(parsing: bytes, path: eventsPath)
            guard file.leaf == leaf else { throw .badLine(path: eventsPath, line: 2) }
            return file.events
        }
    }
}
