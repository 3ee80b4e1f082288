import EvidenceFile
import Foundation

/// The report as one JSON object, for programs.
struct ReportJSON: Encodable {
    let bundle: String?
    let fingerprint: String?
    let conclusion: String
    let status: Int32
    let checks: [Check]

    struct Check: Encodable {
        let id: String
        let title: String
        let outcome: String
        let message: String
        let details: [String]
    }

    init(_ report: BundleReport) {
        bundle = report.bundle
        fingerprint = report.fingerprint
        conclusion = report.conclusion.rawValue
        status = ExitStatus(report.conclusion).rawValue
        checks = report.verdicts.map {
            Check(
                id: $0.check.code, title: $0.check.title, outcome: $0.outcome.word.lowercased(),
                message: $0.message, details: $0.details)
        }
    }

    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
