import Bytes
public import Events
import Proofs
public import Storage
import Wire

/// Sends scenes to a store through one of its two doors, numbering events and batches as an agent does.
public struct Workstation {
    /// How events get in.
    public enum Door: Hashable, Sendable {
        /// Batches that the workstation signs.
        case signed
        /// Lines that the collector signs in its place.
        case lines
    }

    /// What went wrong in a fixture.
    public enum Trouble: Error { case badName, refused }

    /// Its name.
    public let device: DeviceName
    private let door: Door
    private let key: SigningKey
    private var sequence: UInt64 = 0
    private var number: UInt64 = 0
    private var previous = Hash.zero

    /// A workstation; `seed` makes its key and its number.
    public init(seed: UInt8, door: Door) throws {
        guard let key = SigningKey(seed: [UInt8](repeating: seed, count: 32)),
            let device = DeviceName("device/" + Hex.encode([0, 0, 0, seed]))
        else { throw Trouble.badName }
        self.key = key
        self.device = device
        self.door = door
    }

    /// Makes it known to the store.
    public func enrol(in store: Store, at now: Instant) throws {
        switch door {
        case .signed:
            let code = key.publicKey
            try store.catalogue.add(
                enrolmentCode: code, label: device.rawValue,
                expires: now.advanced(byMilliseconds: 60_000))
            let name = try store.catalogue.enrol(
                codeHash: code, publicKey: key.publicKey, name: device, at: now)
            guard name == device else { throw Trouble.refused }
        case .lines:
            try store.catalogue.addTokenDevice(
                name: device, label: device.rawValue, tokenHash: key.publicKey, at: now)
        }
    }

    /// Leaves out some sequence numbers, as if their events had been lost.
    public mutating func loses(events count: UInt64) { sequence += count }

    /// Makes a batch of some events that never arrives.
    public mutating func losesBatch(events count: UInt64) {
        sequence += count
        number += 1
        previous = Hash.sha256(Array("lost \(number)".utf8))
    }

    /// Sends a scene in batches of at most some events; received a little after the last of each.
    public mutating func send(
        _ scene: Scene, to store: Store, batchEventsMaximum: Int = 64,
        delayMilliseconds: Int64 = 350
    ) async throws {
        var events = scene.events
        for index in events.indices {
            events[index].sequence = sequence
            sequence += 1
        }
        for start in stride(from: 0, to: events.count, by: batchEventsMaximum) {
            let batch = Array(events[start..<min(start + batchEventsMaximum, events.count)])
            let received = (batch.last?.time ?? scene.time)
                .advanced(byMilliseconds: delayMilliseconds)
            switch door {
            case .signed: try await sign(batch, scene.context, to: store, received)
            case .lines: try await post(batch, scene.context, to: store, received)
            }
        }
    }

    private mutating func sign(
        _ events: [Event], _ context: SessionContext, to store: Store, _ received: Instant
    ) async throws {
        guard let first = events.first, let last = events.last else { return }
        var columns = EventColumns()
        for event in events {
            columns.append(
                sequence: event.sequence, wallMilliseconds: event.time.milliseconds,
                monoMilliseconds: 0, kind: event.kind,
                content: CanonicalContent.encode(event)[...])
        }
        let seed = Commitment.batchSeed(
            sessionSeed: Hash.sha256(Array(context.session.rawValue.utf8)).bytes,
            batchNumber: number)
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        for index in 0..<columns.count {
            commitments.append(
                sequence: columns.sequences[index],
                wallMilliseconds: columns.wallMilliseconds[index], monoMilliseconds: 0,
                kind: Array(columns.kinds[index].name.utf8), contentIn: columns.contents,
                at: columns.contentRange(index))
        }
        let statement = BatchStatement(
            origin: store.identity.origin, device: device.rawValue,
            session: context.session.rawValue, host: context.machine.rawValue,
            user: context.student.rawValue, number: number, firstSequence: first.sequence,
            lastSequence: last.sequence, firstWall: first.time.milliseconds,
            lastWall: last.time.milliseconds, root: commitments.root(), previous: previous)
        let signer = try NoteSigner(name: device.rawValue, signingKey: key)
        let file = Array(statement.signed(by: signer).utf8)
        let upload = BatchUpload(seed: seed, statement: file, columns: columns)
        let body = Zstd.compress(upload.encoded(), level: 3)
        _ = try await store.admit(upload, body: body, isCompressed: true, at: received)
        previous = BatchStatement.hash(ofFile: file)
        number += 1
    }

    private func post(
        _ events: [Event], _ context: SessionContext, to store: Store, _ received: Instant
    ) async throws {
        var body: [UInt8] = []
        for event in events {
            let common =
                "{\"time\":\"\(event.time.rfc3339)\",\"host\":\"\(context.machine)\","
                + "\"user\":\"\(context.student)\",\"session\":\"\(context.session)\","
                + "\"seq\":\(event.sequence),\"kind\":\"\(event.kind.name)\""
            let content = CanonicalContent.encode(event)
            body += Array(common.utf8) + (content.count > 2 ? [0x2C] : [])
            body += content.dropFirst() + [0x0A]
        }
        let lines = try EventLines(parsing: body)
        let receipt = try await store.admit(
            lines, from: device, idempotency: nil, at: received)
        guard receipt.rejected.isEmpty, receipt.accepted == events.count else {
            throw Trouble.refused
        }
    }
}
