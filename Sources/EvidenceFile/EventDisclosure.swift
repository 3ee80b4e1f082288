import Bytes
public import Proofs

/// Why an event, or its content, is not in a bundle.
public enum WithheldReason: String, CaseIterable, Sendable, Codable {
    /// It names somebody else.
    case otherPerson = "other-person"
    /// It has nothing to do with the incident.
    case outOfScope = "out-of-scope"
    /// It concerns a member of staff.
    case staff
    /// It may not be shown by law.
    case privileged
    /// It was destroyed.
    case erased
    /// It was typed where passwords are.
    case password
}

/// How much of one event a bundle shows; each form still proves that the event was in its batch.
public enum EventDisclosure: Hashable, Sendable {
    /// Everything: the salt opens the commitment.
    case disclosed(salt: [UInt8], envelope: Envelope, content: [UInt8])
    /// When it was and what kind it is, but not what it holds.
    case contentWithheld(envelope: Envelope, reason: WithheldReason)
    /// Nothing but its place in the batch.
    case withheld(leafHash: Hash, reason: WithheldReason)

    /// The leaf it has in its batch's tree.
    public var leafHash: Hash {
        switch self {
        case .disclosed(_, let envelope, _), .contentWithheld(let envelope, _):
            Commitment.leafHash(envelope: envelope.bytes)
        case .withheld(let leafHash, _): leafHash
        }
    }

    /// Its envelope, where that is shown.
    public var envelope: Envelope? {
        switch self {
        case .disclosed(_, let envelope, _), .contentWithheld(let envelope, _): envelope
        case .withheld: nil
        }
    }

    /// Why something is withheld; nil when all is shown.
    public var reason: WithheldReason? {
        switch self {
        case .disclosed: nil
        case .contentWithheld(_, let reason), .withheld(_, let reason): reason
        }
    }

    /// Whether the content that is shown is what was committed to; true when none is shown.
    public var isOpenedByItsSalt: Bool {
        guard case .disclosed(let salt, let envelope, let content) = self else { return true }
        return Commitment.commit(salt: salt, content: content) == envelope.commit
    }
}

/// The file `leaf-<n>.events` (evidence.md 7.1): every event of a batch, shown or withheld.
struct EventsFile: Hashable, Sendable {
    var leaf: UInt64
    var events: [EventDisclosure]

    private static let header = "sg.events/v1"

    var bytes: [UInt8] {
        var file = Array("\(EventsFile.header)\nleaf \(leaf)\ncount \(events.count)\n".utf8)
        for (index, event) in events.enumerated() {
            switch event {
            case .disclosed(let salt, let envelope, let content):
                file += Array("D \(index) \(Hex.encode(salt)) ".utf8) + envelope.bytes + [0x09]
                file += content
            case .contentWithheld(let envelope, let reason):
                file += Array("C \(index) ".utf8) + envelope.bytes
                file += Array(" \(reason.rawValue)".utf8)
            case .withheld(let leafHash, let reason):
                file += Array("W \(index) \(leafHash.hex) \(reason.rawValue)".utf8)
            }
            file.append(0x0A)
        }
        return file
    }

    init(leaf: UInt64, events: [EventDisclosure]) {
        self.leaf = leaf
        self.events = events
    }

    init(parsing bytes: [UInt8], path: String) throws(EvidenceFileError) {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard bytes.last == 0x0A, lines[0].elementsEqual(EventsFile.header.utf8) else {
            throw .badLine(path: path, line: 1)
        }
        guard lines.count > 2, let leaf = EventsFile.number(lines[1], after: "leaf") else {
            throw .badLine(path: path, line: 2)
        }
        guard lines.count > 3, let count = EventsFile.number(lines[2], after: "count"),
            count >= 1, count <= ProofsLimits.batchEventsMaximum, lines.count == Int(count) + 4
        else { throw .badLine(path: path, line: 3) }
        self.leaf = leaf
        events = []
        for index in 0..<Int(count) {
            guard let event = EventsFile.event(lines[index + 3], index: index) else {
                throw .badLine(path: path, line: index + 4)
            }
            events.append(event)
        }
    }

    private static func number(_ line: ArraySlice<UInt8>, after word: String) -> UInt64? {
        let text = String(decoding: line, as: UTF8.self)
        guard let value = text.wholeNumber(after: word + " ") else { return nil }
        return value
    }

    private static func event(_ line: ArraySlice<UInt8>, index: Int) -> EventDisclosure? {
        let prefix = Array("\(index) ".utf8)
        guard line.count > 2, line.dropFirst(2).starts(with: prefix) else { return nil }
        let rest = line.dropFirst(2 + prefix.count)
        switch String(decoding: line.prefix(2), as: UTF8.self) {
        case "D ": return disclosed(rest)
        case "C ": return contentWithheld(rest)
        case "W ": return withheld(rest)
        default: return nil
        }
    }

    private static func disclosed(_ rest: ArraySlice<UInt8>) -> EventDisclosure? {
        let saltSize = 2 * Commitment.saltSize
        guard let tab = rest.firstIndex(of: 0x09), rest.count > saltSize,
            let salt = lowerCaseHex(rest.prefix(saltSize)),
            rest[rest.startIndex + saltSize] == 0x20,
            let envelope = envelope(rest[(rest.startIndex + saltSize + 1)..<tab])
        else { return nil }
        return .disclosed(salt: salt, envelope: envelope, content: Array(rest[(tab + 1)...]))
    }

    private static func contentWithheld(_ rest: ArraySlice<UInt8>) -> EventDisclosure? {
        guard let space = rest.lastIndex(of: 0x20),
            let reason = reason(rest[(space + 1)...]), let envelope = envelope(rest[..<space])
        else { return nil }
        return .contentWithheld(envelope: envelope, reason: reason)
    }

    private static func withheld(_ rest: ArraySlice<UInt8>) -> EventDisclosure? {
        guard rest.count > 65, rest[rest.startIndex + 64] == 0x20,
            let bytes = lowerCaseHex(rest.prefix(64)), let hash = Hash(bytes: bytes),
            let reason = reason(rest.dropFirst(65))
        else { return nil }
        return .withheld(leafHash: hash, reason: reason)
    }

    private static func lowerCaseHex(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.allSatisfy({ !(0x41...0x46).contains($0) }) else { return nil }
        return Hex.decode(String(decoding: digits, as: UTF8.self))
    }

    private static func envelope(_ line: ArraySlice<UInt8>) -> Envelope? {
        // try?: whatever is wrong with it, the line is malformed, and its number is reported.
        guard let envelope = try? Envelope(parsing: Array(line)),
            EvidenceFileLimits.times.contains(envelope.wallMilliseconds)
        else { return nil }
        return envelope
    }

    private static func reason(_ word: ArraySlice<UInt8>) -> WithheldReason? {
        WithheldReason(rawValue: String(decoding: word, as: UTF8.self))
    }
}

extension String {
    /// The number without leading zeros that is all of the text after a prefix; nil for anything else.
    func wholeNumber(after prefix: String) -> UInt64? {
        guard hasPrefix(prefix), let value = UInt64(dropFirst(prefix.count)),
            self == prefix + String(value)
        else { return nil }
        return value
    }
}
