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
        let query = EventQuery(from: from, to: to)
        let inJournal = live.batches { $0.matches(query) }.map { entry in
            BatchSighting(
                device: entry.device, context: entry.context, first: entry.firstTime,
                last: entry.lastTime, events: entry.events, received: entry.received)
        }
        let sightings = try catalogue.sealedSightings(from: from, to: to) + inJournal
        var sessions: [SessionContext: SessionActivity] = [:]
        for sighting in sightings {
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
