import Bytes
import Events
import Wire

/// The batch file of the spool: one signed batch, ready to be sent.
///
///     sg.spool/v1 batch LF
///     sealed, with the role `batch <number>`:
///         counted text: the replay mark that the batch reached; empty when it came from capture
///         counted bytes: the body of the upload, compressed with zstd
///
/// It gets its name (the number in 20 digits, `.batch`) by a rename after it was synced: a file with
/// such a name is whole. A crash can leave a file `.new`, which is removed.
struct SpooledBatch: Sendable, Equatable {
    static let versionLine = Array("sg.spool/v1 batch\n".utf8)

    var number: UInt64
    var mark: ReplayMark?
    /// The upload as it is sent: zstd.
    var body: [UInt8]

    /// The upload itself.
    func upload() throws(AgentError) -> BatchUpload {
        do {
            let plain = try Zstd.decompress(body, sizeMaximum: EventLimits.expandedSizeMaximum)
            return try BatchUpload.parse(plain, isTrusted: true)
        } catch {
            throw .damagedFile(
                name: SpooledBatch.fileName(number), why: "holds no upload (\(error))")
        }
    }

    func sealed(by cipher: SpoolCipher) -> [UInt8] {
        var writer = ByteWriter(reserving: body.count + 128)
        writer.appendCounted(Array((mark?.text ?? "").utf8))
        writer.appendCounted(body)
        return SpooledBatch.versionLine
            + cipher.seal(writer.bytes, role: "batch \(number)")
    }

    init(number: UInt64, mark: ReplayMark?, body: [UInt8]) {
        self.number = number
        self.mark = mark
        self.body = body
    }

    init(number: UInt64, file: [UInt8], cipher: SpoolCipher) throws(AgentError) {
        let name = SpooledBatch.fileName(number)
        guard file.starts(with: SpooledBatch.versionLine) else {
            throw .damagedFile(name: name, why: "unknown version")
        }
        let sealed = file.dropFirst(SpooledBatch.versionLine.count)
        guard let plain = cipher.open(sealed, role: "batch \(number)") else {
            throw .damagedFile(name: name, why: "does not open with the device key")
        }
        do {
            var reader = ByteReader(plain)
            let text = try reader.countedText()
            self.init(
                number: number, mark: text.isEmpty ? nil : ReplayMark(text: text),
                body: Array(try reader.counted()))
        } catch {
            throw .damagedFile(name: name, why: "ends too early")
        }
    }

    static func fileName(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".batch"
    }

    /// The number in a file name; nil for other files.
    static func number(ofFile name: String) -> UInt64? {
        guard name.hasSuffix(".batch"), let number = UInt64(name.dropLast(6)),
            fileName(number) == name
        else { return nil }
        return number
    }
}

/// The file `open` of the spool: the events of the batch that is not cut yet, in order.
///
///     sg.spool/v1 open LF
///     pieces: size (4 bytes, little-endian), then so many sealed bytes
///         piece 0, role `open <batch number> head`: the session
///         piece n, role `open <batch number> <n - 1>`: an event
///
/// It is appended to without a sync for every event: a killed agent loses nothing, a power cut the
/// last seconds. Whatever follows the last piece that opens is cut off.
struct OpenBatchFile {
    static let versionLine = Array("sg.spool/v1 open\n".utf8)

    static func head(_ session: Session, batch: UInt64, cipher: SpoolCipher) -> [UInt8] {
        var writer = ByteWriter()
        append(session, to: &writer)
        return versionLine + piece(writer.bytes, role: "open \(batch) head", cipher)
    }

    static func record(_ event: UploadEvent, batch: UInt64, index: Int, cipher: SpoolCipher)
        -> [UInt8]
    {
        var writer = ByteWriter(reserving: event.content.count + 32)
        writer.appendVarint(event.sequence)
        writer.appendSignedVarint(event.wallMilliseconds)
        writer.appendSignedVarint(event.monoMilliseconds)
        writer.append(event.kind.rawValue)
        writer.appendCounted(event.content)
        return piece(writer.bytes, role: "open \(batch) \(index)", cipher)
    }

    /// The events that a file holds for a batch; none when it is of another batch or cut off early.
    static func read(_ file: [UInt8], batch: UInt64, cipher: SpoolCipher) -> [NumberedEvent] {
        guard file.starts(with: versionLine) else { return [] }
        var reader = ByteReader(file, from: versionLine.count, to: file.count)
        guard let head = nextPiece(&reader, role: "open \(batch) head", cipher),
            let session = session(from: head)
        else { return [] }
        var events: [NumberedEvent] = []
        while let plain = nextPiece(&reader, role: "open \(batch) \(events.count)", cipher),
            let upload = event(from: plain)
        {
            events.append(NumberedEvent(session: session, upload: upload))
        }
        return events
    }

    private static func piece(_ plain: [UInt8], role: String, _ cipher: SpoolCipher) -> [UInt8] {
        let sealed = cipher.seal(plain, role: role)
        var writer = ByteWriter(reserving: sealed.count + 4)
        writer.appendUInt32(UInt32(sealed.count))
        writer.append(contentsOf: sealed)
        return writer.bytes
    }

    private static func nextPiece(
        _ reader: inout ByteReader, role: String, _ cipher: SpoolCipher
    ) -> [UInt8]? {
        // try?: a torn end is what this format expects after a crash; it means "no further piece".
        guard let size = try? reader.uint32(), let sealed = try? reader.take(Int(size)) else {
            return nil
        }
        return cipher.open(sealed, role: role)
    }

    private static func event(from plain: [UInt8]) -> UploadEvent? {
        var reader = ByteReader(plain)
        // try?: sealed by ourselves, so only another version could be shorter; it is no event of ours.
        guard let sequence = try? reader.varint(), let wall = try? reader.signedVarint(),
            let mono = try? reader.signedVarint(), let raw = try? reader.byte(),
            let kind = EventKind(rawValue: raw), let content = try? reader.counted()
        else { return nil }
        return UploadEvent(
            sequence: sequence, wallMilliseconds: wall, monoMilliseconds: mono, kind: kind,
            content: Array(content))
    }

    /// A session in bytes: host, user, id, seed, each counted.
    static func append(_ session: Session, to writer: inout ByteWriter) {
        writer.appendCounted(Array(session.context.machine.rawValue.utf8))
        writer.appendCounted(Array(session.context.student.rawValue.utf8))
        writer.appendCounted(Array(session.context.session.rawValue.utf8))
        writer.appendCounted(session.seed)
    }

    /// The session that ``append(_:to:)`` wrote.
    static func session(_ reader: inout ByteReader) -> Session? {
        // try?: as above.
        guard let host = try? reader.countedText(), let user = try? reader.countedText(),
            let name = try? reader.countedText(), let seed = try? reader.counted(),
            seed.count == Session.seedSize, let machine = MachineID(host),
            let student = StudentID(user), let id = SessionID(name)
        else { return nil }
        return Session(
            context: SessionContext(machine: machine, student: student, session: id),
            seed: Array(seed))
    }

    private static func session(from plain: [UInt8]) -> Session? {
        var reader = ByteReader(plain)
        return session(&reader)
    }
}
