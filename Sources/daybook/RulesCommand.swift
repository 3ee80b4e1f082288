import ArgumentParser
import Detection
import Foundation
import RuleFiles

/// `daybook rules`: try out rules offline; nothing is sent anywhere.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Check rules and try them on texts and events, offline.",
        subcommands: [RulesScanCommand.self, RulesMatchCommand.self, RulesCheckCommand.self])
}

/// `daybook rules check`: every complaint about a folder of rules.
struct RulesCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read a folder of rules and list every complaint with file, line and column.",
        discussion: "Exit status 0 when all rules load, 1 when one is refused.")

    @Argument(help: "The folder of rules.")
    var directory: String

    @Flag(help: "Ask of every rule what a rule pack needs: theme, severity, policy, examples.")
    var pack = false

    func run() throws {
        let report: RulePackLoader.Report
        do {
            report = try RulePackLoader.read(directory: directory, isPack: pack)
        } catch {
            RuleFault.unusable("\(error)").exit()
        }
        var complaints = report.complaints.map(\.description)
        if complaints.isEmpty {
            complaints = RuleExamples.failures(in: report.pack).map(\.description)
        }
        for complaint in complaints { print(complaint) }
        if !complaints.isEmpty { throw ExitStatus.failure.code }
        print("\(report.pack.rules.count) rules load")
    }
}

/// Why an offline command on rules cannot go on.
enum RuleFault: Error {
    case unusable(String)

    /// Says it on stderr and ends the program.
    func exit() -> Never {
        if case .unusable(let message) = self {
            FileHandle.standardError.write(Data("daybook: \(message)\n".utf8))
        }
        Foundation.exit(ExitStatus.failure.rawValue)
    }
}

/// Reads a file of JSON lines; a line that is broken is reported and the rest goes on.
struct JSONLines {
    /// The lines that are JSON objects, with their number from 0.
    private(set) var objects: [(line: Int, object: [String: EventValue])] = []
    /// How many lines were broken.
    private(set) var brokenCount = 0

    /// Reads a file, `-` for standard input.
    init(path: String) throws {
        let data: Data
        if path == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else if let contents = FileManager.default.contents(atPath: path) {
            data = contents
        } else {
            RuleFault.unusable("cannot read \(path), check its name and who may read it").exit()
        }
        let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            do {
                let value = try JSONDecoder().decode(EventValue.self, from: Data(line))
                guard case .map(let object) = value else {
                    complain(number, "is not a JSON object")
                    continue
                }
                objects.append((number, object))
            } catch {
                complain(number, "is not JSON")
            }
        }
    }

    /// Reports a line, counted from 1 for people, and remembers that one was broken.
    mutating func complain(_ line: Int, _ what: String) {
        brokenCount += 1
        FileHandle.standardError.write(Data("daybook: line \(line + 1) \(what)\n".utf8))
    }
}

/// Any JSON value.
enum EventValue: Decodable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([EventValue])
    case map([String: EventValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // Each try asks: is it this?
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {  // As above.
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {  // As above.
            self = .number(value)
        } else if let value = try? container.decode(String.self) {  // As above.
            self = .text(value)
        } else if let value = try? container.decode([EventValue].self) {  // As above.
            self = .list(value)
        } else {
            self = .map(try container.decode([String: EventValue].self))
        }
    }

    /// The value as a field of an event.
    var field: FieldValue {
        switch self {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .text(value)
        case .list(let items): .list(items.map(\.field))
        case .map(let map): .map(map.mapValues(\.field))
        }
    }
}

/// Where results go: standard output or a file, in one piece at the end.
struct ResultLines {
    private var text: [UInt8] = []

    /// Adds a line of JSON; keys keep their order.
    mutating func append(_ object: KeyValuePairs<String, EventValue>) {
        write(object.map { ($0.key, $0.value) })
        text.append(0x0A)
    }

    private mutating func write(_ entries: [(String, EventValue)]) {
        text.append(UInt8(ascii: "{"))
        for (index, entry) in entries.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            write(entry.0)
            text.append(UInt8(ascii: ":"))
            write(entry.1)
        }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ value: EventValue) {
        switch value {
        case .null: text += "null".utf8
        case .boolean(let value): text += (value ? "true" : "false").utf8
        case .integer(let value): text += String(value).utf8
        case .number(let value): text += "\(value)".utf8
        case .text(let value): write(value)
        case .list(let items):
            text.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                write(item)
            }
            text.append(UInt8(ascii: "]"))
        case .map(let map): write(map.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }

    /// A string of RFC 8259: quotation marks, backslashes and control characters are escaped.
    private mutating func write(_ string: String) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0x0A: text += "\\n".utf8
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                text += "\\u00".utf8
                text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    /// Writes all lines.
    func write(to path: String?) throws {
        guard let path else {
            FileHandle.standardOutput.write(Data(text))
            return
        }
        do {
            try Data(text).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            RuleFault.unusable("cannot write \(path), check the folder").exit()
        }
    }
}
