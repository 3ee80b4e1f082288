/// What can go wrong with files. Codes are `errno` values of the system.
public enum DurableError: Error, Equatable, Sendable {
    /// A call failed: which, on which path, with which `errno`.
    case failed(call: String, path: String, code: Int32)
    /// Another process holds the lock of a directory.
    case locked(path: String)
    /// The file was trusted no longer after a failed sync; reopen and recover.
    case poisoned(path: String)

    /// The `errno` value, where a call failed.
    public var code: Int32? {
        if case .failed(_, _, let code) = self { code } else { nil }
    }

    /// One sentence: what failed and what to do.
    public var message: String {
        switch self {
        case .failed(let call, let path, let code):
            "\(call) failed on \(path): error \(code), check space, rights and the disk"
        case .locked(let path): "\(path) is in use by another process, stop it first"
        case .poisoned(let path): "\(path) could not be synced, restart to recover it"
        }
    }
}
