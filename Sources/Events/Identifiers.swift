/// A name that some system asserted, kept apart by what it names so that two of them cannot be swapped.
///
/// Never empty, at most ``maximumSize`` bytes of UTF-8. It is a claim, not a proof: the operating
/// system of a workstation said so.
public struct Identifier<Of>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name as it was asserted.
    public let rawValue: String

    /// The greatest size of an identifier in bytes of UTF-8 (`events.md`: host and user <= 255 B, session
    /// <= 64 B).
    public static var maximumSize: Int {
        Of.self == SessionMark.self ? EventLimits.sessionSizeMaximum : 255
    }

    /// Takes a name that is not empty and not longer than ``maximumSize``; otherwise nil.
    public init?(_ rawValue: String) {
        guard !rawValue.isEmpty, rawValue.utf8.count <= Self.maximumSize else { return nil }
        self.rawValue = rawValue
    }

    /// The name itself. Personal data where it names a student: never log it.
    public var description: String { rawValue }

    /// Orders by the bytes of UTF-8, so that the order is the same everywhere.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// Marks identifiers of the account that used a machine.
public enum StudentMark: Sendable {}
/// Marks identifiers of computers.
public enum MachineMark: Sendable {}
/// Marks identifiers of login sessions.
public enum SessionMark: Sendable {}
/// Marks identifiers of what sends events: an enrolled agent or a bearer-token client.
public enum DeviceMark: Sendable {}

/// The account as the operating system asserted it (`user` in `events.md`); a person only through the roster.
public typealias StudentID = Identifier<StudentMark>
/// The computer's name (`host` in `events.md`).
public typealias MachineID = Identifier<MachineMark>
/// One login session: one person at one machine.
public typealias SessionID = Identifier<SessionMark>
/// What signs or sends batches, for example `device/7f3a9c21`.
public typealias DeviceName = Identifier<DeviceMark>
