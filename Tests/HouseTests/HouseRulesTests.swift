import TestSupport
import Testing

/// Reads the whole repository and holds it to the rules of the house.
@Suite struct HouseRulesTests {
    @Test(.tags(.whole), arguments: Rule.all)
    func `this repository keeps the rule`(rule: Rule) throws {
        let violations = rule.violations(try House.here.get()).map(\.description)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test(.tags(.example), arguments: Rule.all)
    func `the rule refuses its bad sample, line by line, and nothing else`(rule: Rule) {
        let expected = rule.bad.flatMap { path, text in
            Rule.numbered(text).filter { $0.text.contains("BAD") }.map { line in
                let named = line.text.firstMatch(of: /BAD is line ([0-9]+)/).flatMap { Int($0.1) }
                return "\(path):\(named ?? line.line)"
            }
        }
        let found = rule.violations(House(rule.bad)).map { "\($0.path):\($0.line)" }
        #expect(Set(found) == Set(expected))
        #expect(!expected.isEmpty)
    }

    @Test(.tags(.example), arguments: Rule.all)
    func `the rule lets its good sample pass`(rule: Rule) {
        #expect(rule.violations(House(rule.good)) == [])
        #expect(!rule.good.isEmpty)
    }

    @Test(.tags(.whole)) func `the whole package is seen: targets, storeys and sources`() throws {
        let house = try House.here.get()
        let named = Set(Storey.allCases.flatMap(\.targets))
        let declared = Set(
            house.manifest.targets.filter { $0.path.hasPrefix("Sources/") }.map(\.name))
        #expect(declared == named)
        let inC = Storey.c.targets
        for target in house.manifest.targets where !inC.contains(target.name) {
            #expect(!house.sources(of: target).isEmpty, "\(target.name) has no sources")
        }
        #expect(house.manifest.target("Storage")?.dependencies.contains("GRDB") == true)
        #expect(house.manifest.target("Bytes")?.dependencies.contains("CZstd") == true)
        let folders = Set(
            house.files.filter { $0.lies(in: "Sources") }
                .compactMap { $0.path.split(separator: "/").dropFirst().first.map(String.init) })
        #expect(folders == declared, "a folder of Sources without a target, or the other way round")
    }
}
