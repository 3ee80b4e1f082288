/// The storeys of the house, bottom-up, and who lives where. A new target is entered here and in the README.
enum Storey: Int, CaseIterable, Comparable, Sendable {
    case c, words, pure, disk, paper, doors, programs

    static func < (left: Storey, right: Storey) -> Bool { left.rawValue < right.rawValue }

    var targets: Set<String> {
        switch self {
        case .c: ["CZstd", "CZlib", "CX11", "CSHA256"]
        case .words: ["Events", "Bytes"]
        case .pure: ["Wire", "Typing", "Proofs", "Detection", "Access"]
        case .disk: ["Durable", "Storage"]
        case .paper:
            ["RuleFiles", "EvidenceFile", "Casework", "Evidence", "Reports", "Backup"]
        case .doors: ["Collector", "Agent", "SimulatedSchool"]
        case .programs:
            ["daybook-collector", "daybook-agent", "daybook", "daybook-verify", "daybook-bench"]
        }
    }

    init?(of target: String) {
        guard let storey = Storey.allCases.first(where: { $0.targets.contains(target) }) else {
            return nil
        }
        self = storey
    }
}

/// Which targets may import a library that is not ours, and why nobody else.
enum Library {
    /// Each is one job's tool, so that it can be replaced by changing one target (`Package.swift`).
    static let homes: [String: Set<String>] = [
        "CZstd": ["Bytes"],
        "CZlib": ["Bytes"],
        "CX11": ["Agent"],
        "CSHA256": ["Proofs"],
        "GRDB": ["Storage"],
        "Yams": ["RuleFiles"],
        "Crypto": [
            "Proofs", "Storage", "RuleFiles", "EvidenceFile", "Evidence", "Backup", "Collector",
            "Agent", "daybook-bench",
        ],
        "CryptoExtras": ["EvidenceFile"],
        "Hummingbird": ["Collector"],
        "HummingbirdCore": ["Collector"],
        "HummingbirdTLS": ["Collector"],
        "HTTPTypes": ["Collector"],
        "AsyncHTTPClient": ["Agent", "daybook-collector", "daybook", "daybook-bench"],
        "NIOCore": ["Collector", "Agent", "daybook-collector", "daybook", "daybook-bench"],
        "NIOHTTP1": ["Agent", "daybook-collector", "daybook", "daybook-bench"],
        "NIOPosix": ["daybook-collector"],
        "NIOSSL": ["Collector", "Agent", "daybook"],
        "ArgumentParser": Storey.programs.targets,
        "Logging": ["Collector", "Agent", "daybook-collector", "daybook-agent"],
        "ServiceLifecycle": ["Collector", "Agent", "daybook-collector", "daybook-agent"],
        "UnixSignals": ["Collector", "daybook-collector", "daybook-agent"],
    ]

    /// Modules of the toolchain that have a clock, a disk or threads: not for the pure storey.
    static let impure: Set = ["Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Testing"]

    /// Modules of the toolchain, which nobody declares.
    static let toolchain: Set = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Testing",
        "RegexBuilder",
    ]

    /// What no target may reach, however many steps away.
    static let walls: [(target: String, unreachable: Set<String>, reason: String)] = [
        (
            "daybook-verify", ["Storage", "Collector", "Casework", "Evidence"],
            "a stranger checks a bundle without the store"
        ),
        (
            "Agent", ["Storage", "Detection", "Casework", "Evidence", "EvidenceFile"],
            "a workstation never sees rules or other pupils' data"
        ),
        (
            "daybook", ["Storage", "Collector", "Casework", "Evidence"],
            "the client goes through the collector's door: one door, one audit"
        ),
    ]
}
