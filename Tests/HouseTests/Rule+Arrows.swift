extension Rule {
    /// Who may use whom.
    static let arrows = [
        Rule(
            name: "every import is declared in Package.swift",
            violations: { house in
                house.manifest.targets.flatMap { target in
                    house.sources(of: target).flatMap { file, swift in
                        swift.imports.filter { imported in
                            !Library.toolchain.contains(imported.module)
                                && !target.dependencies.contains(imported.module)
                        }.map {
                            Violation(
                                file.path, $0.line,
                                "\($0.module) is no dependency of \(target.name)")
                        }
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".target(name: "Events"),"#, #".target(name: "Wire", dependencies: []),"#),
                "Sources/Wire/A.swift":
                    "import Events  // BAD\n@testable import struct GRDB.Row  // BAD",
            ],
            good: [
                "Package.swift": package(
                    #".target(name: "Events"),"#,
                    #".target(name: "Storage", dependencies: ["Events", grdb]),"#),
                "Sources/Storage/A.swift":
                    "public import Events\nimport GRDB\nimport Foundation\n// import Nothing\n",
            ]),

        Rule(
            name: "a target uses only what stands above it in Package.swift",
            violations: { house in
                var above: Set<String> = []
                return house.manifest.targets.flatMap { target in
                    defer { above.insert(target.name) }
                    return target.dependencies.filter { dependency in
                        !above.contains(dependency)
                            && !house.manifest.products.values.contains(dependency)
                    }.map {
                        Violation(
                            "Package.swift", target.line, "\(target.name) uses \($0) below it")
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".target(name: "Wire", dependencies: ["Events"]), // BAD"#,
                    #".target(name: "Events"),"#,
                    #".target(name: "Bytes", dependencies: [nowhere]), // BAD"#)
            ],
            good: [
                "Package.swift": package(
                    #".target(name: "Events"),"#,
                    #".target(name: "Wire", dependencies: ["Events", crypto], path: "Sources/Wire"),"#
                )
            ]),

        Rule(
            name: "every target has its storey, and none stands on a higher one",
            violations: { house in
                house.manifest.targets.filter { $0.path.hasPrefix("Sources/") }.flatMap { target in
                    guard let storey = Storey(of: target.name) else {
                        return [
                            Violation("Package.swift", target.line, "no storey for \(target.name)")
                        ]
                    }
                    return target.dependencies.filter { (Storey(of: $0) ?? .c) > storey }.map {
                        Violation(
                            "Package.swift", target.line, "\(target.name) stands below \($0)")
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".target(name: "Storage"),"#,
                    #".target(name: "Detection", dependencies: ["Storage"]), // BAD"#,
                    #".target(name: "Annexe"), // BAD"#)
            ],
            good: [
                "Package.swift": package(
                    #".systemLibrary(name: "CZstd", pkgConfig: "libzstd"),"#,
                    #".target(name: "Bytes", dependencies: ["CZstd"]),"#,
                    #".target(name: "Durable", dependencies: ["Bytes"]),"#)
            ]),

        Rule(
            name: "no way leads from a program to what it must not see",
            violations: { house in
                Library.walls.flatMap { wall in
                    let reached = house.manifest.reach(of: wall.target)
                        .intersection(wall.unreachable).sorted()
                    let line = house.manifest.target(wall.target)?.line ?? 0
                    return reached.map {
                        Violation(
                            "Package.swift", line, "\(wall.target) reaches \($0): \(wall.reason)")
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".target(name: "Storage"),"#,
                    #".target(name: "EvidenceFile", dependencies: ["Storage"]),"#,
                    #".executableTarget(name: "daybook-verify", dependencies: ["EvidenceFile"]), // BAD"#
                )
            ],
            good: [
                "Package.swift": package(
                    #".target(name: "Storage"),"#,
                    #".executableTarget(name: "daybook-collector", dependencies: ["Storage"]),"#)
            ]),

        Rule(
            name: "a library of others is used only by the targets it is there for",
            violations: { house in
                house.products.flatMap { target, file, swift in
                    swift.imports.filter { imported in
                        guard !Library.toolchain.contains(imported.module),
                            house.manifest.target(imported.module) == nil
                                || Library.homes[imported.module] != nil
                        else { return false }
                        return Library.homes[imported.module]?.contains(target.name) != true
                    }.map {
                        Violation(
                            file.path, $0.line, "\($0.module) has no business in \(target.name)")
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".systemLibrary(name: "CZstd"),"#,
                    #".target(name: "Reports", dependencies: ["CZstd", grdb]),"#),
                "Sources/Reports/A.swift":
                    "import GRDB  // BAD\nimport CZstd  // BAD\nimport Quick // BAD",
            ],
            good: [
                "Package.swift": package(
                    #".systemLibrary(name: "CZstd"),"#,
                    #".target(name: "Bytes", dependencies: ["CZstd"]),"#,
                    #".target(name: "Storage", dependencies: [grdb, "Bytes"]),"#),
                "Sources/Bytes/A.swift": "import CZstd",
                "Sources/Storage/A.swift": "import GRDB\nimport Bytes\nimport Synchronization",
            ]),
    ]
}
