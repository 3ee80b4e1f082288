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
