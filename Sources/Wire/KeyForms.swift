import Bytes
import Events

/// Contents of keys that were decoded lately: the next one mostly differs from one of them in the key's name
/// alone, and is then decoded by comparing it.
///
/// Each is cut at the value of its member `key`: bytes before, bytes after, and what they say. One owner.
struct KeyForms: Sendable {
    /// What a content of a key says beside the key.
    struct Form: Sendable {
        var place: Place
        var modifiers: Modifiers
        var isOnSite: Bool?
        var isRemote: Bool
        fileprivate var before: [UInt8]
        fileprivate var after: [UInt8]
    }

    private var forms = RecentlyMet<Form>()

    /// What a content says, and its key; nil when it has none of the forms, or a key that is not plain ASCII.
    mutating func match(_ bytes: [UInt8], _ content: Range<Int>) -> (form: Form, key: String)? {
        forms.first { form in
            let start = content.lowerBound + form.before.count
            let end = content.upperBound - form.after.count
            guard start <= end, end - start <= ContentSchema.keySizeMaximum,
                ByteRuns.isSame(form.before, bytes, content.lowerBound..<start),
                ByteRuns.isSame(form.after, bytes, end..<content.upperBound),
                ByteRuns.firstNotPlain(in: bytes, start..<end) == end
            else { return nil }
            return (form, KeyForms.text(bytes, start..<end))
        }
    }

    /// Learns from a content that was decoded; its key's value lies at a range, quotes not included.
    mutating func learn(
        _ event: Event, _ press: KeyPress, _ bytes: [UInt8], _ content: Range<Int>,
        name: Range<Int>
    ) {
        forms.remember(
            Form(
                place: press.place, modifiers: press.modifiers, isOnSite: event.isOnSite,
                isRemote: event.isRemote,
                before: Array(bytes[content.lowerBound..<name.lowerBound]),
                after: Array(bytes[name.upperBound..<content.upperBound])))
    }

    /// Most keys are one character.
    private static func text(_ bytes: [UInt8], _ name: Range<Int>) -> String {
        name.count == 1
            ? characters[Int(bytes[name.lowerBound])] : String(decoding: bytes[name], as: UTF8.self)
    }

    private static let characters = (0..<128).map { String(Unicode.Scalar(UInt8($0))) }
}
