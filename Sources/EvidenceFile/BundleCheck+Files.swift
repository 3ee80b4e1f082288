import Proofs

/// V1 to V4: the files are all there, unchanged, and signed.
extension BundleCheck {
    private static let required = [
        BundleLayout.bagDeclaration, BundleLayout.bagInfo, BundleLayout.manifest,
        BundleLayout.tagManifest, BundleLayout.signature, BundleLayout.sshSignature,
        BundleLayout.issuerKey, BundleLayout.allowedSigners, BundleLayout.logKey,
        BundleLayout.logVerifierKey, BundleLayout.clockKey, BundleLayout.clockVerifierKey,
        BundleLayout.startPage, BundleLayout.eventsTable, BundleLayout.textTable,
        BundleLayout.custodyTable, BundleLayout.incident, BundleLayout.limitations,
        BundleLayout.howToVerify, BundleLayout.latestCheckpoint, BundleLayout.consistency,
    ]

    /// V1: it is a bag of the size it says, with every file that a bundle has.
    func structure() -> Verdict {
        var draft = VerdictDraft(.structure)
        for path in BundleCheck.required where files[path] == nil {
            draft.damaged("\(path) is missing")
        }
        for path in bundle.paths {
            let names = path.split(separator: "/", omittingEmptySubsequences: false)
            if !names.allSatisfy({ BundleLayout.isFileName($0) }) {
                draft.damaged("a file has a name that bundles do not have")
            }
        }
        if let declaration = files[BundleLayout.bagDeclaration],
            declaration != Array(BundleLayout.bagDeclarationText.utf8)
        {
            draft.damaged("\(BundleLayout.bagDeclaration) does not declare a BagIt 1.0 bag")
        }
        checkBagInfo(&draft)
        if case .failure(let error) = opened.record, files[BundleLayout.incident] != nil {
            draft.damaged(error.message)
        }
        if opened.batches.isEmpty { draft.damaged("there is no batch") }
        let count = bundle.files.count
        return draft.verdict(good: "\(PlainWords.count(count, "file")), sizes as declared")
    }

    private func checkBagInfo(_ draft: inout VerdictDraft) {
        guard let info = files[BundleLayout.bagInfo] else { return }
        let values = BundleCheck.bagInfo(info)
        let payload = files.filter { $0.key.hasPrefix("data/") }
        let size = payload.values.reduce(0) { $0 + $1.count }
        let oxum = "\(size).\(payload.count)"
        if values["Payload-Oxum"] != oxum {
            draft.damaged("payload is \(oxum) (bytes.files), not what bag-info.txt says")
        }
        if let record, values["External-Identifier"] != record.bundle {
            draft.damaged("bag-info.txt and incident.json name different bundles")
        }
    }

    private static func bagInfo(_ bytes: [UInt8]) -> [String: String] {
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = String(parts[1].drop { $0 == " " })
        }
        return values
    }

    /// V2: every payload file is the one of the manifest, and there is no other.
    func payload() -> Verdict {
        compare(.payload, BundleLayout.manifest) { $0.hasPrefix("data/") }
    }

    /// V3: every tag file is the one of the tag manifest, and there is no other.
    func tags() -> Verdict {
        compare(.tags, BundleLayout.tagManifest) { path in
            !path.hasPrefix("data/") && path != BundleLayout.tagManifest
                && ![BundleLayout.signature, BundleLayout.sshSignature, BundleLayout.timeStamp]
                    .contains(path)
        }
    }

    private func compare(
        _ check: BundleCheckID, _ path: String, _ isListed: (String) -> Bool
    ) -> Verdict {
        var draft = VerdictDraft(check)
        guard let bytes = files[path] else {
            draft.damaged("\(path) is missing")
            return draft.verdict(good: "")
        }
        let manifest: BundleManifest
        do {
            manifest = try BundleManifest(parsing: bytes, path: path)
        } catch {
            draft.damaged(error.message)
            return draft.verdict(good: "")
        }
        let present = files.filter { isListed($0.key) }
        for name in manifest.hashes.keys.sorted() where files[name] == nil {
            draft.damaged("\(name) is missing")
        }
        for name in present.keys.sorted() {
            guard let hash = manifest.hashes[name] else {
                draft.damaged("\(name) is not in \(path)")
                continue
            }
            if let file = present[name], Hash.sha256(file).hex != hash {
                draft.damaged("\(name) was changed")
            }
        }
        return draft.verdict(
            good: "\(PlainWords.count(present.count, "file")), unchanged, none missing, none extra")
    }

    /// V4: both signatures are those of one key.
    func signatures() -> Verdict {
        var draft = VerdictDraft(.signatures)
        guard let manifest = files[BundleLayout.tagManifest] else {
            draft.damaged("\(BundleLayout.tagManifest) is missing")
            return draft.verdict(good: "")
        }
        guard let key = opened.issuerKey, let signer = opened.signer else {
            draft.notAuthentic("the issuer's key cannot be read")
            return draft.verdict(good: "")
        }
        if signer.publicKey != key {
            draft.notAuthentic("issuer.pem and allowed_signers hold different keys")
        }
        if let signature = files[BundleLayout.signature] {
            let isValid = SigningKey.isValid(
                signature: signature, message: manifest, publicKey: key)
            if !isValid { draft.notAuthentic("\(BundleLayout.signature) is not by the issuer") }
        } else {
            draft.damaged("\(BundleLayout.signature) is missing")
        }
        if let signature = files[BundleLayout.sshSignature] {
            let isValid = PublicKeyFile.isSSHSignature(signature, of: manifest, by: key)
            if !isValid { draft.notAuthentic("\(BundleLayout.sshSignature) is not by the issuer") }
        } else {
            draft.damaged("\(BundleLayout.sshSignature) is missing")
        }
        return draft.verdict(good: "both by \(PublicKeyFile.fingerprint(key))")
    }
}
