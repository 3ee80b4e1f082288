/// One thing that happened at a workstation. (device, sequence) names it.
public struct Event: Hashable, Sendable {
    /// The workstation's wall clock; whole seconds for keys (G1).
    public var time: Instant
    /// Rises by one per event of a device; order comes from here, not from time.
    public var sequence: UInt64
    /// What happened.
    public var body: EventBody
    /// Whether it happened at school (P5); nil when not said.
    public var isOnSite: Bool?
    /// Whether the input came from a remote-control session, so that it is never attributed to the pupil (P4).
    public var isRemote: Bool

    /// An event from its parts.
    public init(
        time: Instant, sequence: UInt64, body: EventBody, isOnSite: Bool? = nil,
        isRemote: Bool = false
    ) {
        self.time = time
        self.sequence = sequence
        self.body = body
        self.isOnSite = isOnSite
        self.isRemote = isRemote
    }

    /// The kind of the body.
    public var kind: EventKind { body.kind }
}

/// Who was where: what all events of one batch share.
public struct SessionContext: Hashable, Sendable {
    /// The computer.
    public var machine: MachineID
    /// The account.
    public var student: StudentID
    /// The login session.
    public var session: SessionID

    /// The context of a login session.
    public init(machine: MachineID, student: StudentID, session: SessionID) {
        self.machine = machine
        self.student = student
        self.session = session
    }
}
