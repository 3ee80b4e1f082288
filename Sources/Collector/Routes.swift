import Hummingbird

/// Every path of the collector. What is not listed is 404; no path holds a person's name.
enum Routes {
    /// The doors and pages for agents and people.
    static func router(_ parts: CollectorParts, rules: RulesInForce) -> Router<CollectorContext> {
        let router = Router(context: CollectorContext.self)
        router.add(middleware: Doorkeeper(metrics: parts.metrics))
        let find = FindRoute(parts: parts, queue: BlockingWork(label: "find"))
        router.post("/v1/batches") { request, _ in
            try await BatchRoute(parts: parts).answer(request)
        }
        router.post("/v1/ingest") { request, _ in
            try await IngestRoute(parts: parts).answer(request)
        }
        router.post("/v1/enrol") { request, _ in try await EnrolRoute(parts: parts).answer(request)
        }
        router.post("/v1/find") { request, _ in try await find.answer(request) }
        router.post("/v1/incidents/query") { request, _ in
            try await IncidentRoute(parts: parts).answer(request)
        }
        let evidence = EvidenceRoute(
            parts: parts, rules: rules, queue: BlockingWork(label: "evidence"))
        router.post("/v1/evidence") { request, _ in try await evidence.answer(request) }
        let health = HealthRoute(parts: parts)
        router.get("/health/live") { _, _ in health.live() }
        router.get("/health/ready") { _, _ in health.ready() }
        router.get("/metrics") { _, context in try health.metrics(context) }
        return router
    }

    /// The paths for the collector's own command line, on a loopback port of their own.
    static func controlRouter(_ parts: CollectorParts, control: ControlRoute)
        -> Router<CollectorContext>
    {
        let router = Router(context: CollectorContext.self)
        router.add(middleware: Doorkeeper(metrics: parts.metrics))
        router.post("/v1/control/seal") { request, _ in try await control.seal(request) }
        router.post("/v1/control/verify") { request, _ in try await control.verify(request) }
        router.post("/v1/control/keep") { request, _ in try await control.keep(request) }
        router.post("/v1/control/backup") { request, _ in try await control.backup(request) }
        router.post("/v1/control/night") { request, _ in try await control.night(request) }
        return router
    }
}
