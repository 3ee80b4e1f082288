import Bytes
import Durable
public import Events
import Foundation
import Proofs
public import Wire

extension Store {
    /// Takes in a signed batch.
    ///
    /// The statement is checked before anything is stored: known device, its signature, the origin,
    /// and a root that is recomputed from the events.
    /// - Parameters:
    ///   - upload: the upload, parsed.
    ///   - body: its bytes as received, for the journal.
    ///   - isCompressed: whether those bytes are a zstd frame.
    ///   - received: when it came.
    public func admit(
        _ upload: BatchUpload, body: [UInt8], isCompressed: Bool, at received: Instant
    ) async throws(StorageError) -> BatchReceipt {
        let batch = try checked(upload, body, isCompressed, received)
        do {
            let entry = try await ledger.store(.signed(batch))
            let stream = EventStream(device: batch.device, machine: batch.context.machine)
            reservations.add([batch.sequences], to: stream)
            return BatchReceipt(
                leaf: entry.leaf, received: entry.received, isDuplicate: entry.isDuplicate)
        } catch {
            if case .conflict(let number) = error { try await noteConflict(batch, number) }
            throw error
        }
    }

    private func checked(
        _ upload: BatchUpload, _ body: [UInt8], _ isCompressed: Bool, _ received: Instant
    ) throws(StorageError) -> Ledger.SignedBatch {
        let file = try StatementFile(upload.statement)
        let statement = file.statement
        guard let device = DeviceName(statement.device) else { throw .unknownDevice }
        let key = try devices.key(of: device, at: received)
        guard file.note.verdict(of: key) == .valid(unixSeconds: nil) else { throw .badSignature }
        guard identity.knows(origin: statement.origin) else { throw .wrongOrigin }
        guard !statement.isCollectorOrigin else { throw .badStatement("origin collector is ours") }
        let columns = upload.columns
        guard statement.firstSequence == columns.sequences.first,
            statement.lastSequence == columns.sequences.last,
            statement.firstWall == columns.wallMilliseconds.first,
            statement.lastWall == columns.wallMilliseconds.last,
            statement.root == columns.root(seed: upload.seed, 0..<columns.count),
            let times = columns.timeRange, let sequences = columns.sequenceRange
        else { throw .wrongRoot }
        var stored = body
        if !isCompressed {
            stored = Zstd.compress(body, level: StorageLimits.journalLevel)
        }
        return Ledger.SignedBatch(
            device: device, number: statement.number, previous: statement.previous,
            statement: BatchStatement.hash(ofFile: upload.statement),
            context: try SessionContext(statement), received: received, upload: stored,
            isCompressed: true, decoded: upload, file: file,
            firstTime: Instant(milliseconds: times.lowerBound),
            lastTime: Instant(milliseconds: times.upperBound), sequences: sequences,
            events: columns.count)
    }

    /// S5: two statements under one number mean a cloned key or a rolled-back agent.
    private func noteConflict(_ batch: Ledger.SignedBatch, _ number: UInt64)
        async throws(StorageError)
    {
        try catalogue.setAside(batch.device, at: batch.received)
        devices.forget(batch.device)
        let record =
            "{\"batch\":\(number),\"device\":\"\(batch.device.rawValue)\","
            + "\"statement\":\"\(batch.statement.hex)\"}"
        _ = try await append(
            LeafRecord(kind: .conflict, json: Array(record.utf8), at: batch.received))
    }

    /// Takes in lines of a bearer-token client: each event once, whatever is sent again.
    ///
    /// Lines that are no events are named in the receipt; what stands around them is stored.
    public func admit(
        _ lines: EventLines, from device: DeviceName, idempotency: IdempotencyKey?,
        at received: Instant
    ) async throws(StorageError) -> LinesReceipt {
        if let idempotency,
            let old = try receipts.begin(idempotency, from: device, at: received)
        {
            return try decodeReceipt(old)
        }
        do {
            let (receipt, bytes) = try await store(lines, device, idempotency, received)
            if let idempotency {
                receipts.remember(idempotency, bytes, from: device, at: received)
            }
            return receipt
        } catch {
            if let idempotency { receipts.abandon(idempotency, from: device) }
            throw error
        }
    }

    private func store(
        _ lines: EventLines, _ device: DeviceName, _ idempotency: IdempotencyKey?,
        _ received: Instant
    ) async throws(StorageError) -> (LinesReceipt, [UInt8]) {
        var admission = try LinesAdmission(lines, device, reservations)
        do {
            let (receipt, bytes, request) = prepare(
                &admission, lines, device, idempotency, received)
            if !request.batches.isEmpty { _ = try await ledger.store(.lines(request)) }
            admission.settle(reservations, stored: true)
            return (receipt, bytes)
        } catch {
            admission.settle(reservations, stored: false)
            throw error
        }
    }

