import Foundation

/// Facts as JSON and back: keys sorted, so that the same facts give the same bytes.
enum FactFile {
    /// Facts in one line, as the catalogue keeps the result of a step.
    static func line(_ facts: some Encodable) throws(ReportsError) -> String {
        String(decoding: try data(facts, [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }

    /// Facts as a file to be read by people and programs.
    static func file(_ facts: some Encodable) throws(ReportsError) -> [UInt8] {
        let format: JSONEncoder.OutputFormatting = [
            .sortedKeys, .withoutEscapingSlashes, .prettyPrinted,
        ]
        return [UInt8](try data(facts, format)) + [0x0A]
    }

    /// The facts of a line.
    static func read<Facts: Decodable>(_ type: Facts.Type, from line: String)
        throws(ReportsError) -> Facts
    {
        do {
            return try JSONDecoder().decode(type, from: Data(line.utf8))
        } catch {
            throw .badStepResult(type: "\(type)")
        }
    }

    private static func data(_ facts: some Encodable, _ format: JSONEncoder.OutputFormatting)
        throws(ReportsError) -> Data
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        do {
            return try encoder.encode(facts)
        } catch {
            throw .badStepResult(type: "\(type(of: facts))")
        }
    }
}

extension MorningReport {
    /// The report as a file for programs.
    public func json() throws(ReportsError) -> [UInt8] { try FactFile.file(self) }
}
