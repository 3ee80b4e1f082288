import Agent
import ArgumentParser

/// The exit statuses of the agent.
enum ExitStatus {
    /// Something failed that may work another time.
    static let failed = ExitCode(1)
    /// The configuration, key, notice or spool is wrong: a person must change something.
    static let misconfigured = ExitCode(2)
    /// The collector refused the device or its batches.
    static let refused = ExitCode(3)

    /// The status of an error.
    static func of(_ error: AgentError) -> ExitCode {
        switch error {
        case .configuration, .noNotice, .deviceKey: misconfigured
        case .enrolmentRefused: refused
        case .spool, .damagedFile, .display, .displayGone, .transport, .replay, .event: failed
        }
    }
}
