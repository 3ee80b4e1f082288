import ArgumentParser
import Durable
import EvidenceFile

/// Checks a bundle for anybody outside: no server, no account, no database.
@main
struct DaybookVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-verify",
        abstract: "Checks an evidence bundle and prints one line for each check.",
        discussion: """
            Exit status: 0 everything holds, 1 not authentic, 2 damaged or incomplete, 3 wrong use, \
            4 everything holds but there are warnings.
            """)

    @Argument(help: "The bundle's folder.")
    var bundle: String

    @Flag(help: "Print one JSON object instead of lines.")
    var json = false

    @Option(help: "The issuer's fingerprint as the school printed it: SHA256:...")
    var trust: String?

    /// Wrong use ends with 3, not with the parser's own number.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            printError(fullMessage(for: error))
            exit(withError: ExitStatus.wrongUse.exitCode)
        }
    }

    func run() throws {
        let report = try checked()
        print(json ? try ReportJSON(report).text : lines(of: report))
        throw ExitStatus(report.conclusion).exitCode
    }

    /// The report; ends with status 3 when there is no such folder and 2 when it cannot be read.
    private func checked() throws -> BundleReport {
        let fileSystem = RealFileSystem()
        guard fileSystem.isDirectory(bundle) else {
            printError("\(bundle) is not a folder")
            throw ExitStatus.wrongUse.exitCode
        }
        do {
            return BundleCheck.run(
                try BundleReader(fileSystem: fileSystem).read(bundle), trust: trust)
        } catch {
            printError("cannot read the bundle: \(error.message)")
            throw ExitStatus.damaged.exitCode
        }
    }

    private func lines(of report: BundleReport) -> String {
        var lines: [String] = []
        for verdict in report.verdicts {
            lines.append(verdict.line)
            if verdict.details.count > 1 { lines += verdict.details.map { "    \($0)" } }
        }
        lines.append("")
        lines.append("bundle \(report.bundle ?? "unknown"): \(report.conclusion.rawValue)")
        lines.append("issuer \(report.fingerprint ?? "unknown")")
        return lines.joined(separator: "\n")
    }
}
