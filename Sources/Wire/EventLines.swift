import Bytes
public import Events

/// The events of a body of the open NDJSON form (`events.md`): one JSON object a line.
///
/// A bad line is set aside with its number and reason and the lines around it are kept. Blank lines,
/// CRLF and a missing last line end are fine.
public struct EventLines: Sendable {
    /// The good events, in the order of the lines. Key times are rounded down to the second (G1).
    public private(set) var columns = EventColumns()
    /// Which of ``contexts`` each event belongs to.
    public private(set) var contextIndices: [Int] = []
    /// The login sessions that occur.
    public private(set) var contexts: [SessionContext] = []
    /// Whether each event came with a sequence number of its own.
    public private(set) var hasSequence: [Bool] = []
    /// The line of each event, from 1.
    public private(set) var lineNumbers: [Int] = []
    /// The lines that are no events, with the reason.
    public private(set) var rejected: [(line: Int, error: WireError)] = []
    /// Lines in which broken text was replaced by U+FFFD.
    public private(set) var repairedLines: [Int] = []

    private var members: [JSONMember] = []
    private var forms = LineForms()
    private var lastContext: (host: [UInt8], user: [UInt8], session: [UInt8], index: Int)?

    /// Reads all lines of a body.
    ///
    /// Throws only ``WireError/tooManyEvents(limit:)``: then nothing of the body is taken.
    public init(parsing body: [UInt8]) throws(WireError) {
        let expected = min(body.count / 64, EventLimits.batchEventsMaximum)
        columns.reserve(events: expected, contentSize: body.count)
        contextIndices.reserveCapacity(expected)
        hasSequence.reserveCapacity(expected)
        lineNumbers.reserveCapacity(expected)
        var start = 0
        var line = 0
        while start < body.count {
            let end = EventLines.endOfLine(body, start)
            line += 1
            if !EventLines.isBlank(body, start..<end) {
                guard columns.count + rejected.count < EventLimits.batchEventsMaximum else {
                    throw .tooManyEvents(limit: EventLimits.batchEventsMaximum)
                }
                do {
                    try take(body, start..<end, line: line)
                } catch {
                    columns.discardOpenContent()
                    rejected.append((line, error))
                }
            }
            start = end + 1
        }
    }

    private static func endOfLine(_ body: [UInt8], _ start: Int) -> Int {
        ByteRuns.firstIndex(of: 0x0A, in: body, start..<body.count)
    }

    private static func isBlank(_ body: [UInt8], _ range: Range<Int>) -> Bool {
        for index in range {
            switch body[index] {
            case 0x20, 0x09, 0x0D: continue
            default: return false
            }
        }
        return true
    }

    /// The fields every event has; what they name is not part of the content.
    private struct CommonFields {
        var time: JSONMember?
        var host: JSONMember?
        var user: JSONMember?
        var session: JSONMember?
        var sequence: JSONMember?
        var kind: JSONMember?
    }

    private mutating func take(_ body: [UInt8], _ range: Range<Int>, line: Int)
        throws(WireError)
    {
        if takeKnown(body, range, line: line) { return }
        var scanner = JSONScanner(body, from: range.lowerBound, to: range.upperBound)
        try scanner.object(into: &members)
        let common = try separateCommon(body)
        let kind = try eventKind(common.kind, body)
        let time = try wallTime(common.time, body, kind: kind)
        let sequence = try sequenceNumber(common.sequence, body)
        try ContentSchema.check(members, of: body, kind: kind)
        let context = try contextIndex(common, body)
        var wasRepaired = false
        let before = columns.contents.count
        try columns.writeContent { (out: inout [UInt8]) throws(WireError) in
            wasRepaired = try CanonicalContent.write(&members, of: body, to: &out)
        }
        let size = columns.contents.count - before
        guard size <= EventLimits.contentSizeMaximum else {
            throw .tooLong(
                field: "content", bytes: size, limit: EventLimits.contentSizeMaximum)
        }
        columns.appendRow(
            sequence: sequence ?? 0, wallMilliseconds: time, monoMilliseconds: 0, kind: kind)
        contextIndices.append(context)
        hasSequence.append(sequence != nil)
        lineNumbers.append(line)
        if wasRepaired {
            repairedLines.append(line)
        } else if kind == .key, let time = common.time {
            forms.learn(
                range, of: body, time: time, sequence: common.sequence, others: members,
                context: context, content: before..<before + size, in: columns.contents)
        }
    }

    /// Takes a line of a key that has the form of one before it; false when it has not.
    private mutating func takeKnown(_ body: [UInt8], _ range: Range<Int>, line: Int) -> Bool {
        guard let match = forms.match(body, range) else { return false }
        columns.append(
            sequence: match.sequence ?? 0, wallMilliseconds: match.wallMilliseconds, kind: .key
        ) { match.appendContent(of: body, to: &$0) }
        contextIndices.append(match.context)
        hasSequence.append(match.sequence != nil)
        lineNumbers.append(line)
        return true
    }

    /// Takes the common fields out of the members; a field that stands twice is an error.
    private mutating func separateCommon(_ body: [UInt8]) throws(WireError) -> CommonFields {
        var common = CommonFields()
        var kept = 0
        for index in members.indices {
            let member = members[index]
            switch EventLines.commonField(member, body) {
            case .time: try set(&common.time, member, "time")
            case .host: try set(&common.host, member, "host")
            case .user: try set(&common.user, member, "user")
            case .session: try set(&common.session, member, "session")
            case .sequence: try set(&common.sequence, member, "seq")
            case .kind: try set(&common.kind, member, "kind")
            case nil:
                members[kept] = member
                kept += 1
            }
        }
        members.removeLast(members.count - kept)
        return common
    }

