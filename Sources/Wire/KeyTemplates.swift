import Bytes
import Events

/// Contents of keys that were met in a body: nearly all others differ from one of them in the name of the
/// key only.
///
/// Each is cut at the name: `{"app":…,"key":"` and `","window":…}`. A content that has the same bytes before
/// and after it, and a name of plain characters, is what that content is: well formed, canonical, of its kind.
/// So it need not be looked at again. One owner, one body: the parts are ranges of it.
struct KeyTemplates {
    private struct Template {
        var before: Range<Int>
        var after: Range<Int>
    }

    private var templates: [Template] = []
    /// The one that fitted last, and mostly fits again.
    private var latest = 0
    /// The one that gives way when another is learnt.
    private var oldest = 0

    /// With and without Shift, in two windows: more are rarely in use within a batch.
    private static let countMaximum = 4

    /// Where a content that begins at an offset ends, and where its key's name is; nil when it fits no template.
    mutating func match(_ bytes: [UInt8], from start: Int, to limit: Int)
        -> (end: Int, name: Range<Int>)?
    {
        guard !templates.isEmpty else { return nil }
        if let found = match(templates[latest], bytes, start, limit) { return found }
        for index in templates.indices where index != latest {
            if let found = match(templates[index], bytes, start, limit) {
                latest = index
                return found
            }
        }
        return nil
    }

    private func match(_ template: Template, _ bytes: [UInt8], _ start: Int, _ limit: Int)
        -> (end: Int, name: Range<Int>)?
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
        return (end, nameStart..<nameEnd)
    }

    /// Learns from a content whose key has a name at a range.
    mutating func learn(_ content: Range<Int>, name: Range<Int>) {
        let template = Template(
            before: content.lowerBound..<name.lowerBound,
            after: name.upperBound..<content.upperBound)
        if templates.count < KeyTemplates.countMaximum {
            latest = templates.count
            templates.append(template)
        } else {
            latest = oldest
            templates[oldest] = template
            oldest = (oldest + 1) % KeyTemplates.countMaximum
        }
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
