/// How long and how often a benchmark waits.
enum BenchLimits {
    /// The collector must answer so soon after its start: it opens an empty store.
    static let startSeconds = 30
    /// A request may take this long, so that one lost answer ends the benchmark and does not hang it.
    static let requestSeconds: Int64 = 120
    /// A body is sent at most so often: with waits of 1 s and more that is minutes of overload.
    static let triesMaximum = 60
    /// How often the metrics are asked for: seldom enough that the asking costs nothing that shows.
    static let pollMilliseconds: Int64 = 200
    /// Detection may stand still for so long before it counts as stuck: longer than its own pauses.
    static let detectionStillSeconds = 30
}
