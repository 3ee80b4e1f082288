import Foundation
import TestSupport

/// The repository as the rules see it: the manifest and the text of every file.
struct House: Sendable {
    /// One file.
    struct File: Sendable {
        /// From the top of the repository.
        var path: String
        var text: String
        /// Cut into words, when it is Swift.
        var swift: SwiftText?
        var isExecutable: Bool

        var name: String { String(path.split(separator: "/").last ?? "") }
        func lies(in folder: String) -> Bool { path.hasPrefix(folder + "/") }
    }

    var manifest: Manifest
    var files: [File]

    /// A house of a few files, for the proof that a rule refuses something.
    init(_ texts: [String: String], executables: Set<String> = []) {
        manifest = Manifest(texts["Package.swift"] ?? "")
        files = texts.sorted { $0.key < $1.key }.map { path, text in
            File(
                path: path, text: text,
                swift: path.hasSuffix(".swift") ? SwiftText(text) : nil,
                isExecutable: executables.contains(path))
        }
    }

    /// This repository, read once.
    static let here = Result { try House(repository: Fixture.repository) }

    private init(repository: URL) throws {
        var texts: [String: String] = [:]
        var executables: Set<String> = []
        let root = repository.resolvingSymlinksInPath().pathText
        let walker = FileManager.default.enumerator(atPath: root)
        while let path = walker?.nextObject() as? String {
            // What git does not track: builds, the repository itself, environments of Python.
            if path.hasPrefix(".build") || path == ".git" || path.hasSuffix("__pycache__") {
                walker?.skipDescendants()
                continue
            }
            let full = root + "/" + path
            var isDirectory: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: full, isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { continue }
            // try?: a file that is not text, such as a captured segment, has nothing to read.
            guard let text = try? String(contentsOfFile: full, encoding: .utf8) else { continue }
            texts[path] = text
            if FileManager.default.isExecutableFile(atPath: full) { executables.insert(path) }
        }
        self.init(texts, executables: executables)
    }

    /// A file by its path.
    func file(_ path: String) -> File? { files.first { $0.path == path } }

    /// The Swift files of a target.
    func sources(of target: Manifest.Target) -> [(file: File, swift: SwiftText)] {
        files.compactMap { file in
            guard file.lies(in: target.path), let swift = file.swift else { return nil }
            return (file, swift)
        }
    }

    /// All Swift files below `Sources`, with their targets.
    var products: [(target: Manifest.Target, file: File, swift: SwiftText)] {
        manifest.targets.filter { $0.path.hasPrefix("Sources/") }.flatMap { target in
            sources(of: target).map { (target, $0.file, $0.swift) }
        }
    }
}

/// Something that breaks a rule, where, and what to do.
struct Violation: Hashable, Sendable, CustomStringConvertible {
    var path: String
    var line: Int
    var complaint: String

    init(_ path: String, _ line: Int, _ complaint: String) {
        self.path = path
        self.line = line
        self.complaint = complaint
    }

    var description: String { "\(path):\(line): \(complaint)" }
}
