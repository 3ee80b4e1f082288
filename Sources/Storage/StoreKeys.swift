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
