extension Rule {
    /// What things are called.
    static let names = [
        Rule(
            name: "no file or folder has a name that says nothing",
            violations: { house in
                house.files.filter { $0.lies(in: "Sources") || $0.lies(in: "Tests") }
                    .compactMap { file in
                        let stems = file.path.split(separator: "/").map {
                            String($0.split(separator: ".").first ?? "")
                        }
                        let empty = stems.first { stem in
                            emptyNames.contains { stem == $0 || stem.hasSuffix($0) && $0 != "Misc" }
                        }
                        return empty.map {
                            Violation(file.path, 1, "\($0) says nothing: name the thing")
                        }
                    }
            },
            bad: [
                "Sources/Wire/Utils.swift": "// BAD",
                "Sources/Wire/Helpers/A.swift": "// BAD",
                "Sources/Storage/StoreManager.swift": "// BAD",
            ],
            good: ["Sources/Wire/ContentDecoder.swift": "", "Sources/Wire/CommonMark.swift": ""]),

        Rule(
            name: "no type carries the name of a module",
            violations: { house in
                let modules = Set(house.manifest.targets.map(\.name))
                return house.products.flatMap { _, file, swift in
                    swift.types.filter { modules.contains($0.name) }.map {
                        Violation(
                            file.path, $0.line, "type \($0.name) hides the module of that name")
                    }
                }
            },
            bad: [
                "Package.swift": package(
                    #".target(name: "Evidence"),"#, #".target(name: "Wire"),"#),
                "Sources/Evidence/A.swift":
                    "public struct Evidence {}  // BAD\nenum Wire {}  // BAD",
            ],
            good: [
                "Package.swift": package(#".target(name: "Evidence"),"#),
                "Sources/Evidence/A.swift":
                    "struct EvidenceRequest { var kind: any Evidence.Type }",
            ]),

        Rule(
            name: "modules are plain words; only programs carry the product's name",
            violations: { house in
                house.manifest.targets.filter { target in
                    target.kind != .executableTarget && target.name.lowercased().contains("daybook")
                }.map { Violation("Package.swift", $0.line, "module \($0.name)") }
            },
            bad: ["Package.swift": package(#".target(name: "DaybookCore"), // BAD"#)],
            good: ["Package.swift": package(#".executableTarget(name: "daybook-agent"),"#)]),

        Rule(
            name: "the name of a test is a sentence in backticks",
            violations: { house in
                house.files.filter { $0.lies(in: "Tests") }.flatMap { file -> [Violation] in
                    guard let swift = file.swift else { return [] }
                    return swift.places(of: "@", "Test").compactMap { index, _ in
                        let rest = swift.tokens[index...]
                        guard let function = rest.firstIndex(where: { $0.text == "func" }),
                            function + 1 < rest.endIndex, rest[function + 1].text != "`"
                        else { return nil }
                        return Violation(
                            file.path, rest[function].line,
                            "\(rest[function + 1].text) is no sentence")
                    }
                }
            },
            bad: ["Tests/WireTests/A.swift": "@Test(.tags(.example))\nfunc testParse() {}  // BAD"],
            good: ["Tests/WireTests/A.swift": "@Test func `an empty line is refused`() {}"]),
    ]

    private static let emptyNames = [
        "Utils", "Utilities", "Helper", "Helpers", "Common", "Manager", "Misc",
    ]
}
