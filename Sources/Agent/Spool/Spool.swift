import Bytes
public import Durable
import Events
import Proofs
import Wire

/// What was captured and is not yet acknowledged, on disk.
///
///     lock          held while an agent runs
///     chain         where the numbers have got to (``ChainState``)
///     open          the batch that is not cut yet (``OpenBatchFile``)
///     session       the login session that is going on (``SessionFile``)
///     batches/      signed batches to be sent (``SpooledBatch``), removed when acknowledged
///     quarantine/   batches that the collector refused for ever, for a person to look at
///
/// All files are readable for the owner only, and what pupils typed is sealed. One owner uses a spool,
/// the ``Recorder``; a call returns when its change survives power loss, save for
/// ``append(_:)``, which survives a killed process.
public struct Spool: ~Copyable {
    /// Where the numbers have got to.
    public private(set) var chain: ChainState
    /// Events of a batch that was open when the agent died; the owner stores them first.
    public private(set) var recovered: [NumberedEvent] = []
    /// Files that were damaged and set aside when the spool was opened.
    public private(set) var damagedCount = 0
    /// The bytes on disk.
    public private(set) var usedSize = 0
    /// Batches waiting to be sent, in order.
    public private(set) var unsent: [UInt64] = []
    /// Batches in quarantine.
    public private(set) var quarantinedCount = 0

    private let directory: String
    private let files: any FileSystem
    private let identity: DeviceIdentity
    private let cipher: SpoolCipher
    private let lock: any FileLock
    private let sizeMaximum: Int
    private var isChainStored = true
    private var openFile: (any DurableFile)?
    private var openCount = 0
    private var sizes: [UInt64: Int] = [:]

    /// Opens a spool, makes it when there is none, and repairs what a crash left.
    public static func open(
        directory: String, identity: DeviceIdentity, files: any FileSystem,
        random: RandomSource, sizeMaximum: Int = AgentLimits.spoolSizeMaximum
    ) throws(AgentError) -> Spool {
        do {
            try files.makeDirectory(directory + "/batches")
            try files.makeDirectory(directory + "/quarantine")
            let lock = try files.lock(directory + "/lock")
            var spool = Spool(
                directory: directory, identity: identity, files: files, lock: lock,
                cipher: SpoolCipher(deviceSeed: identity.key.seed, random: random),
                sizeMaximum: sizeMaximum, chain: try readChain(directory, identity, files))
            try spool.recoverBatches()
            try spool.recoverOpenBatch()
            return spool
        } catch {
            throw wrap(error, directory)
        }
    }

    private init(
        directory: String, identity: DeviceIdentity, files: any FileSystem,
        lock: any FileLock, cipher: SpoolCipher, sizeMaximum: Int, chain: ChainState
    ) {
        self.directory = directory
        self.files = files
        self.identity = identity
        self.cipher = cipher
        self.lock = lock
        self.sizeMaximum = sizeMaximum
        self.chain = chain
    }

    /// Whether there is room for more than the gap record.
    public var hasRoom: Bool { usedSize + AgentLimits.spoolReserveSize < sizeMaximum }

    /// Whether so much became free that recording may go on after it stopped: a tenth of the bound,
    /// so that it does not stop and go with every batch that leaves.
    public var hasMuchRoom: Bool {
        usedSize + AgentLimits.spoolReserveSize + sizeMaximum / 10 < sizeMaximum
    }

    /// Hands out the next sequence number.
    public mutating func takeSequence() -> UInt64 {
        defer { chain.nextSequence += 1 }
        return chain.nextSequence
    }

    /// Counts an event that cannot be recorded: its number is used up.
    public mutating func countLost() {
        let sequence = takeSequence()
        if chain.gap == nil { chain.gap = ChainState.Gap(first: sequence, count: 0) }
        chain.gap?.count += 1
        isChainStored = false
    }

    /// Forgets the gap; the caller has recorded an event that tells of it.
    public mutating func closeGap() {
        chain.gap = nil
        isChainStored = false
    }

