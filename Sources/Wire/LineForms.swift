import Bytes
import Events

/// Lines of keys that were read lately from a body: the next one mostly differs from one of them in time,
/// sequence number and key alone, and is then read by comparing it.
///
/// Each is cut at these three values. A line with the same bytes between them and plain values of its own is
/// what that line is: well formed, of the same session and window, with fields of the right types. One owner,
/// one body: the parts are ranges of it.
struct LineForms: Sendable {
    /// What may differ, and where it stands in the line that was learnt.
    private struct Hole: Sendable {
        enum Value: Sendable { case time, sequence, key }
        var value: Value
        var range: Range<Int>
    }

    private struct Form: Sendable {
        var line: Range<Int>
        // In the order in which they stand; the third is missing where lines have no number.
        var holes: (Hole, Hole, Hole?)
        var context: Int
        /// The canonical content around the key's name, in the buffer of contents.
        var before: Range<Int>
        var after: Range<Int>
    }

    /// What a line says.
    struct Match {
        /// The wall clock, for a key: whole seconds.
        var wallMilliseconds: Int64 = 0
        /// The sender's number, if it gives one.
        var sequence: UInt64?
        /// The session, by its number.
        var context = 0
        /// Where the name of the key stands.
        fileprivate var name = 0..<0
        fileprivate var before = 0..<0
        fileprivate var after = 0..<0

        /// The canonical content's size.
        fileprivate var contentSize: Int { before.count + name.count + after.count }

        /// Appends the canonical content to the buffer of contents.
        func appendContent(of bytes: [UInt8], to contents: inout [UInt8]) {
            ByteRuns.appendOwn(before, of: &contents)
            ByteRuns.append(bytes, name, to: &contents)
            ByteRuns.appendOwn(after, of: &contents)
        }
    }

    private var forms = RecentlyMet<Form>()
    /// The last time that was read, which the next line often repeats.
    private var lastTime: (range: Range<Int>, wallMilliseconds: Int64)?

    /// What a line says; nil when it has none of the forms, or values that are not plain.
    mutating func match(_ bytes: [UInt8], _ line: Range<Int>) -> Match? {
        var lastTime = lastTime
        defer { self.lastTime = lastTime }
        return forms.first { LineForms.match($0, bytes, line, &lastTime) }
    }

    private static func match(
        _ form: Form, _ bytes: [UInt8], _ line: Range<Int>,
        _ lastTime: inout (range: Range<Int>, wallMilliseconds: Int64)?
    ) -> Match? {
        var match = Match()
        var at = line.lowerBound
        var learnt = form.line.lowerBound
        func fill(_ hole: Hole) -> Bool {
            let size = hole.range.lowerBound - learnt
            guard size <= line.upperBound - at,
                ByteRuns.isSame(bytes, learnt, bytes, at, count: size)
            else { return false }
            at += size
            learnt = hole.range.upperBound
            let rest = at..<line.upperBound
            switch hole.value {
            case .time:
                guard let (time, end) = time(bytes, rest, &lastTime) else { return false }
                match.wallMilliseconds = time
                at = end
            case .sequence:
                guard let (number, end) = number(bytes, rest) else { return false }
                match.sequence = number
                at = end
            case .key:
                let limit = min(rest.upperBound, at + ContentSchema.keySizeMaximum + 1)
                let end = ByteRuns.firstNotPlain(in: bytes, at..<limit)
                guard end - at <= ContentSchema.keySizeMaximum else { return false }
                match.name = at..<end
                at = end
            }
            return true
        }
        guard fill(form.holes.0), fill(form.holes.1) else { return nil }
        if let third = form.holes.2, !fill(third) { return nil }
        // What follows on a hole begins with a quote or is no digit, so that a longer value does not fit.
        guard form.line.upperBound - learnt == line.upperBound - at,
            ByteRuns.isSame(bytes, learnt, bytes, at, count: line.upperBound - at)
        else { return nil }
        match.context = form.context
        match.before = form.before
        match.after = form.after
        return match.contentSize <= EventLimits.contentSizeMaximum ? match : nil
    }

    private static func time(
        _ bytes: [UInt8], _ rest: Range<Int>,
        _ lastTime: inout (range: Range<Int>, wallMilliseconds: Int64)?
    ) -> (Int64, end: Int)? {
        if let last = lastTime, last.range.count < rest.count,
            bytes[rest.lowerBound + last.range.count] == 0x22,
            ByteRuns.isSame(
                bytes, last.range.lowerBound, bytes, rest.lowerBound, count: last.range.count)
        {
            return (last.wallMilliseconds, rest.lowerBound + last.range.count)
        }
        let end = ByteRuns.firstNotPlain(in: bytes, rest)
        guard let time = Instant.parse(bytes.span.extracting(rest.lowerBound..<end)) else {
            return nil
        }
        let wall = time.roundedDownToSecond.milliseconds
        lastTime = (rest.lowerBound..<end, wall)
        return (wall, end)
    }

    /// Up to 18 digits, which fit any number of ours; longer ones are left to others.
    private static func number(_ bytes: [UInt8], _ rest: Range<Int>) -> (UInt64, end: Int)? {
        var value: UInt64 = 0
        var at = rest.lowerBound
        while at < rest.upperBound, bytes[at] &- 0x30 <= 9 {
            guard at - rest.lowerBound < 18 else { return nil }
            value = value * 10 + UInt64(bytes[at] - 0x30)
            at += 1
        }
        let size = at - rest.lowerBound
        let hasLeadingZero = size > 1 && bytes[rest.lowerBound] == 0x30
        return size > 0 && !hasLeadingZero ? (value, at) : nil
    }

    /// Learns from a line that was read and accepted.
    ///
    /// - Parameters:
    ///   - time: the member of that name, and so on; no sequence number when the line has none.
    ///   - others: the members of the content.
    ///   - content: the canonical content that came of it, in a buffer.
    mutating func learn(
        _ line: Range<Int>, of bytes: [UInt8], time: JSONMember, sequence: JSONMember?,
        others: [JSONMember], context: Int, content: Range<Int>, in contents: [UInt8]
    ) {
        guard let key = others.first(where: { isKey(LineForms.keyName, of: $0, in: bytes) }),
            key.type == .string, key.flags.isEmpty, time.flags.isEmpty,
            sequence.map({ $0.type == .integer }) ?? true,
            // In a nested object a member of the same name could be taken for the key.
            !others.contains(where: { LineForms.isNested($0, in: bytes) }),
            let name = KeyTemplates.nameRange(contents, content)
        else { return }
        var holes = [
            Hole(value: .time, range: time.value.lowerBound + 1..<time.value.upperBound - 1),
            Hole(value: .key, range: key.value.lowerBound + 1..<key.value.upperBound - 1),
        ]
        if let sequence { holes.append(Hole(value: .sequence, range: sequence.value)) }
        holes.sort { $0.range.lowerBound < $1.range.lowerBound }
        forms.remember(
            Form(
                line: line, holes: (holes[0], holes[1], holes.count > 2 ? holes[2] : nil),
                context: context, before: content.lowerBound..<name.lowerBound,
                after: name.upperBound..<content.upperBound))
    }

    private static let keyName = Array("key".utf8)

    private static func isNested(_ member: JSONMember, in bytes: [UInt8]) -> Bool {
        switch member.type {
        case .object: true
        case .array:
            ByteRuns.firstIndex(of: 0x7B, in: bytes, member.value) < member.value.upperBound
        default: !member.isPlainKey
        }
    }
}
