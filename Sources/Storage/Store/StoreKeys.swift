import Bytes
import Durable
public import Proofs

/// The collector's own keys (`evidence.md` section 4).
public struct StoreKeys: Sendable {
    /// Signs checkpoints.
    public let log: NoteSigner
    /// Puts a signed time beside a checkpoint.
    public let clock: NoteSigner
    /// Signs bundles.
    public let issuer: SigningKey
    /// Signs statements for agents that cannot sign.
    public let unsignedAgent: NoteSigner

    /// The name under which statements for agents that cannot sign are signed.
    public static let unsignedAgentName = "collector/unsigned-agent"

    private static let names = ["log", "clock", "issuer", "unsigned-agent"]

    /// The key that wraps the vault's keys. A store of version 1 has none yet and gets one.
    static func masterKey(
        _ layout: StoreLayout, _ identity: StoreIdentity, _ environment: StoreEnvironment
    ) throws(StorageError) -> [UInt8] {
        let fileSystem = environment.fileSystem
        if !fileSystem.exists(layout.masterKey) {
            guard identity.version == 1 else {
                throw .corrupt(
                    file: layout.masterKey, offset: 0,
                    why: "the master key is missing, put the copy of it back")
            }
            try createMasterKey(layout, environment)
        }
        let bytes = try files { () throws(DurableError) in try fileSystem.read(layout.masterKey) }
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
        guard let key = Hex.decode(String(text)), key.count == DataCipher.keySize else {
            throw .corrupt(file: layout.masterKey, offset: 0, why: "not a 32-byte key in hex")
        }
        return key
    }

    private static func createMasterKey(_ layout: StoreLayout, _ environment: StoreEnvironment)
        throws(StorageError)
    {
        let key = environment.randomBytes(DataCipher.keySize)
        try files { () throws(DurableError) in
            try environment.fileSystem.replace(
                layout.masterKey, with: Array((Hex.encode(key) + "\n").utf8))
        }
    }

    /// The public keys that sign checkpoints of one of this collector's logs, under that log's name.
    func checkpointKeys(origin: String) -> (log: NoteKey, clock: NoteKey)? {
        // A name that no key can have has signed nothing.
        guard let log = try? NoteKey(name: origin, publicKey: log.key.publicKey),
            let clock = try? NoteKey(
                name: origin + "/clock", publicKey: clock.key.publicKey, algorithm: .cosignature)
        else { return nil }
        return (log, clock)
    }

    static func create(_ layout: StoreLayout, _ environment: StoreEnvironment)
        throws(StorageError)
    {
        for name in names {
            let seed = environment.randomBytes(SigningKey.size)
            let text = Array((Hex.encode(seed) + "\n").utf8)
            try files { () throws(DurableError) in
                try environment.fileSystem.replace("\(layout.keys)/\(name).seed", with: text)
            }
        }
        try createMasterKey(layout, environment)
    }

    static func open(_ layout: StoreLayout, origin: String, _ fileSystem: any FileSystem)
        throws(StorageError) -> StoreKeys
    {
        var keys: [SigningKey] = []
        for name in names {
            let path = "\(layout.keys)/\(name).seed"
            let bytes = try files { () throws(DurableError) in try fileSystem.read(path) }
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
            guard let seed = Hex.decode(String(text)), let key = SigningKey(seed: seed) else {
                throw .corrupt(file: path, offset: 0, why: "not a 32-byte seed in hex")
            }
            keys.append(key)
        }
        do {
            return StoreKeys(
                log: try NoteSigner(name: origin, signingKey: keys[0]),
                clock: try NoteSigner(
                    name: origin + "/clock", signingKey: keys[1], algorithm: .cosignature),
                issuer: keys[2],
                unsignedAgent: try NoteSigner(name: unsignedAgentName, signingKey: keys[3]))
        } catch {
            throw .corrupt(file: layout.identity, offset: 0, why: "the origin is no key name")
        }
    }
}
