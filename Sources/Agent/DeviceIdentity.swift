import Bytes
public import Durable
import Glibc
public import Proofs

/// Who this device is to the collector: its key, and the names that the enrolment gave it.
///
/// The key file, replaced as a whole, readable for the owner only (S1, S4):
///
///     sg.device/v1
///     seed <base64: 32 bytes>
///     device <name>               these two once enrolled
///     origin <name of the collector's log>
public struct DeviceIdentity: Sendable {
    /// The signing key. Secret.
    public let key: SigningKey
    /// The device's name, as in its statements.
    public let device: String
    /// The collector's log.
    public let origin: String

    /// An identity from its parts.
    public init(key: SigningKey, device: String, origin: String) throws(AgentError) {
        self.key = key
        self.device = device
        self.origin = origin
        _ = try signer()
        guard NoteKey.isName(origin) else {
            throw .deviceKey(file: "", why: "the collector named its log with forbidden characters")
        }
    }

    /// Signs under the device's name.
    func signer() throws(AgentError) -> NoteSigner {
        do throws(ProofsError) {
            return try NoteSigner(name: device, signingKey: key)
        } catch {
            throw .deviceKey(file: "", why: "the collector gave a name with forbidden characters")
        }
    }
}

/// The key file of a device.
public struct DeviceKeyFile: Sendable {
    let path: String
    private let files: any FileSystem

    /// What a key file holds.
    public enum Content: Sendable {
        /// There is none.
        case missing
        /// A key that the collector may not know yet.
        case key(SigningKey)
        /// An enrolled device.
        case identity(DeviceIdentity)
    }

    /// The key file at a path.
    public init(path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Reads the file; refuses one that others can read (S4).
    public func read() throws(AgentError) -> Content {
        guard files.exists(path) else { return .missing }
        try checkRights()
        let bytes: [UInt8]
        do throws(DurableError) {
            bytes = try files.read(path)
        } catch {
            throw fault(error.message)
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first == "sg.device/v1" else { throw fault("not a key file of version 1") }
        var values: [Substring: String] = [:]
        for line in lines.dropFirst() {
            guard let space = line.firstIndex(of: " ") else { throw fault("damaged") }
            values[line[..<space]] = String(line[line.index(after: space)...])
        }
        guard let seed = Base64.decode(values["seed"] ?? ""), let key = SigningKey(seed: seed)
        else { throw fault("no seed of 32 bytes") }
        guard let device = values["device"], let origin = values["origin"] else { return .key(key) }
        return .identity(try DeviceIdentity(key: key, device: device, origin: origin))
    }

    /// Stores a key that is not enrolled yet.
    public func write(_ key: SigningKey) throws(AgentError) {
        try write("sg.device/v1\nseed \(Base64.encode(key.seed))\n")
    }

    /// Stores an enrolled device.
    public func write(_ identity: DeviceIdentity) throws(AgentError) {
        try write(
            "sg.device/v1\nseed \(Base64.encode(identity.key.seed))\n"
                + "device \(identity.device)\norigin \(identity.origin)\n")
    }

    private func write(_ text: String) throws(AgentError) {
        do throws(DurableError) {
            try files.makeDirectory(parentDirectory(of: path))
            try files.replace(path, with: Array(text.utf8))
        } catch {
            throw fault(error.message)
        }
    }

    private func checkRights() throws(AgentError) {
        var status = stat()
        // A file system of a test has no such file on the machine, and nothing to check.
        guard unsafe stat(path, &status) == 0 else { return }
        guard status.st_mode & 0o077 == 0 else {
            throw fault("others can read it, run: chmod 600 \(path)")
        }
    }

    private func fault(_ why: String) -> AgentError { .deviceKey(file: path, why: why) }
}
