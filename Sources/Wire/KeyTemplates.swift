import Bytes
import Events

/// Contents of keys that were met in a body: nearly all others differ from one of them in the name of the
/// key only.
///
/// Each is cut at the name: `{"app":…,"key":"` and `","window":…}`. A content that has the same bytes before
/// and after it, and a name of plain characters, is what that content is: well formed, canonical, of its kind.
/// So it need not be looked at again. One owner, one body: the parts are ranges of it.
struct KeyTemplates: Sendable {
    private struct Template: Sendable {
        var before: Range<Int>
        var after: Range<Int>
    }

    private var templates = RecentlyMet<Template>()

    /// Where a content that begins at an offset ends; nil when it fits no template.
    mutating func end(_ bytes: [UInt8], from start: Int, to limit: Int) -> Int? {
        templates.first { KeyTemplates.end($0, bytes, start, limit) }
    }

    private static func end(_ template: Template, _ bytes: [UInt8], _ start: Int, _ limit: Int)
        -> Int?
    {
        let nameStart = start + template.before.count
        guard nameStart + template.after.count <= limit,
            ByteRuns.isSame(
                bytes, template.before.lowerBound, bytes, start, count: template.before.count)
        else { return nil }
        let nameEnd = ByteRuns.firstNotPlain(
            in: bytes, nameStart..<min(limit, nameStart + ContentSchema.keySizeMaximum + 1))
        let end = nameEnd + template.after.count
        guard nameEnd - nameStart <= ContentSchema.keySizeMaximum, end <= limit,
            end - start <= EventLimits.contentSizeMaximum,
            ByteRuns.isSame(
                bytes, template.after.lowerBound, bytes, nameEnd, count: template.after.count)
        else { return nil }
        return end
    }

    /// Learns from a content whose key has a name at a range.
    mutating func learn(_ content: Range<Int>, name: Range<Int>) {
        templates.remember(
            Template(
                before: content.lowerBound..<name.lowerBound,
                after: name.upperBound..<content.upperBound))
    }

    /// Where the name stands in a canonical content of a key; nil when it is not plainly to be seen.
    ///
    /// A quote inside a JSON string is always escaped, so `,"key":"` or `{"key":"` can only begin a member.
    static func nameRange(_ bytes: [UInt8], _ content: Range<Int>) -> Range<Int>? {
        var at = content.lowerBound + 1
        while at + mark.count < content.upperBound {
            at = ByteRuns.firstIndex(of: 0x22, in: bytes, at..<content.upperBound)
            guard at + mark.count < content.upperBound else { return nil }
            let before = bytes[at - 1]
            if before == 0x2C || before == 0x7B,
                ByteRuns.isSame(mark, 0, bytes, at, count: mark.count)
            {
                let start = at + mark.count
                let end = ByteRuns.firstNotPlain(in: bytes, start..<content.upperBound)
                return end < content.upperBound && bytes[end] == 0x22 ? start..<end : nil
            }
            at += 1
        }
        return nil
    }

    private static let mark = Array("\"key\":\"".utf8)
}
