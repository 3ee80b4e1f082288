import Bytes
import Events
import Foundation
import Proofs
import TestSupport
import Wire

/// An enrolled device in the hands of a test: signs good batches, and bad ones on request.
struct SigningDevice {
    private let key: SigningKey
    private let origin: String
    private let name: String
    private let sessionSeed: [UInt8]
    private var number: UInt64 = 0
    private var sequence: UInt64 = 0
    private var previous = Hash.zero

    /// What is wrong with a batch.
    enum Fault {
        case root, signature, unknownKey, otherOrigin, keyTimeTooFine, seed, previous
    }

    /// A batch as it goes to the door, and the titles of its events.
    struct Upload {
        let body: [UInt8]
        let number: UInt64
        let titles: [String]
    }

    /// Enrols with a one-time code of the school.
    init(
        enrolling label: String, in school: School, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        var random = SystemRandomNumberGenerator()
        let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        sessionSeed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        guard let key = SigningKey(seed: seed) else {
            throw School.Failed(what: "key", transcript: "")
        }
        self.key = key
        let code = try await school.manage("devices", "enrol", label)
        let answer = try await school.door.post(
            "/v1/enrol",
            json: ["code": code, "device": label, "publicKey": Base64.encode(key.publicKey)])
        guard let name = answer.json["device"] as? String,
            let origin = answer.json["origin"] as? String
        else { throw School.Failed(what: "enrol", transcript: answer.text) }
        self.name = name
        self.origin = origin
    }

    /// Signs the next batch, of window events with the titles `<prefix>-0`...
    mutating func next(_ prefix: String, events count: Int = 3) throws -> Upload {
        let upload = try batch(prefix, events: count, number: number, fault: nil)
        number += 1
        sequence += UInt64(count)
        previous = try BatchStatement.hash(ofFile: BatchUpload.parse(upload.body).statement)
        return upload
    }

    /// Signs a batch of the next number, or of another one, with a fault, and forgets it.
    func batch(
        _ prefix: String, events count: Int = 3, number: UInt64? = nil, fault: Fault?
    ) throws -> Upload {
        let number = number ?? self.number
        var seed = Commitment.batchSeed(sessionSeed: sessionSeed, batchNumber: number)
        var commitments = BatchCommitments()
        commitments.begin(seed: seed)
        let titles = (0..<count).map { "\(prefix)-\($0)" }
        let events = titles.enumerated().map { index, title in
            upload(title, sequence: sequence + UInt64(index), fault: fault)
        }
        for event in events {
            commitments.append(
                sequence: event.sequence, wallMilliseconds: event.wallMilliseconds,
                monoMilliseconds: event.monoMilliseconds, kind: Array(event.kind.name.utf8),
                contentIn: event.content, at: 0..<event.content.count)
        }
        let statement = BatchStatement(
            origin: fault == .otherOrigin ? "elsewhere.example/log1" : origin, device: name,
            session: "s-\(prefix)", host: "LIB-PC-07", user: "pupil-1", number: number,
            firstSequence: events[0].sequence, lastSequence: events[count - 1].sequence,
            firstWall: events[0].wallMilliseconds, lastWall: events[count - 1].wallMilliseconds,
            root: fault == .root ? Hash.sha256([1]) : commitments.root(),
            previous: fault == .previous ? Hash.sha256([2]) : previous)
        if fault == .seed { seed[0] ^= 1 }
        return Upload(
            body: BatchUpload.encode(
                seed: seed, statement: try sign(statement, fault: fault), events: events),
            number: number, titles: titles)
    }

    private func upload(_ title: String, sequence: UInt64, fault: Fault?) -> UploadEvent {
        let wall = FakeClock.wallStart.milliseconds + Int64(sequence) * 1_000
        let place = Place(app: "writer", window: title)
        let body: EventBody =
            fault == .keyTimeTooFine ? .key(KeyPress(key: "a", place: place)) : .window(place)
        let event = Event(
            time: Instant(milliseconds: wall), sequence: sequence, body: body)
        return UploadEvent(
            sequence: sequence, wallMilliseconds: wall + (fault == .keyTimeTooFine ? 7 : 0),
            monoMilliseconds: Int64(sequence) * 1_000, kind: body.kind,
            content: CanonicalContent.encode(event))
    }

    private func sign(_ statement: BatchStatement, fault: Fault?) throws -> String {
        var signing = key
        if fault == .unknownKey, let other = SigningKey(seed: [UInt8](repeating: 7, count: 32)) {
            signing = other
        }
        let note = statement.signed(by: try NoteSigner(name: name, signingKey: signing))
        guard fault == .signature else { return note }
        // The last character of the signature's base64 that carries whole bits, changed.
        var bytes = Array(note.utf8)
        let position = bytes.count - 8
        bytes[position] =
            bytes[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        return String(decoding: bytes, as: UTF8.self)
    }
}
