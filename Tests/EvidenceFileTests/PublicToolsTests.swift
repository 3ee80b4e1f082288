import Durable
import Foundation
import TestSupport
import Testing

@testable import EvidenceFile

/// What an outsider would use instead of our program.
@Suite(.tags(.whole)) struct PublicToolsTests {
    private func withBundle(
        _ body: (URL, SampleBundle) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let sample = try SampleBundle()
            let written = try BundleWriter(fileSystem: RealFileSystem()).write(
                sample.contents, issuer: sample.issuer, into: folder.pathText)
            try await body(URL(filePath: written.path), sample)
        }
    }

    /// Runs a line of the recipe in the bundle's folder.
    private func shell(_ line: String, in bundle: URL) async throws -> ToolResult {
        try await Tool(named: "sh").run(["-c", line], workingDirectory: bundle)
    }

    private func flip(_ path: String, in bundle: URL) throws {
        let url = bundle.appending(path: path)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
    }

    @Test func `sha256sum finds the files unchanged, and notices a change`() async throws {
        try await withBundle { bundle, _ in
            let line = "sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt"
            #expect(try await shell(line, in: bundle).status == 0)
            try flip("data/text.csv", in: bundle)
            #expect(try await shell(line, in: bundle).status != 0)
        }
    }

    @Test func `bagit finds a valid bag, and notices a change and a file too many`() async throws {
        try await withBundle { bundle, _ in
            let validate = ["-m", "bagit", "--validate", bundle.pathText]
            let good = try await Tool.python().run(validate)
            #expect(good.status == 0, "\(good.transcript)")
            try Data([1]).write(to: bundle.appending(path: "data/extra"))
            #expect(try await Tool.python().run(validate).status != 0)
            try FileManager.default.removeItem(at: bundle.appending(path: "data/extra"))
            try flip("data/events.csv", in: bundle)
            #expect(try await Tool.python().run(validate).status != 0)
        }
    }

    @Test func `openssl and ssh-keygen verify the issuer's signatures`() async throws {
        try await withBundle { bundle, sample in
            let openssl = """
                openssl pkeyutl -verify -pubin -inkey keys/issuer.pem -rawin \
                -in tagmanifest-sha256.txt -sigfile signatures/tagmanifest-sha256.txt.sig
                """
            let ssh = """
                ssh-keygen -Y verify -f keys/allowed_signers -I hillside-school.example/evidence \
                -n sg-evidence-v1 -s signatures/tagmanifest-sha256.txt.sshsig \
                < tagmanifest-sha256.txt
                """
            let fingerprint = "cut -d' ' -f3- keys/allowed_signers > ../k && ssh-keygen -lf ../k"
            for line in [openssl, ssh] {
                let result = try await shell(line, in: bundle)
                #expect(result.status == 0, "\(result.transcript)")
            }
            let printed = try await shell(fingerprint, in: bundle)
            #expect(printed.output.contains(sample.issuer.fingerprint), "\(printed.transcript)")
            try flip("tagmanifest-sha256.txt", in: bundle)
            for line in [openssl, ssh] {
                #expect(try await shell(line, in: bundle).status != 0)
            }
        }
    }

    @Test func `the recipe of HOW-TO-VERIFY works as it is written`() async throws {
        try await withBundle { bundle, _ in
            let text = try String(
                contentsOf: bundle.appending(path: "data/HOW-TO-VERIFY.txt"), encoding: .utf8)
            // Commands stand at the margin; what explains them is indented or starts a section.
            let steps = text.components(separatedBy: "\n\n")
            func commands(_ marks: String...) -> String {
                steps.filter { step in marks.allSatisfy { step.contains($0) } }
                    .joined(separator: "\n")
            }
            let checkpoint = commands("N=data/proof/checkpoint-latest.txt")
            let clock = commands("cosignature/v1\\n", "awk")
            let notes = try await shell(
                "set -e; W=$(mktemp -d)\n" + checkpoint + "\n" + clock, in: bundle)
            #expect(notes.status == 0, "\(notes.transcript)")
            #expect(
                notes.output.components(separatedBy: "Signature Verified Successfully").count == 3)

            let event = try await shell(commands("LINE=$(grep"), in: bundle)
            let hashes = event.output.split(separator: "\n").map { $0.prefix(64) }
            let line = try String(
                contentsOf: bundle.appending(path: "data/proof/leaf-4.events"), encoding: .utf8
            ).split(separator: "\n")[3]
            let parts = line.split(separator: "\t")[0].split(separator: " ")
            #expect(hashes.first == parts.last)

            let script = try #require(text.range(of: "#!/bin/sh"))
            let end = try #require(text.range(of: "echo included"))
            let inclusion = String(text[script.lowerBound..<end.upperBound]) + "\n"
            try Data(inclusion.utf8).write(to: bundle.appending(path: "../inclusion.sh"))
            for leaf in ["leaf-4", "leaf-8"] {
                let result = try await shell("sh ../inclusion.sh \(leaf)", in: bundle)
                #expect(result.output.hasSuffix("included\n"), "\(result.transcript)")
            }
            try flip("data/proof/leaf-8.leaf", in: bundle)
            let bent = try await shell("sh ../inclusion.sh leaf-8", in: bundle)
            #expect(!bent.output.contains("included"))
        }
    }

    @Test func `verify.py accepts the bundle, and one flipped bit in any file is too much for it`()
        async throws
    {
        try await withBundle { bundle, sample in
            let script = bundle.appending(path: "../verify.py")
            try FileManager.default.copyItem(
                at: bundle.appending(path: "data/verify.py"), to: script)
            let good = try await Tool(named: "python3").run([script.pathText, bundle.pathText])
            #expect(good.status == 0, "\(good.transcript)")
            #expect(good.output.hasSuffix("all good\n"))
            for path in try sample.files().keys.sorted() where !path.hasSuffix(".sshsig") {
                let url = bundle.appending(path: path)
                let bytes = try Data(contentsOf: url)
                try flip(path, in: bundle)
                let bent = try await Tool(named: "python3").run([script.pathText, bundle.pathText])
                #expect(bent.status == 1, "\(path): \(bent.transcript)")
                try bytes.write(to: url)
            }
            let usage = try await Tool(named: "python3").run([script.pathText, "a", "b"])
            #expect(usage.status == 3)
        }
    }

    @Test func `daybook-verify ends with the statuses of the specification`() async throws {
        try await withBundle { bundle, sample in
            let verify = try Tool(product: "daybook-verify")
            let good = try await verify.run([bundle.pathText])
            #expect(good.status == 0, "\(good.transcript)")
            #expect(good.output.split(separator: "\n").count { $0.hasPrefix("V") } == 18)
            let trusted = try await verify.run(
                [bundle.pathText, "--json", "--trust", sample.issuer.fingerprint])
            #expect(trusted.status == 0)
            #expect(trusted.output.contains("\"conclusion\":\"good\""))
            #expect(try await verify.run([bundle.pathText, "--trust", "SHA256:x"]).status == 1)
            #expect(try await verify.run([bundle.pathText + "/none"]).status == 3)
            #expect(try await verify.run([]).status == 3)
            #expect(try await verify.run(["--what"]).status == 3)
            #expect(try await verify.run(["--help"]).status == 0)
            try flip("data/START-HERE.html", in: bundle)
            let bent = try await verify.run([bundle.pathText])
            #expect(bent.status == 2)
            #expect(bent.output.contains("data/START-HERE.html was changed"))
            #expect(!bent.output.contains("thick"))
        }
    }

    @Test func `daybook-verify warns with its own status`() async throws {
        try await TemporaryDirectory.with { folder in
            let sample = try SampleBundle(isSignedByDevice: false)
            let written = try BundleWriter(fileSystem: RealFileSystem()).write(
                sample.contents, issuer: sample.issuer, into: folder.pathText)
            #expect(try await Tool(product: "daybook-verify").run([written.path]).status == 4)
        }
    }
}
