import Crypto
public import Detection
import Foundation

/// Reads a folder of rules: every `.yml` and `.yaml` file below it, in order of path.
///
/// A document with `lexicons:`, `emoji:`, `aliases:`, `contexts:` or `plainWords:` at the top is data for the others; all other
/// documents are Sigma rules. Nothing is dropped in silence: either all of it loads or every complaint is returned.
public enum RulePackLoader {
    /// What was read and what is wrong with it.
    public struct Report: Sendable {
        /// The rules that could be read.
        public var pack: RulePack
        /// All complaints, in order of file and place.
        public var complaints: [RuleComplaint]
    }

    /// Reads a rule pack; every rule must bring theme, severity, policy and its own examples.
    public static func load(directory: String) throws(RuleFilesError) -> RulePack {
        let report = try read(directory: directory, isPack: true)
        guard report.complaints.isEmpty else { throw .refused(report.complaints) }
        return report.pack
    }

    /// Reads Sigma rules of any kind.
    public static func loadSigma(directory: String) throws(RuleFilesError) -> RulePack {
        let report = try read(directory: directory, isPack: false)
        guard report.complaints.isEmpty else { throw .refused(report.complaints) }
        return report.pack
    }

    /// Reads a folder and returns complaints beside what could be read.
    public static func read(
        directory: String, isPack: Bool
    ) throws(RuleFilesError) -> Report {
        try read(files: try contents(of: directory), isPack: isPack)
    }

    /// Reads files that are in memory already: name and bytes.
    public static func read(
        files: [(name: String, bytes: [UInt8])], isPack: Bool
    ) throws(RuleFilesError) -> Report {
        var complaints: [RuleComplaint] = []
        var lexiconDocuments: [(node: RuleNode, file: String)] = []
        var ruleDocuments: [(node: RuleNode, file: String, hash: String)] = []
        var texts: [String: String] = [:]
        var hash = SHA256()
        for (name, bytes) in files {
            hash.update(data: Array("\(name.utf8.count) \(name) \(bytes.count) ".utf8) + bytes)
            do throws(RuleComplaint) {
                let text = try decode(bytes, file: name)
                let nodes = try YAMLReader.documents(in: text, file: name)
                let sources = nodes.count == 1 ? [text] : split(text)
                for (index, node) in nodes.enumerated() {
                    if isLexicon(node) {
                        lexiconDocuments.append((node, name))
                    } else {
                        let source = index < sources.count ? sources[index] : text
                        let digest = digest(source)
                        texts[digest] = source
                        ruleDocuments.append((node, name, digest))
                    }
                }
            } catch {
                complaints.append(error)
            }
        }
        let lexicons: Lexicons
        do throws(RuleComplaint) {
            lexicons = try Lexicons(documents: lexiconDocuments)
        } catch {
            complaints.append(error)
            lexicons = .none
        }
        let reader = RuleReader(lexicons: lexicons, isPack: isPack)
        var rules: [Rule] = []
        for (node, file, digest) in ruleDocuments {
            do throws(RuleComplaint) {
                rules.append(try reader.rule(node, file: file, hash: digest))
            } catch {
                complaints.append(error)
            }
        }
        complaints += duplicates(among: rules)
        return Report(
            pack: RulePack(
                rules: rules, lexicons: lexicons, hash: hex(hash.finalize()), sources: texts),
            complaints: complaints.sorted { ($0.file, $0.position) < ($1.file, $1.position) })
    }

    private static func decode(_ bytes: [UInt8], file: String) throws(RuleComplaint) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RuleComplaint(
                .syntax, at: SourcePosition(line: 1, column: 1),
                "the file is not UTF-8, save it as UTF-8", file: file)
        }
        return text
    }

    private static func isLexicon(_ node: RuleNode) -> Bool {
        ["lexicons", "emoji", "aliases", "contexts", "plainWords"].contains { node[$0] != nil }
    }

    /// R4: an id or a name stands for one document.
    private static func duplicates(among rules: [Rule]) -> [RuleComplaint] {
        var complaints: [RuleComplaint] = []
        var seen: [String: Rule] = [:]
        for rule in rules {
            for key in [rule.id] + (rule.name.map { [$0] } ?? []) {
                if let first = seen[key], first != rule {
                    complaints.append(
                        RuleComplaint(
                            .duplicateID, at: rule.position,
                            "'\(key)' is the id or name of the rule in \(first.file) too, give it"
                                + " another", file: rule.file))
                } else {
                    seen[key] = rule
                }
            }
        }
        return complaints
    }

    // MARK: Files

    private static func contents(
        of directory: String
    ) throws(RuleFilesError) -> [(name: String, bytes: [UInt8])] {
        // A file is a folder of one; a missing folder has no attributes.
        let attributes = try? FileManager.default.attributesOfItem(atPath: directory)
        guard let type = attributes?[.type] as? FileAttributeType else {
            throw .unreadable(path: directory)
        }
        if type == .typeRegular { return [(directory, try bytes(of: directory))] }
        guard let paths = FileManager.default.enumerator(atPath: directory) else {
            throw .unreadable(path: directory)
        }
        var names: [String] = []
        for case let path as String in paths {
            let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
            if !isHidden, path.hasSuffix(".yml") || path.hasSuffix(".yaml") { names.append(path) }
        }
        var files: [(name: String, bytes: [UInt8])] = []
        for name in names.sorted() {
            files.append((name, try bytes(of: directory + "/" + name)))
        }
        return files
    }

    private static func bytes(of path: String) throws(RuleFilesError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path: path)
        }
        return Array(data)
    }

    /// The documents of a file as text, cut at the lines that begin with three hyphens.
    private static func split(_ text: String) -> [String] {
        var documents: [String] = []
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("---") {
                if current.contains(where: { !$0.isWhitespace }) { documents.append(current) }
                current = ""
            } else {
                current += line + "\n"
            }
        }
        if current.contains(where: { !$0.isWhitespace }) { documents.append(current) }
        return documents
    }

    private static func digest(_ text: String) -> String {
        hex(SHA256.hash(data: Array(text.utf8)))
    }

    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

extension RulePack {
    /// The packs that come with the program.
    public static func builtIn() throws(RuleFilesError) -> RulePack {
        guard let path = Bundle.module.path(forResource: "Packs", ofType: nil) else {
            throw .unreadable(path: "Packs")
        }
        return try RulePackLoader.load(directory: path)
    }
}