    /// Appends events of one session to the open batch.
    public mutating func append(_ events: [NumberedEvent]) throws(AgentError) {
        guard let first = events.first else { return }
        do throws(DurableError) {
            let file = try openBatchFile(for: first.session)
            var bytes: [UInt8] = []
            if file.size == 0 {
                bytes = OpenBatchFile.head(first.session, batch: chain.nextBatch, cipher: cipher)
            }
            for event in events {
                bytes += OpenBatchFile.record(
                    event.upload, batch: chain.nextBatch, index: openCount, cipher: cipher)
                openCount += 1
            }
            try file.append(bytes)
            usedSize += bytes.count
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// Makes the open batch and the chain survive power loss.
    public mutating func synchronize() throws(AgentError) {
        do throws(DurableError) {
            try openFile?.synchronize()
            if !isChainStored { try storeChain() }
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// Signs a batch and stores it, then moves the chain on; from then on it can be sent.
    public mutating func store(_ events: [NumberedEvent], reaching mark: ReplayMark? = nil)
        throws(AgentError)
    {
        let batch = try signedBatch(events, mark)
        do throws(DurableError) {
            let file = batch.spooled.sealed(by: cipher)
            try files.replace(path(batch.spooled.number), with: file)
            advance(past: batch.spooled.number, batch.statement, batch.fileHash, mark)
            keep(batch.spooled.number, size: file.count)
            try storeChain()
            try clearOpenBatch()
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// Forgets the recovered events; the owner has stored them.
    mutating func forgetRecovered() { recovered = [] }

    /// Remembers a replay position that needs no batch.
    public mutating func remember(_ mark: ReplayMark) throws(AgentError) {
        chain.remember(mark)
        do throws(DurableError) {
            try storeChain()
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// The oldest batch to be sent; nil when there is none.
    ///
    /// A damaged one is set aside and the next one is taken.
    mutating func oldestUnsent() throws(AgentError) -> SpooledBatch? {
        while let number = unsent.first {
            do {
                return try read(number)
            } catch AgentError.damagedFile {
                damagedCount += 1
                try quarantine(number)
            } catch {
                throw error
            }
        }
        return nil
    }

    /// One batch.
    func read(_ number: UInt64) throws(AgentError) -> SpooledBatch {
        do {
            let file = try files.read(path(number))
            return try SpooledBatch(number: number, file: file, cipher: cipher)
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// Removes a batch that the collector has acknowledged.
    public mutating func acknowledge(_ number: UInt64) throws(AgentError) {
        do throws(DurableError) {
            // The chain must not fall back behind a batch that is gone.
            if !isChainStored { try storeChain() }
            try files.remove(path(number))
            // Not synced: a removal undone by a power cut sends the batch once more, and the
            // collector knows it.
            forget(number)
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// Sets a batch aside that the collector will never take.
    public mutating func quarantine(_ number: UInt64) throws(AgentError) {
        do throws(DurableError) {
            if !isChainStored { try storeChain() }
            try files.rename(
                path(number), to: directory + "/quarantine/" + SpooledBatch.fileName(number))
            try files.synchronizeDirectory(directory + "/quarantine")
            unsent.removeAll { $0 == number }
            quarantinedCount += 1
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    /// The session that was going on when the agent last ran.
    func readSession() -> SessionFile? {
        // try?: no file, or one of another device, means that a new session begins.
        guard let file = try? files.read(directory + "/session") else { return nil }
        return SessionFile(file: file, cipher: cipher)
    }

    /// Stores the session that is going on, or that none is.
    func writeSession(_ session: SessionFile?) throws(AgentError) {
        let path = directory + "/session"
        do throws(DurableError) {
            if let session {
                try files.replace(path, with: session.sealed(by: cipher))
            } else if files.exists(path) {
                try files.remove(path)
            }
        } catch {
            throw Spool.wrap(error, directory)
        }
    }

    // MARK: - Batches

    private func signedBatch(_ events: [NumberedEvent], _ mark: ReplayMark?) throws(AgentError)
        -> (spooled: SpooledBatch, statement: BatchStatement, fileHash: Hash)
    {
        guard let first = events.first, let last = events.last else {
            preconditionFailure("a batch has at least one event")
        }
        let number = chain.nextBatch
        let seed = Commitment.batchSeed(sessionSeed: first.session.seed, batchNumber: number)
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        for event in events {
            precondition(event.session == first.session, "a batch has one session")
            let upload = event.upload
            commitments.append(
                sequence: upload.sequence, wallMilliseconds: upload.wallMilliseconds,
                monoMilliseconds: upload.monoMilliseconds, kind: Array(upload.kind.name.utf8),
                contentIn: upload.content, at: 0..<upload.content.count)
        }
        let context = first.session.context
        let statement = BatchStatement(
            origin: identity.origin, device: identity.device, session: context.session.rawValue,
            host: context.machine.rawValue, user: context.student.rawValue, number: number,
            firstSequence: first.upload.sequence, lastSequence: last.upload.sequence,
            firstWall: first.upload.wallMilliseconds, lastWall: last.upload.wallMilliseconds,
            root: commitments.root(), previous: chain.previous)
        let note = statement.signed(by: try identity.signer())
        let body = BatchUpload.encode(
            seed: seed, statement: note, events: events.map(\.upload))
        let spooled = SpooledBatch(
            number: number, mark: mark, body: Zstd.compress(body, level: 3))
        return (spooled, statement, BatchStatement.hash(ofFile: Array(note.utf8)))
    }

    private mutating func advance(
        past number: UInt64, _ statement: BatchStatement, _ hash: Hash, _ mark: ReplayMark?
    ) {
        chain.nextBatch = number + 1
        chain.previous = hash
        chain.nextSequence = max(chain.nextSequence, statement.lastSequence + 1)
        if let mark { chain.remember(mark) }
        isChainStored = false
    }

    private mutating func keep(_ number: UInt64, size: Int) {
        unsent.append(number)
        sizes[number] = size
        usedSize += size
    }

    private mutating func forget(_ number: UInt64) {
        unsent.removeAll { $0 == number }
        usedSize -= sizes.removeValue(forKey: number) ?? 0
    }

    private mutating func storeChain() throws(DurableError) {
        try files.replace(directory + "/chain", with: chain.bytes)
        isChainStored = true
    }

    private func path(_ number: UInt64) -> String {
        directory + "/batches/" + SpooledBatch.fileName(number)
    }

    // MARK: - The open batch

    private mutating func openBatchFile(for session: Session) throws(DurableError)
        -> any DurableFile
    {
        if let openFile { return openFile }
        let file = try files.open(directory + "/open", creating: true)
        if file.size > 0 { try file.truncate(to: 0) }
        openFile = file
        openCount = 0
        return file
    }

    private mutating func clearOpenBatch() throws(DurableError) {
        openCount = 0
        guard let file = openFile else { return }
        usedSize -= file.size
        try file.truncate(to: 0)
    }

    // MARK: - Recovery

    private static func readChain(
        _ directory: String, _ identity: DeviceIdentity, _ files: any FileSystem
    ) throws -> ChainState {
        let path = directory + "/chain"
        guard files.exists(path) else {
            let chain = ChainState(device: identity.device)
            try files.replace(path, with: chain.bytes)
            return chain
        }
        let chain = try ChainState(parsing: try files.read(path))
        guard chain.device == identity.device else {
            throw AgentError.spool(
                directory: directory,
                why: "belongs to \(chain.device), this key is \(identity.device); use another spool"
            )
        }
        return chain
    }

    private mutating func recoverBatches() throws {
        for name in try files.list(directory + "/batches") {
            let path = directory + "/batches/" + name
            guard let number = SpooledBatch.number(ofFile: name) else {
                try files.remove(path)
                continue
            }
            keep(number, size: try files.size(path))
        }
        for name in try files.list(directory + "/quarantine") {
            quarantinedCount += 1
            usedSize += try files.size(directory + "/quarantine/" + name)
        }
        // Only the batch that the chain waits for can lie ahead of it: see ``ChainState``.
        for number in unsent where number >= chain.nextBatch {
            try recover(number)
        }
    }

    private mutating func recover(_ number: UInt64) throws {
        do {
            let batch = try SpooledBatch(
                number: number, file: try files.read(path(number)), cipher: cipher)
            let note = try batch.upload().statement
            let signed = try SignedNote(parsing: note)
            let statement = try BatchStatement(parsing: signed.text)
            guard number == chain.nextBatch, statement.previous == chain.previous else {
                throw AgentError.damagedFile(
                    name: SpooledBatch.fileName(number), why: "does not follow the chain")
            }
            advance(past: number, statement, BatchStatement.hash(ofFile: note), batch.mark)
            try storeChain()
        } catch let error as DurableError {
            throw error
        } catch {
            // Never sent, since the chain was not past it: its numbers are free to be used again.
            damagedCount += 1
            try quarantine(number)
        }
    }

    private mutating func recoverOpenBatch() throws {
        let path = directory + "/open"
        guard files.exists(path) else { return }
        let events = OpenBatchFile.read(
            try files.read(path), batch: chain.nextBatch, cipher: cipher)
        // Of an older batch nothing opens: it was cut, and stands in its own file.
        guard let last = events.last else { return try files.remove(path) }
        recovered = events
        chain.nextSequence = max(chain.nextSequence, last.upload.sequence + 1)
    }

    /// Tells the owner's error from the disk's.
    private static func wrap(_ error: any Error, _ directory: String) -> AgentError {
        switch error {
        case let error as AgentError: error
        case let error as DurableError: .spool(directory: directory, why: error.message)
        default: .spool(directory: directory, why: "\(error)")
        }
    }
}
