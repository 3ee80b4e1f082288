public import Detection

/// Why no pack could be made of a folder.
public enum RuleFilesError: Error, Equatable, CustomStringConvertible {
    /// Rules were refused; all complaints, in order of file and place.
    case refused([RuleComplaint])
    /// A file or folder cannot be read.
    case unreadable(path: String)

    /// One line for each complaint.
    public var description: String {
        switch self {
        case .refused(let complaints): complaints.map(\.description).joined(separator: "\n")
        case .unreadable(let path): "cannot read \(path), check its name and who may read it"
        }
    }
}
