public import Durable
import Events
import Glibc
import Logging
import Wire

/// Sends a file of events through the spool, the batches and the shipper, and remembers how far it got.
///
/// The position is stored with each batch, so a replay that is started again after any crash sends the
/// rest and nothing twice. Keys in secret windows are withheld here as in capture, one for one.
public struct Replay: Sendable {
    private let recorder: Recorder
    private let clock: any AgentClock
    private let random: RandomSource
    private let batchEvents: Int
    private let windows: SecretWindows

    /// What a replay did.
    public struct Outcome: Sendable, Equatable {
        /// Events put into batches by this run.
        public var sent = 0
        /// Lines that are no events.
        public var rejected: [ReplayReader.Rejected] = []
    }

    /// A replay through a recorder.
    public init(
        recorder: Recorder, clock: any AgentClock, random: RandomSource, batchEvents: Int,
        windows: SecretWindows
    ) {
        self.recorder = recorder
        self.clock = clock
        self.random = random
        self.batchEvents = batchEvents
        self.windows = windows
    }

    /// Puts all events of a file that are not yet sent into batches; waits while the spool is full.
    public func run(file: String, files: any FileSystem) async throws -> Outcome {
        guard files.exists(file) else { throw AgentError.replay(file: file, why: "no such file") }
        let key = ReplayReader.key(path: file, firstLine: try firstLine(file, files))
        let mark =
            await recorder.mark(of: key) ?? ReplayMark(key: key, offset: 0, taken: 0)
        var at = mark.offset
        let reader = ReplayReader(startingAt: at) { () throws(AgentError) in
            do throws(DurableError) {
                let bytes = try files.read(file, offset: at, count: 1 << 18)
                at += bytes.count
                return bytes
            } catch {
                throw .replay(file: file, why: error.message)
            }
        }
        return try await run(reader, from: mark)
    }

    /// Puts all events of a stream into batches; a stream cannot be read again, so no position is kept.
    public func run(descriptor: Int32) async throws -> Outcome {
        let reader = ReplayReader(startingAt: 0) { () throws(AgentError) in
            try readAll(descriptor)
        }
        // A key that no file has, so that nothing is found again.
        let key = ReplayReader.key(path: "-", firstLine: random.bytes(32))
        return try await run(reader, from: ReplayMark(key: key, offset: 0, taken: 0))
    }

    private func run(_ reader: consuming ReplayReader, from start: ReplayMark) async throws
        -> Outcome
    {
        try await recorder.storeRecovered()
        var outcome = Outcome()
        var filter = SecretFilter(windows)
        var seeds: [SessionContext: [UInt8]] = [:]
        var taken = start.taken
        while let chunk = try reader.next() {
            outcome.rejected += chunk.rejected
            while taken < chunk.order.count {
                let batch = nextBatch(of: chunk, from: taken, key: start.key, &filter)
                taken += batch.events.count
                while await !recorder.hasRoom {
                    try await clock.sleep(milliseconds: Shipper.idleMilliseconds)
                }
                // A session's seed need not be the same in every run, only random.
                let seed = seeds[batch.context] ?? random.bytes(Session.seedSize)
                seeds[batch.context] = seed
                try await recorder.store(batch, seed: seed)
                outcome.sent += batch.events.count
            }
            taken = 0
        }
        try await recorder.remember(
            ReplayMark(key: start.key, offset: reader.offset, taken: 0))
        return outcome
    }

    /// The next events of one session, at most as many as a batch takes.
    private func nextBatch(
        of chunk: ReplayReader.Chunk, from start: Int, key: String, _ filter: inout SecretFilter
    ) -> Recorder.Replayed {
        let context = chunk.events.contextIndices[chunk.order[start]]
        var batch = Recorder.Replayed(
            context: chunk.events.contexts[context], events: [],
            mark: ReplayMark(key: key, offset: chunk.offset, taken: start))
        var decoder = ContentDecoder()
        for index in chunk.order[start...].prefix(batchEvents) {
            guard chunk.events.contextIndices[index] == context else { break }
            batch.events.append(event(index, of: chunk.events.columns, &decoder, &filter))
        }
        batch.mark.taken = start + batch.events.count
        if batch.mark.taken == chunk.order.count {
            batch.mark = ReplayMark(key: key, offset: chunk.nextOffset, taken: 0)
        }
        return batch
    }

    private func event(
        _ index: Int, of columns: EventColumns, _ decoder: inout ContentDecoder,
        _ filter: inout SecretFilter
    ) -> (wall: Instant, kind: EventKind, content: [UInt8]) {
        let wall = Instant(milliseconds: columns.wallMilliseconds[index])
        let kind = columns.kinds[index]
        let content = Array(columns.content(index))
        guard kind == .key,
            // try?: the line was parsed a moment ago; what does not decode is no key.
            var event = try? decoder.event(
                time: wall, sequence: 0, kind: kind, content: content),
            case .key(let press) = event.body, filter.isSecret(press.place)
        else { return (wall, kind, content) }
        event.body = .secret(count: 1, place: press.place)
        return (wall, .secret, CanonicalContent.encode(event))
    }

    private func firstLine(_ file: String, _ files: any FileSystem) throws(AgentError) -> [UInt8] {
        do throws(DurableError) {
            let start = try files.read(file, offset: 0, count: 64 << 10)
            return Array(start.prefix { $0 != 0x0A })
        } catch {
            throw .replay(file: file, why: error.message)
        }
    }
}

private func readAll(_ descriptor: Int32) throws(AgentError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .replay(file: "-", why: "cannot read: error \(errno)") }
        buffer.removeLast(buffer.count - count)
        return buffer
    }
}
