import Bytes
import Durable
import Foundation
import Proofs
import TestSupport
import Testing

@testable import Agent

@Suite struct DeviceIdentityTests {
    @Test func `a key file comes back as it was written, private to its owner (S4)`() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending(path: "keys/device.key").pathText
            let file = DeviceKeyFile(path: path, files: RealFileSystem())
            guard case .missing = try file.read() else { return #expect(Bool(false)) }
            let identity = try AgentFixture.identity()
            try file.write(identity.key)
            guard case .key(let key) = try file.read() else { return #expect(Bool(false)) }
            #expect(key.publicKey == identity.key.publicKey)
            try file.write(identity)
            guard case .identity(let read) = try file.read() else { return #expect(Bool(false)) }
            #expect(read.device == identity.device)
            #expect(read.origin == identity.origin)
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(rights as? Int == 0o600)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o620])
    func `a key that others can read is refused (S4)`(rights: Int) throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending(path: "device.key").pathText
            let file = DeviceKeyFile(path: path, files: RealFileSystem())
            try file.write(try AgentFixture.identity())
            try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: path)
            #expect {
                try file.read()
            } throws: { error in
                (error as? AgentError)?.message.contains("chmod 600") == true
            }
        }
    }

    @Test(arguments: [
        "", "sg.device/v2\nseed AAAA\n", "sg.device/v1\n", "sg.device/v1\nseed AAAA\n",
        "sg.device/v1\nseed !!\n", "sg.device/v1\nseed\n", "garbage",
    ])
    func `a damaged key file is called that`(text: String) throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/k")
        try files.replace("/k/key", with: Array(text.utf8))
        #expect(throws: AgentError.self) {
            try DeviceKeyFile(path: "/k/key", files: files).read()
        }
    }

    @Test(arguments: ["", "a b", "a+b", "a\nb"])
    func `names that no statement can carry are refused`(name: String) throws {
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        #expect(throws: AgentError.self) {
            try DeviceIdentity(key: key, device: name, origin: "a.test/log1")
        }
        #expect(throws: AgentError.self) {
            try DeviceIdentity(key: key, device: "device/1", origin: name)
        }
    }
}

@Suite struct EnrolmentTests {
    @Test func `an enrolment tells code, name and public key and keeps the names it gets (S1)`()
        async throws
    {
        let files = MemoryFileSystem()
        let keyFile = DeviceKeyFile(path: "/k/key", files: files)
        let collector = FakeCollector()
        let enrolment = Enrolment(keyFile: keyFile, transport: collector, random: .seeded(4))
        let identity = try await enrolment.enrol(code: "CODE-1", device: "room12-pc07")
        #expect(identity.device == "device/7f3a9c21")
        let body = try #require(collector.enrolments.first)
        #expect(body.contains("CODE-1"))
        #expect(body.contains("room12-pc07"))
        #expect(!body.contains(Base64.encode(identity.key.seed)))
        guard case .identity = try keyFile.read() else { return #expect(Bool(false)) }
        let again = try await enrolment.identity(code: "CODE-2", device: "x")
        #expect(again.key.publicKey == identity.key.publicKey)
        #expect(collector.requests == 1)
    }

    @Test func `a key survives a failed enrolment and is used for the next`() async throws {
        let files = MemoryFileSystem()
        let keyFile = DeviceKeyFile(path: "/k/key", files: files)
        let collector = FakeCollector()
        collector.behave([.unreachable, .accept])
        let enrolment = Enrolment(keyFile: keyFile, transport: collector, random: .seeded(4))
        await #expect(throws: AgentError.self) {
            try await enrolment.enrol(code: "CODE-1", device: "pc")
        }
        guard case .key(let first) = try keyFile.read() else { return #expect(Bool(false)) }
        let identity = try await enrolment.enrol(code: "CODE-1", device: "pc")
        #expect(identity.key.publicKey == first.publicKey)
    }

    @Test(arguments: [
        (401, #"{"title":"used","detail":"this code was used"}"#, "this code was used"),
        (410, #"{"title":"code expired"}"#, "code expired"), (500, "<html>", "new enrolment code"),
        (200, "{}", "names no device"), (200, "", "names no device"),
    ])
    func `a refusal says why`(status: Int, body: String, expected: String) async throws {
        let collector = FakeCollector()
        collector.behave([.status(status, retryAfterSeconds: nil, body: body)])
        let enrolment = Enrolment(
            keyFile: DeviceKeyFile(path: "/k/key", files: MemoryFileSystem()),
            transport: collector, random: .seeded(4))
        await #expect {
            try await enrolment.enrol(code: "c", device: "pc")
        } throws: { error in
            (error as? AgentError)?.message.contains(expected) == true
        }
    }

    @Test func `without key and code the message says what to run`() async throws {
        let enrolment = Enrolment(
            keyFile: DeviceKeyFile(path: "/k/key", files: MemoryFileSystem()),
            transport: FakeCollector(), random: .seeded(4))
        await #expect {
            try await enrolment.identity(code: nil, device: "pc")
        } throws: { error in
            (error as? AgentError)?.message.contains("daybook-agent enrol") == true
        }
    }
}
