public import Events

/// A login session that sent events in a period.
public struct SessionActivity: Hashable, Sendable {
    /// Who was where.
    public var context: SessionContext
    /// The time of its first event in the period.
    public var first: Instant
    /// The time of its last event in the period.
    public var last: Instant
    /// How many events.
    public var events: Int
}

extension Store {
    /// The login sessions of which batches overlap a period, by machine, time and session.
    public func sessionActivity(from: Instant, to: Instant) throws(StorageError)
        -> [SessionActivity]
    {
        var sessions: [SessionContext: SessionActivity] = [:]
        for sighting in try sightings(from: from, to: to) {
            var session =
                sessions[sighting.context]
                ?? SessionActivity(
                    context: sighting.context, first: sighting.first, last: sighting.last,
                    events: 0)
            session.first = min(session.first, sighting.first)
            session.last = max(session.last, sighting.last)
            session.events += sighting.events
            sessions[sighting.context] = session
        }
        return sessions.values.sorted {
            ($0.context.machine, $0.first, $0.context.session)
                < ($1.context.machine, $1.first, $1.context.session)
        }
    }
}
