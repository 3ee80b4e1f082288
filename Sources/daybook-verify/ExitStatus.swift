import ArgumentParser
import EvidenceFile
import Foundation

/// The exit statuses of evidence.md section 10.
enum ExitStatus: Int32 {
    case good = 0
    case notAuthentic = 1
    case damaged = 2
    case wrongUse = 3
    case goodWithWarnings = 4

    init(_ conclusion: BundleReport.Conclusion) {
        self =
            switch conclusion {
            case .good: .good
            case .notAuthentic: .notAuthentic
            case .damaged: .damaged
            case .goodWithWarnings: .goodWithWarnings
            }
    }

    var exitCode: ExitCode { ExitCode(rawValue) }
}

/// Writes a line to standard error.
func printError(_ message: String) {
    FileHandle.standardError.write(Data("daybook-verify: \(message)\n".utf8))
}
