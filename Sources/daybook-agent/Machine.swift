import Agent
import Foundation
import Glibc

/// What the system says about itself.
enum Machine {
    /// The kernel's id of this boot; empty when it has none.
    static var bootID: String {
        // try?: without it two boots look like one login, and the session just goes on.
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The id of an account; the agent's own when the system does not know it.
    static func userID(of name: String) -> UInt32 {
        guard let entry = unsafe getpwnam(name) else { return getuid() }
        return unsafe entry.pointee.pw_uid
    }

    /// The name of the agent's own account.
    static var userName: String {
        guard let entry = unsafe getpwuid(getuid()) else { return "uid-\(getuid())" }
        return unsafe String(cString: entry.pointee.pw_name)
    }
}

extension AgentConfiguration.Surroundings {
    /// The environment of the process.
    struct Environment {
        var values: [String: String]
        static var current: Environment {
            Environment(values: ProcessInfo.processInfo.environment)
        }
    }

    /// What this machine says about itself.
    static func ofThisMachine(environment: Environment) -> AgentConfiguration.Surroundings {
        AgentConfiguration.Surroundings(
            host: ProcessInfo.processInfo.hostName, user: Machine.userName,
            display: environment.values["DISPLAY"])
    }
}
