import Events
import Foundation
import Hummingbird

/// Small JSON requests: one object with named fields, read whole before anything is done.
enum SmallRequest {
    /// Decodes a body; what is wrong is told by the field's name, never by its value.
    static func decode<Value: Decodable>(_ type: Value.Type, from body: [UInt8])
        throws(CollectorError) -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch DecodingError.keyNotFound(let key, _) {
            throw .badRequest("field \(key.stringValue) is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(
            _, let context)
        {
            let field = context.codingPath.last?.stringValue ?? "body"
            throw .badRequest("field \(field) has the wrong type")
        } catch {
            throw .badRequest("the body is not a JSON object of the expected form")
        }
    }

    /// A time: RFC 3339, or a date that stands for the start of that school day.
    static func instant(_ text: String?, field: String, endOfDay: Bool = false)
        throws(CollectorError) -> Instant?
    {
        guard let text, !text.isEmpty else { return nil }
        if let instant = Instant(rfc3339: text) { return instant }
        guard let date = CivilDate(text) else {
            throw .badRequest(
                "field \(field) must be RFC 3339 or YYYY-MM-DD, such as 2026-11-24T09:00:00Z")
        }
        let day = SchoolDay(date)
        return endOfDay ? day.end : day.start
    }

    /// An account.
    static func student(_ text: String?) throws(CollectorError) -> StudentID? {
        guard let text, !text.isEmpty else { return nil }
        guard let student = StudentID(text) else {
            throw .badRequest("field student must have 1 to \(StudentID.maximumSize) bytes")
        }
        return student
    }
}