    private func set(_ slot: inout JSONMember?, _ member: JSONMember, _ name: String)
        throws(WireError)
    {
        guard slot == nil else { throw .duplicateKey(field: name) }
        slot = member
    }

    private enum CommonField { case time, host, user, session, sequence, kind }

    private static let timeName = Array("time".utf8)
    private static let hostName = Array("host".utf8)
    private static let userName = Array("user".utf8)
    private static let kindName = Array("kind".utf8)
    private static let sessionField = Array("session".utf8)
    private static let sequenceName = Array("seq".utf8)

    private static func commonField(_ member: JSONMember, _ body: [UInt8]) -> CommonField? {
        guard member.isPlainKey else { return nil }
        // The first byte tells the names apart, so that at most one is compared.
        switch member.key.count {
        case 3: return isEqual(sequenceName, body, member.key) ? .sequence : nil
        case 4:
            switch body[member.key.lowerBound] {
            case 0x74: return isEqual(timeName, body, member.key) ? .time : nil
            case 0x68: return isEqual(hostName, body, member.key) ? .host : nil
            case 0x75: return isEqual(userName, body, member.key) ? .user : nil
            case 0x6B: return isEqual(kindName, body, member.key) ? .kind : nil
            default: return nil
            }
        case 7: return isEqual(sessionField, body, member.key) ? .session : nil
        default: return nil
        }
    }

    private static let kindNames: [(kind: EventKind, bytes: [UInt8])] = EventKind.allCases.map {
        ($0, Array($0.name.utf8))
    }

    private func eventKind(_ member: JSONMember?, _ body: [UInt8]) throws(WireError) -> EventKind {
        guard let member else { throw .missingField("kind") }
        guard member.type == .string else {
            throw .wrongType(field: "kind", expected: "a string")
        }
        let inner = member.value.lowerBound + 1..<member.value.upperBound - 1
        guard let known = EventLines.kindNames.first(where: { isEqual($0.bytes, body, inner) })
        else { throw .unknownKind }
        return known.kind
    }

    private func wallTime(_ member: JSONMember?, _ body: [UInt8], kind: EventKind)
        throws(WireError) -> Int64
    {
        guard let member else { throw .missingField("time") }
        let inner =
            member.value.lowerBound
            + 1..<max(
                member.value.upperBound - 1, member.value.lowerBound + 1)
        guard member.type == .string, let time = Instant.parse(body.span.extracting(inner)) else {
            throw .wrongType(
                field: "time", expected: "an RFC 3339 time such as 2026-11-24T09:00:00Z")
        }
        return (kind == .key ? time.roundedDownToSecond : time).milliseconds
    }

    private func sequenceNumber(_ member: JSONMember?, _ body: [UInt8]) throws(WireError)
        -> UInt64?
    {
        guard let member, member.type != .null else { return nil }
        guard member.type == .integer, let value = integer(in: body, member.value), value >= 0
        else { throw .wrongType(field: "seq", expected: "a whole number, 0 or more") }
        return UInt64(value)
    }

    private mutating func contextIndex(_ common: CommonFields, _ body: [UInt8])
        throws(WireError) -> Int
    {
        let host = try identity(common.host, "host", body)
        let user = try identity(common.user, "user", body)
        let session = try identity(common.session, "session", body)
        if let lastContext, isEqual(lastContext.host, body, host),
            isEqual(lastContext.user, body, user), isEqual(lastContext.session, body, session)
        {
            return lastContext.index
        }
        let context = SessionContext(
            machine: try name(body, common.host, "host"),
            student: try name(body, common.user, "user"),
            session: try sessionName(body, common.session))
        let index = contexts.firstIndex(of: context) ?? contexts.count
        if index == contexts.count { contexts.append(context) }
        lastContext = (Array(body[host]), Array(body[user]), Array(body[session]), index)
        return index
    }

    private func identity(_ member: JSONMember?, _ field: String, _ body: [UInt8])
        throws(WireError) -> Range<Int>
    {
        guard let member else { throw .missingField(field) }
        guard member.type == .string else {
            throw .wrongType(field: field, expected: "a string")
        }
        return member.value
    }

    private func name<Mark>(_ body: [UInt8], _ member: JSONMember?, _ field: String)
        throws(WireError) -> Identifier<Mark>
    {
        guard let member else { throw .missingField(field) }
        var wasRepaired = false
        let inner = member.value.lowerBound + 1..<member.value.upperBound - 1
        let text = JSONText.decode(body, inner, wasRepaired: &wasRepaired)
        guard !text.isEmpty else {
            throw .wrongType(field: field, expected: "a string that is not empty")
        }
        guard let identifier = Identifier<Mark>(String(decoding: text, as: UTF8.self)) else {
            throw .tooLong(
                field: field, bytes: text.count, limit: Identifier<Mark>.maximumSize)
        }
        return identifier
    }

    private func sessionName(_ body: [UInt8], _ member: JSONMember?) throws(WireError)
        -> SessionID
    {
        let session: SessionID = try name(body, member, "session")
        let size = session.rawValue.utf8.count
        guard size <= EventLimits.sessionSizeMaximum else {
            throw .tooLong(
                field: "session", bytes: size, limit: EventLimits.sessionSizeMaximum)
        }
        return session
    }
}
