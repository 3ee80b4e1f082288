public import Wire

/// Why the agent cannot start or go on.
public enum AgentError: Error, Equatable, Sendable {
    /// The configuration cannot be read or says something that cannot be done.
    case configuration(file: String, why: String)
    /// There is no monitoring notice to show, so nothing may be captured (P1).
    case noNotice(why: String)
    /// The device key is missing, damaged or readable by others.
    case deviceKey(file: String, why: String)
    /// The collector did not enrol this device.
    case enrolmentRefused(status: Int, why: String)
    /// The spool cannot be used.
    case spool(directory: String, why: String)
    /// A file of the spool is damaged.
    case damagedFile(name: String, why: String)
    /// The X display lacks something that capture needs.
    case display(name: String, why: String)
    /// The X display is not there, or no longer; it may come back.
    case displayGone(name: String)
    /// The collector cannot be reached, or not safely.
    case transport(why: String)
    /// The file to replay cannot be read.
    case replay(file: String, why: String)
    /// An event cannot be brought into the form of the wire.
    case event(WireError)

    /// One sentence for the network manager: what failed and what to do. Lower case, no full stop.
    public var message: String {
        switch self {
        case .configuration(let file, let why): "configuration \(file): \(why)"
        case .noNotice(let why): "no monitoring notice, so the agent does not start: \(why)"
        case .deviceKey(let file, let why): "device key \(file): \(why)"
        case .enrolmentRefused(let status, let why):
            "the collector refused the enrolment (\(status)): \(why)"
        case .spool(let directory, let why): "spool \(directory): \(why)"
        case .damagedFile(let name, let why): "spool file \(name) is damaged: \(why)"
        case .display(let name, let why): "X display \(name): \(why)"
        case .displayGone(let name): "X display \(name) cannot be reached, is DISPLAY right?"
        case .transport(let why): "collector not reachable: \(why)"
        case .replay(let file, let why): "replay \(file): \(why)"
        case .event(let error): "event refused: \(error.message)"
        }
    }
}
