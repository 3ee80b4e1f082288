import Bytes
import Proofs

/// The names of a bundle's files (evidence.md section 6).
public enum BundleLayout {
    /// Version of everything derived: tables, pages, texts. A verifier compares bytes when it has the same.
    public static let version = 1

    static let bagDeclaration = "bagit.txt"
    static let bagInfo = "bag-info.txt"
    static let manifest = "manifest-sha256.txt"
    static let tagManifest = "tagmanifest-sha256.txt"
    static let signature = "signatures/tagmanifest-sha256.txt.sig"
    static let sshSignature = "signatures/tagmanifest-sha256.txt.sshsig"
    static let timeStamp = "signatures/tagmanifest-sha256.txt.tsr"
    static let issuerKey = "keys/issuer.pem"
    static let allowedSigners = "keys/allowed_signers"
    static let logKey = "keys/log.pem"
    static let logVerifierKey = "keys/log.vkey"
    static let clockKey = "keys/clock.pem"
    static let clockVerifierKey = "keys/clock.vkey"
    static let deviceKeyPrefix = "keys/device-"

    static let startPage = "data/START-HERE.html"
    static let eventsTable = "data/events.csv"
    static let textTable = "data/text.csv"
    static let custodyTable = "data/custody.csv"
    static let incident = "data/incident.json"
    static let limitations = "data/LIMITATIONS.txt"
    static let howToVerify = "data/HOW-TO-VERIFY.txt"
    static let verifyScript = "data/verify.py"
    static let rulesFolder = "data/rules/"
    static let proofFolder = "data/proof/"
    static let latestCheckpoint = "data/proof/checkpoint-latest.txt"
    static let consistency = "data/proof/consistency.txt"

    /// What a bag says it is (RFC 8493).
    static let bagDeclarationText = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

    /// The namespace of the signature that `ssh-keygen` checks.
    public static let signatureNamespace = "sg-evidence-v1"

    static func statement(leaf: UInt64) -> String { proofFolder + "leaf-\(leaf).statement" }
    static func leafData(leaf: UInt64) -> String { proofFolder + "leaf-\(leaf).leaf" }
    static func events(leaf: UInt64) -> String { proofFolder + "leaf-\(leaf).events" }
    static func proof(leaf: UInt64) -> String { proofFolder + "leaf-\(leaf).tlog-proof" }
    static func ruleSource(id: String) -> String { rulesFolder + id + ".yml" }
    static func ruleRecord(id: String) -> String { rulesFolder + id + ".json" }

    /// The first of the consistency proofs is `consistency.txt`, others carry the size they start from.
    static func consistency(old: UInt64, isFirst: Bool) -> String {
        isFirst ? consistency : proofFolder + "consistency-\(old).txt"
    }

    /// The file of a device's key: its name with what a file name may not hold replaced, and its key id.
    static func deviceKey(_ key: NoteKey) -> String {
        let last = key.name.split(separator: "/").last.map(String.init) ?? key.name
        let safe = last.unicodeScalars.map { isNameScalar($0) ? String($0) : "_" }.joined()
        let id = Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: key.keyID >> (24 - 8 * $0)) })
        return deviceKeyPrefix + "\(safe)-\(id).pem"
    }

    /// Whether a text may be a name of a file or folder of a bundle: `[A-Za-z0-9._-]`, no leading dot.
    static func isFileName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && name.first != "."
            && name.unicodeScalars.allSatisfy(isNameScalar)
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}
