extension Rule {
    /// The pure storey: bytes and values in, values out.
    static let purity = [
        Rule(
            name: "words and the pure storey import nothing that has a clock, a disk or a thread",
            violations: { house in
                pureSources(of: house).flatMap { file, swift in
                    swift.imports.filter { Library.impure.contains($0.module) }.map {
                        Violation(file.path, $0.line, "\($0.module) in the pure storey")
                    }
                }
            },
            bad: [
                "Package.swift": package(#".target(name: "Typing"),"#),
                "Sources/Typing/A.swift":
                    "import Foundation  // BAD\nimport struct Dispatch.DispatchTime  // BAD",
            ],
            good: [
                "Package.swift": package(
                    #".target(name: "Proofs", dependencies: [crypto]),"#,
                    #".target(name: "Durable"),"#),
                "Sources/Proofs/A.swift": "import Crypto",
                "Sources/Durable/A.swift": "import Glibc",
            ]),

        Rule(
            name: "words and the pure storey wait for nothing, read no clock and draw no numbers",
            violations: { house in
                pureSources(of: house).flatMap { file, swift in
                    swift.tokens.filter { impure.contains($0.text) }.map {
                        Violation(file.path, $0.line, "\($0.text) in the pure storey")
                    }
                }
            },
            bad: [
                "Package.swift": package(#".target(name: "Wire"),"#),
                "Sources/Wire/A.swift": """
                func a() async {}  // BAD
                func b() { Task { } }  // BAD
                let c = ContinuousClock.now  // BAD
                actor D {}  // BAD
                let e = "\\(readLine() ?? "")"  // BAD
                var random = SystemRandomNumberGenerator()  // BAD
                func f() { print("seen") }  // BAD
                """,
            ],
            good: [
                "Package.swift": package(#".target(name: "Wire"),"#, #".target(name: "Agent"),"#),
                "Sources/Wire/A.swift": """
                /// Does not wait: no async, no Task.
                func `a Task with await`() -> String { "async print( Task" }
                """,
                "Sources/Agent/A.swift": "func a() async {}",
            ]),
    ]

    private static let impure: Set = [
        "async", "await", "actor", "Task", "TaskGroup", "AsyncStream", "ContinuousClock",
        "SuspendingClock", "Date", "FileManager", "FileHandle", "Process", "Thread",
        "SystemRandomNumberGenerator", "CommandLine", "Logger", "print", "debugPrint", "readLine",
        "fopen", "getenv", "clock_gettime", "usleep",
    ]

    private static func pureSources(of house: House) -> [(House.File, SwiftText)] {
        house.products.compactMap { target, file, swift in
            guard let storey = Storey(of: target.name), storey == .words || storey == .pure else {
                return nil
            }
            return (file, swift)
        }
    }
}
