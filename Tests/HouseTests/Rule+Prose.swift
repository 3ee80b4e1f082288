extension Rule {
    /// What is written for people.
    static let prose = [
        Rule(
            name: "a task for later has an owner and a date",
            violations: { house in
                house.files.flatMap { file -> [Violation] in
                    let comments: [(line: Int, text: String)] =
                        file.swift.map { swift in swift.comments.map { ($0.key, $0.value) } }
                        ?? (file.lies(in: "scripts") ? numbered(file.text) : [])
                    return comments.filter { comment in
                        later.contains { word in
                            comment.text.contains(word)
                                && comment.text.firstMatch(
                                    of: /\([a-z ]+, 20[0-9]{2}-[0-9]{2}-[0-9]{2}\)/) == nil
                        }
                    }.map { Violation(file.path, $0.line, "who does it, and until when?") }
                }
            },
            bad: [
                "Sources/Wire/A.swift": "// \(later[0]): tidy BAD",
                "scripts/check": "# \(later[1]) BAD",
            ],
            good: [
                "Sources/Wire/A.swift": "// \(later[0])(anna, 2027-01-31): tidy\nlet a = \"later\""
            ]),

        Rule(
            name: "no file names a place on somebody's machine",
            violations: { house in
                house.files.flatMap { file in
                    numbered(file.text).filter { namesMachine($0.text) }.map {
                        Violation(file.path, $0.line, "an absolute path of one machine")
                    }
                }
            },
            bad: [
                "scripts/demo":
                    "cd \(["", "home", "anna", "daybook"].joined(separator: "/")) # BAD",
                "README.md": "see `\(["", "root", "x"].joined(separator: "/"))` BAD",
                "Sources/Wire/A.swift":
                    "\"\(["", "tmp", "socket"].joined(separator: "/"))\" // BAD",
            ],
            good: [
                "scripts/demo": "mktemp -d\nls \"$HOME/work/x\" ./work/x /usr/bin/env",
                "README.md": "https://example.org/home/x and /tmp",
            ]),

        Rule(
            name: "the README's tree has a line for every target",
            violations: { house in
                guard let readme = house.file("README.md") else { return [] }
                let lines = readme.text.split(separator: "\n").map(String.init)
                return house.manifest.targets.filter { $0.path.hasPrefix("Sources/") }
                    .filter { target in
                        !lines.contains { line in
                            line.contains("`\(target.name)`") && line.hasPrefix("|")
                        }
                    }
                    .map { Violation("README.md", 1, "no line for \($0.name)") }
            },
            bad: [
                "Package.swift": package(#".target(name: "Events"),"#, #".target(name: "Wire"),"#),
                "README.md": "BAD\n| `Events` | what happened |\n\nWire turns bytes into events.",
            ],
            good: [
                "Package.swift": package(#".target(name: "Events"),"#),
                "README.md": "| `Events` | what happened |",
            ]),

        Rule(
            name: "every folder of Fixtures has its line in Fixtures/README.md",
            violations: { house in
                let folders = Set(
                    house.files.filter { $0.lies(in: "Fixtures") }
                        .map { $0.path.split(separator: "/").map(String.init) }
                        .filter { $0.count > 2 }.map { $0[1] })
                let readme = house.file("Fixtures/README.md")?.text ?? ""
                return folders.sorted().filter { !readme.contains("`\($0)`") }.map {
                    Violation("Fixtures/README.md", 1, "nothing about \($0)")
                }
            },
            bad: ["Fixtures/README.md": "BAD", "Fixtures/wire/a.json": "{}"],
            good: ["Fixtures/README.md": "| `wire` | events |", "Fixtures/wire/a.json": "{}"]),

        Rule(
            name: "nothing was copied from elsewhere with its licence on it",
            violations: { house in
                house.files.filter { !$0.path.hasSuffix("LICENSE") }.flatMap { file in
                    numbered(file.text).filter { line in
                        foreign.contains { line.text.lowercased().contains($0) }
                    }.map { Violation(file.path, $0.line, "whose text is this?") }
                }
            },
            bad: ["Sources/Wire/A.swift": "// \(foreign[0].uppercased()) 2019 BAD"],
            good: ["Sources/Wire/A.swift": "/// Whether the copy is right."]),
    ]

    // Put together here, so that the rules do not find themselves.
    private static let later = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    private static let foreign = [
        "copyright" + " (c)", "all rights" + " reserved", "licensed" + " under",
        "spdx-" + "license",
    ]

    static func numbered(_ text: String) -> [(line: Int, text: String)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { ($0.offset + 1, String($0.element)) }
    }

    private static func namesMachine(_ line: String) -> Bool {
        guard line.contains("/") else { return false }
        let bytes = Array(line.utf8)
        for name in ["/root/", "/work/", "/home/", "/tmp/"].map({ Array($0.utf8) }) {
            for start in bytes.indices where bytes[start...].starts(with: name) {
                let next = start + name.count
                guard next < bytes.count, isWord(bytes[next]) else { continue }
                guard start > 0 else { return true }
                let before = bytes[start - 1]
                let isInside =
                    isWord(before) || before == UInt8(ascii: ".") || before == UInt8(ascii: "}")
                if !isInside { return true }
            }
        }
        return false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return character.isLetter || character.isNumber || character == "_"
    }
}
