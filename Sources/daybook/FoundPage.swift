import Events
import Foundation

/// The answer to a search, as a page for a person: passages as they were left and typed, other events, in UK time.
struct FoundPage {
    private struct Answer: Decodable {
        let student: String
        let truncated: Bool
        let events: [FoundEvent]
        let passages: [FoundPassage]
        let elapsedMilliseconds: Int
    }

    private struct FoundPassage: Decodable {
        let start: String
        let host: String
        let app: String
        let window: String
        let asTyped: String
        let asLeft: String
        let firstSeq: UInt64
    }

    private struct FoundEvent: Decodable {
        let time: String
        let host: String
        let kind: String
        let seq: UInt64
        let content: [String: JSONValue]
    }

    private let answer: Answer

    init(parsing bytes: [UInt8]) throws {
        do {
            answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw ClientFault.notUnderstood("not the answer to a search")
        }
    }

    /// The page.
    func text() -> String {
        var rows: [(time: String, sequence: UInt64, cells: [String])] = []
        for passage in answer.passages {
            rows.append((passage.start, passage.firstSeq, FoundPage.cells(of: passage)))
        }
        for event in answer.events where event.kind != "key" {
            rows.append(
                (
                    event.time, event.seq,
                    [
                        UKTime.text(event.time), Visible.text(event.host), event.kind,
                        FoundPage.summary(of: event),
                    ]
                ))
        }
        rows.sort { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
        let table = Table.text(
            header: ["time in the UK", "host", "kind", "what"], rows: rows.map(\.cells))
        return table + "\n" + footer()
    }

    private func footer() -> String {
        let keys = answer.events.count { $0.kind == "key" }
        let cut = answer.truncated ? ", more than can be shown: choose a shorter period" : ""
        return "\(Visible.text(answer.student)): \(answer.passages.count) passages, "
            + "\(answer.events.count) events (\(keys) keys), "
            + "\(answer.elapsedMilliseconds) ms\(cut)\n"
    }

    private static func cells(of passage: FoundPassage) -> [String] {
        let left = Visible.text(passage.asLeft)
        let typed = Visible.text(passage.asTyped)
        let place = [passage.app, passage.window].filter { !$0.isEmpty }.map(Visible.text)
            .joined(separator: ": ")
        let text =
            left == typed
            ? "\u{201C}\(left)\u{201D}"
            : "\u{201C}\(left)\u{201D} typed as \u{201C}\(typed)\u{201D}"
        return [
            UKTime.text(passage.start), Visible.text(passage.host), "typed",
            text + (place.isEmpty ? "" : " in " + place),
        ]
    }

    /// The fields of an event that are not part of every row, in a fixed order.
    private static func summary(of event: FoundEvent) -> String {
        event.content.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Visible.text($0.value.text))" }.joined(separator: " ")
    }
}

/// Any JSON value, as far as it has to be shown.
enum JSONValue: Decodable {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case list([JSONValue])
    case object([String: JSONValue])
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // nil: another type
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {  // the same
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {  // the same
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {  // the same
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The value as it stands in a table.
    var text: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .list(let values): values.map(\.text).joined(separator: "+")
        case .object(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
                .joined(separator: " ") + "}"
        case .null: ""
        }
    }
}
