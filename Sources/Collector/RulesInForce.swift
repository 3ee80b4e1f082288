import Detection
import Events
import Synchronization
import Typing

/// The rule pack in force, swapped whole: a batch is judged by one pack, never by half of two.
public final class RulesInForce: Sendable {
    private let loaded: Mutex<Loaded>

    /// A pack and what was prepared from it.
    struct Loaded: Sendable {
        /// The version of the pack.
        let version: String

        /// What a passage gives rise to.
        func findings(in passage: Passage) -> [Finding] { [] }

        /// What a single event gives rise to.
        func findings(in event: Event) -> [Finding] { [] }
    }

    /// Puts the rules of a directory in force, or the built-in pack when there is none.
    public init(directory: String?) throws { loaded = Mutex(Loaded(version: "none")) }

    /// The pack in force.
    var current: Loaded { loaded.withLock { $0 } }
    /// The version of the pack in force.
    public var version: String { current.version }
}
