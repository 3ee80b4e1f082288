/// What `Package.swift` says, read from its text: the targets in their order and what each may use.
struct Manifest: Sendable {
    /// One target.
    struct Target: Sendable {
        enum Kind: String, Sendable {
            case systemLibrary, target, executableTarget, testTarget
        }

        var kind: Kind
        var name: String
        /// Names of targets of this package and of products of others.
        var dependencies: [String]
        /// Its folder from the top of the repository.
        var path: String
        var line: Int
    }

    var targets: [Target] = []
    /// Names of products of other packages, by the constants they are bound to.
    var products: [String: String] = [:]

    /// Reads the manifest; what it does not understand is left out, and the tests miss it loudly.
    init(_ text: String) {
        let source = SwiftText(text)
        let tokens = source.tokens
        // Literals come in the order of the `"` tokens, so the two lists walk together.
        var literalOfToken: [Int: String] = [:]
        for (literal, token) in zip(
            source.literals, tokens.indices.filter { tokens[$0].text == "\"" })
        {
            literalOfToken[token] = literal.text
        }

        for (index, _) in source.places(of: "let")
        where index + 2 < tokens.count && tokens[index + 2].text == "=" {
            guard tokens[(index + 3)...].prefix(5).map(\.text).contains("product") else {
                continue
            }
            let name = (index..<tokens.count).lazy.compactMap { literalOfToken[$0] }.first
            products[tokens[index + 1].text] = name
        }

        for index in tokens.indices.dropFirst() {
            guard tokens[index - 1].text == ".",
                let kind = Target.Kind(rawValue: tokens[index].text),
                index + 4 < tokens.count, tokens[index + 1].text == "(",
                tokens[index + 2].text == "name", let name = literalOfToken[index + 4]
            else { continue }
            let end = Manifest.closing(of: index + 1, in: tokens)
            var dependencies: [String] = []
            var path = (kind == .testTarget ? "Tests/" : "Sources/") + name
            var cursor = index + 5
            while cursor < end {
                if tokens[cursor].text == "path", let given = literalOfToken[cursor + 2] {
                    path = given
                }
                if tokens[cursor].text == "dependencies" {
                    let listEnd = Manifest.closing(of: cursor + 2, in: tokens)
                    for item in cursor + 3..<listEnd {
                        if let literal = literalOfToken[item] {
                            dependencies.append(literal)
                        } else if let product = products[tokens[item].text] {
                            dependencies.append(product)
                        } else if tokens[item].text.first?.isLetter == true {
                            dependencies.append("unknown constant " + tokens[item].text)
                        }
                    }
                    cursor = listEnd
                }
                cursor += 1
            }
            targets.append(
                Target(
                    kind: kind, name: name, dependencies: dependencies, path: path,
                    line: tokens[index].line))
        }
    }

    /// The target of a name.
    func target(_ name: String) -> Target? { targets.first { $0.name == name } }

    /// A target's dependencies within the package, and theirs, and so on.
    func reach(of name: String) -> Set<String> {
        var found: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            for dependency in target(next)?.dependencies ?? []
            where target(dependency) != nil && found.insert(dependency).inserted {
                open.append(dependency)
            }
        }
        return found
    }

    private static func closing(of open: Int, in tokens: [SwiftText.Token]) -> Int {
        var depth = 0
        for index in open..<tokens.count {
            switch tokens[index].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}":
                depth -= 1
                if depth == 0 { return index }
            default: continue
            }
        }
        return tokens.count
    }
}
