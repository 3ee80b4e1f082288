extension Rule {
    /// What may go wrong without a word.
    static let safety = [
        Rule(
            name: "nothing is forced: no try!, no as!, no unwrapping with !",
            violations: { house in
                swiftFiles(of: house).flatMap { file, swift in
                    forced(in: swift).map { Violation(file.path, $0, "forced with !") }
                }
            },
            bad: [
                "Sources/Wire/A.swift": """
                let a = try! parse()  // BAD
                let b = c as! Int  // BAD
                let d = e[0]!  // BAD
                let f = g()!.h  // BAD
                var i: String!  // BAD
                let j = "\\(k!)"  // BAD
                """
            ],
            good: [
                "Sources/Wire/A.swift": """
                let a = !b && c != d && (!e)  // wow!
                let f = "g()!" + #"h!"#
                @Test func `it works!`() {}
                func ! (left: Int) {}
                """
            ]),

        Rule(
            name: "a dropped error has its reason beside it",
            violations: { house in
                swiftFiles(of: house).flatMap { file, swift in
                    swift.places(of: "try", "?").filter { !swift.isExplained($0.line) }.map {
                        Violation(file.path, $0.line, "try? without a comment that says why")
                    }
                }
            },
            bad: ["Sources/Wire/A.swift": "// why\n\n\n\nlet a = try? b()\n// BAD is line 5"],
            good: [
                "Sources/Wire/A.swift": """
                let a = try? b()  // nil says: not there
                // A full disk must not hide the result.
                guard d,
                    let e = try? c()
                """
            ]),

        Rule(
            name: "a promise the compiler cannot check says who keeps it",
            violations: { house in
                swiftFiles(of: house).flatMap { file, swift in
                    (swift.places(of: "@", "unchecked")
                        + swift.places(of: "nonisolated", "(", "unsafe", ")"))
                        .filter { !swift.isExplained($0.line) }
                        .map { Violation(file.path, $0.line, "unchecked, and nobody says why") }
                }
            },
            bad: [
                "Sources/Storage/A.swift":
                    "\nfinal class A: @unchecked Sendable {}\n\n// BAD is line 2"
            ],
            good: [
                "Sources/Storage/A.swift":
                    "/// @unchecked: its owner is the journal's executor.\nclass A: @unchecked Sendable {}"
            ]),

        Rule(
            name: "no task is left alone",
            violations: { house in
                house.products.flatMap { _, file, swift in
                    (swift.places(of: "Task", "{") + swift.places(of: "Task", ".", "detached")
                        + swift.places(of: "Task", "(", "priority")).map {
                            Violation(file.path, $0.line, "a task without an owner: use a group")
                        }
                }
            },
            bad: [
                "Package.swift": package(#".target(name: "Agent"),"#),
                "Sources/Agent/A.swift": "Task { await a() }  // BAD\nTask.detached { }  // BAD",
            ],
            good: [
                "Package.swift": package(#".target(name: "Agent"),"#),
                "Sources/Agent/A.swift":
                    "group.addTask { await a() }\ntry await Task.sleep(for: b)",
            ]),

        Rule(
            name: "only programs print and make loggers",
            violations: { house in
                house.products.filter { Storey(of: $0.target.name) != .programs }
                    .flatMap { _, file, swift in
                        (swift.places(of: "print", "(") + swift.places(of: "Logger", "("))
                            .filter { place in
                                place.index == 0
                                    || swift.tokens[place.index - 1].text != "func"
                                        && swift.tokens[place.index - 1].text != "."
                            }
                            .map { Violation(file.path, $0.line, "take a Logger as an argument") }
                    }
            },
            bad: [
                "Package.swift": package(#".target(name: "Collector"),"#),
                "Sources/Collector/A.swift":
                    "print(student)  // BAD\nlet log = Logger(label: \"a\")  // BAD",
            ],
            good: [
                "Package.swift": package(
                    #".target(name: "Collector"),"#, #".executableTarget(name: "daybook"),"#),
                "Sources/Collector/A.swift": "func a(logger: Logger) { logger.info(\"started\") }",
                "Sources/daybook/A.swift": "print(\"done\")",
            ]),
    ]

    static func swiftFiles(of house: House) -> [(file: House.File, swift: SwiftText)] {
        house.files.compactMap { file in
            guard let swift = file.swift else { return nil }
            return (file, swift)
        }
    }

    /// The lines with a `!` that is stuck to what stands before it and is no `!=`.
    private static func forced(in swift: SwiftText) -> [Int] {
        swift.tokens.indices.dropFirst().compactMap { index in
            let (before, sign) = (swift.tokens[index - 1], swift.tokens[index])
            guard sign.text == "!", sign.isAttached, let end = before.text.last,
                end.isLetter || end.isNumber || "_)]}`\"".contains(end)
            else { return nil }
            let next = index + 1 < swift.tokens.count ? swift.tokens[index + 1] : nil
            guard next?.isAttached != true || next?.text != "=" else { return nil }
            return sign.line
        }
    }
}