    private func prepare(
        _ admission: inout LinesAdmission, _ lines: EventLines, _ device: DeviceName,
        _ idempotency: IdempotencyKey?, _ received: Instant
    ) -> (LinesReceipt, [UInt8], Ledger.Lines) {
        var request = Ledger.Lines(
            device: device, received: received, batches: [], compressedLines: [])
        var text: [UInt8] = []
        text.reserveCapacity(lines.columns.contents.count + lines.columns.count * 40)
        for (context, columns) in admission.groups {
            let seed = environment.randomBytes(BatchUpload.seedSize)
            guard let times = columns.timeRange, let sequences = columns.sequenceRange else {
                continue
            }
            let start = text.count
            BatchUpload.appendLines(of: columns, to: &text)
            let last = columns.count - 1
            request.batches.append(
                .init(
                    context: context, seed: seed,
                    root: columns.root(seed: seed, 0..<columns.count),
                    linesSize: text.count - start,
                    first: (columns.sequences[0], columns.wallMilliseconds[0]),
                    last: (columns.sequences[last], columns.wallMilliseconds[last]),
                    times: times, sequences: sequences, columns: columns))
        }
        request.compressedLines = Zstd.compress(text, level: StorageLimits.journalLevel)
        let receipt = LinesReceipt(
            accepted: request.batches.reduce(0) { $0 + $1.columns.count },
            duplicates: admission.duplicates,
            rejected: lines.rejected.map { .init(line: $0.line, error: $0.error.message) },
            repaired: lines.repairedLines)
        let bytes = receipt.json
        request.idempotency = idempotency.map { ($0, bytes) }
        return (receipt, bytes, request)
    }

    private func decodeReceipt(_ bytes: [UInt8]) throws(StorageError) -> LinesReceipt {
        do {
            return try JSONDecoder().decode(LinesReceipt.self, from: Data(bytes))
        } catch {
            throw .catalogue("a remembered receipt does not decode")
        }
    }
}

/// Which lines of a body are new, grouped by login session.
private struct LinesAdmission {
    private(set) var groups: [(context: SessionContext, columns: EventColumns)] = []
    private(set) var duplicates = 0
    private var reserved: [(stream: EventStream, ranges: [ClosedRange<UInt64>])] = []

    init(_ lines: EventLines, _ device: DeviceName, _ reservations: Reservations)
        throws(StorageError)
    {
        do throws(StorageError) {
            try reserve(lines, device, reservations)
        } catch {
            settle(reservations, stored: false)
            throw error
        }
    }

    private mutating func reserve(
        _ lines: EventLines, _ device: DeviceName, _ reservations: Reservations
    ) throws(StorageError) {
        if reserveWhole(lines, device, reservations) { return }
        var rowsByMachine: [MachineID: [Int]] = [:]
        for (row, context) in lines.contextIndices.enumerated() {
            rowsByMachine[lines.contexts[context].machine, default: []].append(row)
        }
        var sequences = [UInt64?](repeating: nil, count: lines.columns.count)
        for (machine, rows) in rowsByMachine.sorted(by: { $0.key < $1.key }) {
            let stream = EventStream(device: device, machine: machine)
            let wanted = rows.map {
                lines.hasSequence[$0] ? lines.columns.sequences[$0] : nil
            }
            let outcome = try reservations.reserve(wanted, in: stream)
            reserved.append((stream, outcome.reserved))
            for (row, sequence) in zip(rows, outcome.sequences) { sequences[row] = sequence }
        }
        group(lines, sequences)
    }

    /// The usual body: one session, numbers that rise by one, all of them new. Nothing is copied then.
    private mutating func reserveWhole(
        _ lines: EventLines, _ device: DeviceName, _ reservations: Reservations
    ) -> Bool {
        guard lines.contexts.count == 1, !lines.hasSequence.contains(false),
            let first = lines.columns.sequences.first, lines.columns.isContiguous,
            let last = lines.columns.sequences.last
        else { return false }
        let stream = EventStream(device: device, machine: lines.contexts[0].machine)
        guard reservations.reserve(first...last, in: stream) else { return false }
        reserved.append((stream, [first...last]))
        groups = [(lines.contexts[0], lines.columns)]
        return true
    }

    private mutating func group(_ lines: EventLines, _ sequences: [UInt64?]) {
        var columns = [EventColumns](repeating: EventColumns(), count: lines.contexts.count)
        for row in 0..<lines.columns.count {
            guard let sequence = sequences[row] else {
                duplicates += 1
                continue
            }
            columns[lines.contextIndices[row]].append(row, of: lines.columns, sequence: sequence)
        }
        groups = zip(lines.contexts, columns).filter { $0.1.count > 0 }.map { ($0.0, $0.1) }
    }

    func settle(_ reservations: Reservations, stored: Bool) {
        for (stream, ranges) in reserved {
            reservations.settle(ranges, in: stream, stored: stored)
        }
    }
}

extension LinesReceipt {
    /// The receipt as it is remembered.
    fileprivate var json: [UInt8] {
        guard rejected.isEmpty, repaired.isEmpty else { return encodeJSON(self) }
        let text =
            #"{"accepted":\#(accepted),"duplicates":\#(duplicates),"rejected":[],"repaired":[]}"#
        return Array(text.utf8)
    }
}

extension EventColumns {
    /// The batch root of some rows under a seed (`evidence.md` 2.2 and 2.3).
    func root(seed: [UInt8], _ rows: Range<Int>) -> Hash {
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        for row in rows {
            commitments.append(
                sequence: sequences[row], wallMilliseconds: wallMilliseconds[row],
                monoMilliseconds: monoMilliseconds[row],
                kind: BatchUpload.kindNames[Int(kinds[row].rawValue)], contentIn: contents,
                at: contentRange(row))
        }
        return commitments.root()
    }
}
