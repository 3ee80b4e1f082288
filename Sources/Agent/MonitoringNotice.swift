public import Durable
public import Events

/// What tells people that they are monitored. Without its text there is no agent (P1, S52).
public struct MonitoringNotice: Sendable, Equatable {
    /// The school's name.
    public let school: String
    /// The text.
    public let text: String
    /// The text's version, recorded with every showing.
    public let version: String

    /// A notice; throws when there is nothing to read in its text.
    public init(school: String, text: String, version: String) throws(AgentError) {
        guard text.contains(where: { $0.isLetter }) else {
            throw .noNotice(why: "the text is empty")
        }
        self.school = school
        self.text = text
        self.version = version
    }

    /// The notice that a configuration names.
    public init(of configuration: AgentConfiguration, files: any FileSystem) throws(AgentError) {
        let path = configuration.noticeFile
        guard files.exists(path) else { throw .noNotice(why: "there is no file \(path)") }
        let bytes: [UInt8]
        do throws(DurableError) {
            bytes = try files.read(path, offset: 0, count: AgentLimits.textFileSizeMaximum)
        } catch {
            throw .noNotice(why: error.message)
        }
        try self.init(
            school: configuration.school, text: String(decoding: bytes, as: UTF8.self),
            version: configuration.noticeVersion)
    }

    /// The event that records what became of it.
    public func event(_ action: EventBody.NoticeAction) -> EventBody {
        .notice(version: version, action: action)
    }
}

/// Shows the notice to whoever is at the workstation.
public protocol NoticePresenter: Sendable {
    /// Shows it and returns when it was accepted, or long enough on view.
    func show(_ notice: MonitoringNotice) async throws -> EventBody.NoticeAction
}

/// Shows the notice where there is no display: as text on a terminal.
public struct TerminalPresenter: NoticePresenter {
    private let write: @Sendable (String) -> Void

    /// A presenter that writes with a function.
    public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// Writes the notice out.
    public func show(_ notice: MonitoringNotice) async -> EventBody.NoticeAction {
        write("\(notice.school)\n\n\(notice.text)\n\n(notice version \(notice.version))\n")
        return .shown
    }
}
