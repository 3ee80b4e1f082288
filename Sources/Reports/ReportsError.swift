/// What can go wrong in the night.
public enum ReportsError: Error, Hashable, Sendable {
    /// A stored result of a step does not read back as what that step writes.
    case badStepResult(type: String)
    /// The store failed at a step.
    case store(step: String, why: String)
    /// A file of the report could not be written.
    case file(path: String, why: String)
    /// The night was told to stop before a step; a second start goes on there.
    case stopped(before: String)

    /// The error in plain English, without content.
    public var message: String {
        switch self {
        case .badStepResult(let type):
            "the stored result of a step is no \(type), remove the night's rows and run it again"
        case .store(let step, let why): "the step \(step) failed in the store: \(why)"
        case .file(let path, let why): "could not write \(path): \(why)"
        case .stopped(let step): "stopped before the step \(step), run the night again"
        }
    }
}
