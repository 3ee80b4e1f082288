extension Rule {
    /// Limits and scripts.
    static let habits = [
        Rule(
            name: "every limit says why it is this number",
            violations: { house in
                house.files.filter { $0.lies(in: "Sources") && $0.name == "Limits.swift" }
                    .flatMap { file -> [Violation] in
                        guard let swift = file.swift else { return [] }
                        return swift.places(of: "let").compactMap { index, line in
                            let start = swift.tokens[..<index].last { $0.isFirst }?.line ?? line
                            let comment = swift.commentAbove(min(start, line))
                            guard !reasons.contains(where: comment.contains) else { return nil }
                            return Violation(
                                file.path, line, "why this number? (say it with one of: \(reasons))"
                            )
                        }
                    }
            },
            bad: [
                "Sources/Wire/Limits.swift": """
                enum Limits {
                    /// Deepest nesting.
                    static let depthMaximum = 16  // BAD

                    static let eventsMaximum = 4  // BAD
                }
                """
            ],
            good: [
                "Sources/Wire/Limits.swift": """
                enum Limits {
                    /// Deepest nesting: real events have three levels.
                    public static let depthMaximum = 16
                }
                """
            ]),

        Rule(
            name: "a script can be started, stops at its first error, and says what it is for",
            violations: { house in
                house.files.filter { $0.lies(in: "scripts") || $0.path == ".ci/run" }
                    .flatMap { file -> [Violation] in
                        guard file.text.hasPrefix("#!") else { return [] }
                        let lines = file.text.split(
                            separator: "\n", omittingEmptySubsequences: false)
                        var violations: [Violation] = []
                        if !file.isExecutable {
                            violations.append(Violation(file.path, 1, "not executable"))
                        }
                        if file.text.prefix(30).contains("bash"),
                            !lines.contains("set -euo pipefail")
                        {
                            violations.append(Violation(file.path, 1, "no set -euo pipefail"))
                        }
                        if lines.count < 2
                            || !(lines[1].hasPrefix("# ") || lines[1].hasPrefix("\"\"\""))
                        {
                            violations.append(Violation(file.path, 1, "what is it for? (line 2)"))
                        }
                        return Array(violations.prefix(1))
                    }
            },
            bad: [
                "scripts/check": "#!/usr/bin/env bash BAD\n# Checks.\nset -e",
                ".ci/run": "#!/usr/bin/env bash BAD\nset -euo pipefail",
            ],
            good: ["scripts/daybook.service": "[Unit]"]),
    ]

    /// How a comment gives a reason.
    private static let reasons = [": ", "; ", ". ", "because", " so ", "(", "than ", ", for "]
}
