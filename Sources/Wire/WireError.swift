import Events

/// Why bytes from outside are not events. Carries names of fields, numbers and offsets, never typed text.
public enum WireError: Error, Hashable, Sendable {
    /// Not JSON (RFC 8259), at a byte offset of the line or content.
    case notJSON(offset: Int, why: JSONFault)
    /// More levels of nesting than allowed.
    case tooDeep(limit: Int)
    /// A key that stands twice in one object.
    case duplicateKey(field: String)
    /// A field that must be there.
    case missingField(String)
    /// A field of the wrong type.
    case wrongType(field: String, expected: String)
    /// A field whose value is not one of the allowed ones.
    case notAllowed(field: String, allowed: String)
    /// A kind that `events.md` does not have.
    case unknownKind
    /// A field or content that is too long.
    case tooLong(field: String, bytes: Int, limit: Int)
    /// More events than a body may have.
    case tooManyEvents(limit: Int)
    /// No event at all.
    case noEvents
    /// Content that is not in the canonical form of `evidence.md` section 2.1.
    case notCanonical
    /// A key event whose time is finer than a second (G1).
    case keyTimeTooFine
    /// Sequence numbers that do not rise by one inside a batch.
    case sequenceNotContiguous
    /// A signed upload that does not have the form `sg.upload/v1`.
    case badUpload(why: String)

    /// What exactly is wrong with the JSON.
    public enum JSONFault: String, Sendable {
        case byteOrderMark = "starts with a byte order mark"
        case notAnObject = "not an object"
        case unexpectedByte = "unexpected byte"
        case unexpectedEnd = "ends too early"
        case badEscape = "bad escape"
        case badNumber = "bad number"
        case controlCharacter = "control character inside a string"
        case trailingBytes = "something follows the object"
    }

    /// One sentence for whoever sent it: what is wrong and what to do. Lower case, no full stop, no content.
    public var message: String {
        switch self {
        case .notJSON(let offset, let why): "not valid JSON at byte \(offset): \(why.rawValue)"
        case .tooDeep(let limit): "JSON nested deeper than \(limit) levels, flatten it"
        case .duplicateKey(let field): "field \(field) stands twice in one object"
        case .missingField(let field): "field \(field) is missing"
        case .wrongType(let field, let expected): "field \(field) must be \(expected)"
        case .notAllowed(let field, let allowed): "field \(field) must be one of \(allowed)"
        case .unknownKind:
            "unknown kind, use one of "
                + EventKind.allCases.map(\.name).joined(separator: " ")
        case .tooLong(let field, let bytes, let limit):
            "\(field) is \(bytes) bytes, at most \(limit) are allowed"
        case .tooManyEvents(let limit):
            "more than \(limit) events in one body, send the rest in another"
        case .noEvents: "no events in the batch, send at least one"
        case .notCanonical:
            "content is not canonical: sort keys, no white space, shortest escapes, integers only"
        case .keyTimeTooFine: "times of key events must be whole seconds, round them down"
        case .sequenceNotContiguous: "sequence numbers inside a batch must rise by one"
        case .badUpload(let why): "not an sg.upload/v1 body: \(why)"
        }
    }
}
