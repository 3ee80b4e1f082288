import Foundation
import TestSupport
import Testing

@testable import EvidenceFile

/// Files go from our code to `age` and `pyrage`, and back.
@Suite(.tags(.whole)) struct AgeToolsTests {
    private static let sizes = [0, 1, 65_535, 65_536, 65_537, 200_000]

    private static let pyrage = """
        import sys, pyrage
        way, kind, secret, source, target = sys.argv[1:]
        data = open(source, "rb").read()
        if kind == "passphrase":
            make = pyrage.passphrase.encrypt if way == "seal" else pyrage.passphrase.decrypt
            out = make(data, secret)
        elif way == "seal":
            out = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(secret)])
        else:
            out = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(secret)])
        open(target, "wb").write(out)
        """

    private func content(_ size: Int) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(size))
        return random.bytes(count: size)
    }

    private func seal(_ content: [UInt8], for recipient: AgeRecipient) throws -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return try AgeSealer.seal(content, for: [recipient]) { count in
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
    }

    private func withKey(
        _ body: (URL, AgeIdentity, String) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let key = folder.appending(path: "key.txt")
            let made = try await Tool(named: "age-keygen").run(["-o", key.pathText])
            #expect(made.status == 0, "\(made.transcript)")
            let file = [UInt8](try Data(contentsOf: key))
            let identity = try #require(try AgeIdentity.parsing(file: file).first)
            let recipient = try #require(identity.recipient?.text)
            // age-keygen writes the public key above the secret one.
            #expect(String(decoding: file, as: UTF8.self).contains("public key: \(recipient)\n"))
            try await body(folder, identity, recipient)
        }
    }

    @Test func `age opens what we seal, and we what age seals`() async throws {
        try await withKey { folder, identity, recipient in
            let (plain, sealed) = (folder.appending(path: "plain"), folder.appending(path: "age"))
            let age = try Tool(named: "age")
            let key = folder.appending(path: "key.txt").pathText
            for size in AgeToolsTests.sizes {
                try Data(try seal(content(size), for: AgeRecipient(parsing: recipient)))
                    .write(to: sealed)
                // age makes no file when there is nothing to write into it.
                try Data().write(to: plain)
                let opened = try await age.run(
                    ["-d", "-i", key, "-o", plain.pathText, sealed.pathText])
                #expect(opened.status == 0, "\(opened.transcript)")
                #expect(try [UInt8](Data(contentsOf: plain)) == content(size))
                for armour in [false, true] {
                    let made = try await age.run(
                        (armour ? ["-a"] : [])
                            + ["-r", recipient, "-o", sealed.pathText, plain.pathText])
                    #expect(made.status == 0, "\(made.transcript)")
                    var file = [UInt8](try Data(contentsOf: sealed))
                    if armour {
                        file = try AgeArmour.decode(String(decoding: file, as: UTF8.self))
                    }
                    #expect(try AgeOpener.open(file, with: [identity]) == content(size))
                }
            }
            let text = AgeArmour.encode(
                try seal(content(100), for: AgeRecipient(parsing: recipient)))
            try Data(text.utf8).write(to: sealed)
            let opened = try await age.run(["-d", "-i", key, "-o", plain.pathText, sealed.pathText])
            #expect(opened.status == 0, "\(opened.transcript)")
            #expect(try [UInt8](Data(contentsOf: plain)) == content(100))
        }
    }

    @Test func `pyrage opens what we seal, and we what pyrage seals`() async throws {
        try await withKey { folder, identity, recipient in
            let secret = try #require(identity.text)
            for size in AgeToolsTests.sizes {
                let opened = try await python(
                    "open", "key", secret,
                    try seal(content(size), for: AgeRecipient(parsing: recipient)), in: folder)
                #expect(opened == content(size))
                let sealed = try await python("seal", "key", recipient, content(size), in: folder)
                #expect(try AgeOpener.open(sealed, with: [identity]) == content(size))
            }
        }
    }

    @Test func `passphrases go both ways with pyrage`() async throws {
        try await TemporaryDirectory.with { folder in
            let phrase = "seven words näher betrachtet"
            let opened = try await python(
                "open", "passphrase", phrase, try seal(content(70_000), for: .passphrase(phrase)),
                in: folder)
            #expect(opened == content(70_000))
            let sealed = try await python(
                "seal", "passphrase", phrase, content(1), in: folder)
            #expect(try AgeOpener.open(sealed, with: [.passphrase(phrase)]) == content(1))
        }
    }

    @Test func `age takes a passphrase from a terminal, both ways`() async throws {
        try await TemporaryDirectory.with { folder in
            let (plain, sealed) = (folder.appending(path: "plain"), folder.appending(path: "age"))
            try Data(try seal(content(1_000), for: .passphrase("abc def"))).write(to: sealed)
            // age reads a passphrase from a terminal only, so it gets one.
            let terminal = """
                import os, pty, sys
                child, master = pty.fork()
                if child == 0:
                    os.execvp("age", ["age"] + sys.argv[1:])
                asked = b""
                while True:
                    try:
                        asked += os.read(master, 1000)
                    except OSError:
                        break
                    while b"passphrase" in asked and b":" in asked.split(b"passphrase", 1)[1]:
                        os.write(master, b"abc def\\n")
                        asked = asked.split(b"passphrase", 1)[1].split(b":", 1)[1]
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """
            let opened = try await Tool.python().run(
                ["-c", terminal, "-d", "-o", plain.pathText, sealed.pathText])
            #expect(opened.status == 0, "\(opened.transcript)")
            #expect(try [UInt8](Data(contentsOf: plain)) == content(1_000))
            try FileManager.default.removeItem(at: sealed)
            let made = try await Tool.python().run(
                ["-c", terminal, "-p", "-o", sealed.pathText, plain.pathText])
            #expect(made.status == 0, "\(made.transcript)")
            let file = [UInt8](try Data(contentsOf: sealed))
            #expect(try AgeOpener.open(file, with: [.passphrase("abc def")]) == content(1_000))
        }
    }

    @Test func `age refuses what we would not have sealed`() async throws {
        try await withKey { folder, _, recipient in
            var file = try seal(content(300), for: AgeRecipient(parsing: recipient))
            file[file.count - 1] ^= 1
            let sealed = folder.appending(path: "age")
            try Data(file).write(to: sealed)
            let key = folder.appending(path: "key.txt").pathText
            #expect(
                try await Tool(named: "age").run(["-d", "-i", key, sealed.pathText]).status != 0)
        }
    }

    private func python(
        _ way: String, _ kind: String, _ secret: String, _ bytes: [UInt8], in folder: URL
    ) async throws -> [UInt8] {
        let (source, target) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(bytes).write(to: source)
        let result = try await Tool.python().run(
            ["-c", AgeToolsTests.pyrage, way, kind, secret, source.pathText, target.pathText])
        #expect(result.status == 0, "\(result.transcript)")
        return [UInt8](try Data(contentsOf: target))
    }
}
