import Bytes
import Events

/// Contents of keys that were decoded lately: the next one mostly differs from one of them in the key's name
/// alone, and is then decoded by comparing it.
///
/// Each is cut at the value of its member `key`: bytes before, bytes after, and what they say. One owner.
struct KeyForms: Sendable {
    /// What a content of a key says beside the key.
    struct Saying: Sendable {
        var place: Place
        var modifiers: Modifiers
        var isOnSite: Bool?
        var isRemote: Bool
    }

    /// Where the bytes around the key stand in ``bytes``, and what they say, by its number.
    private struct Form: Sendable {
        var before: Range<Int>
        var after: Range<Int>
        var saying: Int
    }

    private var forms = RecentlyMet<Form>()
    private var bytes: [UInt8] = []
    private var sayings: [Saying] = []

    /// So many are learnt before all are forgotten and their memory is used anew.
    private static let learntMaximum = 64

    /// What a content says, and its key; nil when it has none of the forms, or a key that is not plain ASCII.
    mutating func match(_ contents: [UInt8], _ content: Range<Int>)
        -> (saying: Saying, key: String)?
    {
        let bytes = bytes
        let found = forms.first { form -> (saying: Int, name: Range<Int>)? in
            let start = content.lowerBound + form.before.count
            let end = content.upperBound - form.after.count
            guard start <= end, end - start <= ContentSchema.keySizeMaximum,
                ByteRuns.isSame(
                    bytes, form.before.lowerBound, contents, content.lowerBound,
                    count: form.before.count),
                ByteRuns.isSame(
                    bytes, form.after.lowerBound, contents, end, count: form.after.count),
                ByteRuns.firstNotPlain(in: contents, start..<end) == end
            else { return nil }
            return (form.saying, start..<end)
        }
        guard let found else { return nil }
        return (sayings[found.saying], KeyForms.text(contents, found.name))
    }

    /// Learns from a content that was decoded; its key's value lies at a range, quotes not included.
    mutating func learn(
        _ event: Event, _ press: KeyPress, _ contents: [UInt8], _ content: Range<Int>,
        name: Range<Int>
    ) {
        if sayings.count == KeyForms.learntMaximum {
            forms = RecentlyMet()
            bytes.removeAll(keepingCapacity: true)
            sayings.removeAll(keepingCapacity: true)
        }
        let start = bytes.count
        ByteRuns.append(contents, content.lowerBound..<name.lowerBound, to: &bytes)
        let middle = bytes.count
        ByteRuns.append(contents, name.upperBound..<content.upperBound, to: &bytes)
        forms.remember(
            Form(before: start..<middle, after: middle..<bytes.count, saying: sayings.count))
        sayings.append(
            Saying(
                place: press.place, modifiers: press.modifiers, isOnSite: event.isOnSite,
                isRemote: event.isRemote))
    }

    /// Most keys are one character.
    private static func text(_ bytes: [UInt8], _ name: Range<Int>) -> String {
        name.count == 1
            ? characters[Int(bytes[name.lowerBound])] : String(decoding: bytes[name], as: UTF8.self)
    }

    private static let characters = (0..<128).map { String(Unicode.Scalar(UInt8($0))) }
}
