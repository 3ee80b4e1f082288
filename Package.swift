// swift-tools-version: 6.2

import PackageDescription

// Targets are listed bottom-up: a target uses only targets that stand above its line.
// `Tests/HouseTests` reads the sources and holds us to it.

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(
    name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "daybook",
    products: [
        .executable(name: "daybook-collector", targets: ["daybook-collector"]),
        .executable(name: "daybook-agent", targets: ["daybook-agent"]),
        .executable(name: "daybook", targets: ["daybook"]),
        .executable(name: "daybook-verify", targets: ["daybook-verify"]),
        .executable(name: "daybook-bench", targets: ["daybook-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // 0 C: system libraries, headers only; and what Swift has no instructions for.
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CX11", pkgConfig: "xi", providers: [.apt(["libx11-dev", "libxi-dev"])]),

        // SHA-256 of many short messages at once, with the processor's own instructions.
        .target(name: "CSHA256"),

        // 1 words
        // What happened at a workstation, as plain values.
        .target(name: "Events"),
        // Reads, writes, checks and compresses bytes.
        .target(name: "Bytes", dependencies: ["CZstd", "CZlib"]),

        // 2 pure: no I/O, no clock, no Foundation of our own, no async.
        // Commits, signs and proves: salted commitments, Merkle trees, signed notes, checkpoints.
        .target(name: "Proofs", dependencies: ["CSHA256", "Bytes", crypto]),
        // Turns an agent's bytes into events, and events into their one canonical form.
        .target(name: "Wire", dependencies: ["Events", "Bytes"]),
        // Rebuilds what was typed, as typed and as left, from key events.
        .target(name: "Typing", dependencies: ["Events"]),
        // Decides from events and passages which rules matched and why.
        .target(name: "Detection", dependencies: ["Events", "Typing"]),
        // Decides who may see or do what, and for what purpose.
        .target(name: "Access", dependencies: ["Events"]),

        // 3 disk
        // Makes files that survive power loss.
        .target(name: "Durable", dependencies: ["Bytes"]),
        // Keeps every accepted batch and finds it again.
        .target(
            name: "Storage",
            dependencies: ["Events", "Bytes", "Wire", "Proofs", "Durable", grdb, crypto]),

        // 4 paper
        // Reads Sigma rules and packs from disk, with line and column in every complaint.
        .target(
            name: "RuleFiles", dependencies: ["Events", "Typing", "Detection", yams, crypto],
            resources: [.copy("Packs")]),
        // The bundle: writing, reading and checking it, with no store at hand.
        .target(
            name: "EvidenceFile",
            dependencies: [
                "Events", "Bytes", "Wire", "Typing", "Proofs", "Durable", crypto, cryptoExtras,
            ]),
        // Groups findings into incidents.
        .target(name: "Casework", dependencies: ["Events", "Detection", "Access", "Storage"]),
        // Makes one student's bundle out of the store, hides everybody else, records who touched it.
        .target(
            name: "Evidence",
            dependencies: [
                "Events", "Bytes", "Wire", "Proofs", "Typing", "Detection", "Access", "Durable",
                "Storage", "Casework", "EvidenceFile",
            ]),
        // Runs the night and writes what the morning needs.
        .target(
            name: "Reports",
            dependencies: [
                "Events", "Proofs", "Access", "Durable", "Storage", "Casework",
            ]),
        // Makes sealed backups of a store while it serves, and restores them.
        .target(
            name: "Backup",
            dependencies: [
                "Events", "Bytes", "Proofs", "Durable", "Storage", "EvidenceFile", crypto,
            ]),

        // 5 doors
        // The server: authenticates, admits, stores, answers.
        .target(
            name: "Collector",
            dependencies: [
                "Events", "Bytes", "Wire", "Proofs", "Typing", "Detection", "Access", "Durable",
                "Storage", "RuleFiles", "EvidenceFile", "Casework", "Evidence", "Reports", "Backup",
                hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, lifecycle, unixSignals,
                logging, nioCore, nioSSL, crypto,
            ]),
        // The workstation: notice, capture, spool, ship.
        .target(
            name: "Agent",
            dependencies: [
                "CX11", "Events", "Bytes", "Wire", "Proofs", "Durable", httpClient, nioCore,
                nioHTTP1, nioSSL, lifecycle, logging, crypto,
            ]),
        // Invents pupils, lessons, typing and trouble, from a seed.
        .target(name: "SimulatedSchool", dependencies: ["Events", "Wire", "Typing"]),

        // 6 programs
        .executableTarget(
            name: "daybook-collector",
            dependencies: [
                "Events", "Access", "Durable", "Storage", "EvidenceFile", "Reports", "Backup",
                "Collector", arguments, logging, httpClient, nioCore, nioHTTP1, nioPosix,
            ]),
        .executableTarget(
            name: "daybook-agent",
            dependencies: ["Agent", "Durable", arguments, lifecycle, unixSignals, logging]),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "Events", "Typing", "Detection", "RuleFiles", "Wire", arguments, httpClient,
                nioCore, nioHTTP1, nioSSL,
            ]),
        .executableTarget(
            name: "daybook-verify", dependencies: ["Durable", "EvidenceFile", arguments]),
        .executableTarget(
            name: "daybook-bench",
            dependencies: [
                "Events", "Bytes", "Wire", "Proofs", "Typing", "Detection", "Durable", "Storage",
                "RuleFiles", "SimulatedSchool", httpClient, nioCore, nioHTTP1, arguments, crypto,
            ]),

        // Tests mirror the sources.
        .target(
            name: "TestSupport", dependencies: ["Events", "Durable"], path: "Tests/TestSupport"),
        .testTarget(name: "EventsTests", dependencies: ["Events", "TestSupport"]),
        .testTarget(name: "BytesTests", dependencies: ["Bytes", "TestSupport"]),
        .testTarget(
            name: "ProofsTests",
            dependencies: ["CSHA256", "Proofs", "Bytes", "TestSupport", crypto]),
        .testTarget(name: "WireTests", dependencies: ["Wire", "Events", "Bytes", "TestSupport"]),
        .testTarget(name: "TypingTests", dependencies: ["Typing", "Events", "TestSupport"]),
        .testTarget(
            name: "DetectionTests",
            dependencies: ["Detection", "RuleFiles", "Typing", "Events", "TestSupport"]),
        .testTarget(
            name: "DurableTests", dependencies: ["Durable", "Bytes", "TestSupport"]),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Storage", "Durable", "Wire", "Proofs", "Events", "Bytes", "TestSupport", crypto,
            ]),
        .testTarget(
            name: "EvidenceFileTests",
            dependencies: [
                "EvidenceFile", "Durable", "Proofs", "Wire", "Bytes", "Events", "TestSupport",
                "daybook-verify", crypto,
            ]),
        .target(
            name: "StoredSchool",
            dependencies: [
                "Events", "Bytes", "Proofs", "Wire", "Typing", "Durable", "Storage", "TestSupport",
            ], path: "Tests/StoredSchool"),
        .testTarget(name: "AccessTests", dependencies: ["Access", "Events", "TestSupport"]),
        .testTarget(
            name: "CaseworkTests",
            dependencies: [
                "Casework", "Access", "Storage", "Detection", "Durable", "Events", "TestSupport",
            ]),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Reports", "Casework", "Storage", "Detection", "Access", "Durable", "Wire",
                "Proofs", "Events", "Bytes", "StoredSchool", "TestSupport",
            ]),
        .testTarget(
            name: "EvidenceTests",
            dependencies: [
                "Evidence", "EvidenceFile", "Backup", "Casework", "Storage", "Detection",
                "RuleFiles", "Typing", "Access", "Durable", "Wire", "Proofs", "Events",
                "StoredSchool", "TestSupport",
            ]),
        .testTarget(
            name: "BackupTests",
            dependencies: [
                "Backup", "EvidenceFile", "Storage", "Durable", "Wire", "Proofs", "Events", "Bytes",
                "StoredSchool", "TestSupport", crypto,
            ]),
        .testTarget(
            name: "CollectorTests",
            dependencies: [
                "Collector", "Storage", "Access", "Detection", "RuleFiles", "Typing", "Wire",
                "Proofs", "Durable", "Events", "Bytes", "EvidenceFile", "TestSupport", hummingbird,
                hummingbirdTesting, httpTypes, logging, nioCore, crypto,
            ]),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "Wire", "Proofs", "Events", "Bytes", "Durable", "TestSupport", crypto,
                logging, lifecycle,
            ]),
        .testTarget(
            name: "SimulatedSchoolTests",
            dependencies: ["SimulatedSchool", "Typing", "Wire", "Events", "TestSupport"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Events", "Bytes", "Wire", "Proofs", "SimulatedSchool", "TestSupport", crypto,
                "daybook-collector", "daybook-agent", "daybook", "daybook-verify",
            ]),
        .testTarget(name: "HouseTests", dependencies: ["Events", "Durable", "TestSupport"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
