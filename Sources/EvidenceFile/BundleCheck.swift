import Events
import Proofs

/// Checks a bundle with nothing at hand but the bundle: the code a stranger runs, and the writer too.
///
/// It returns every verdict, V1 to V18 of evidence.md section 10, each with every reason.
public struct BundleCheck {
    let bundle: BundleFiles
    let opened: OpenedBundle
    let trust: String?

    /// Checks a bundle.
    ///
    /// - Parameter trust: the issuer's fingerprint as the school printed it, when it is known.
    public static func run(_ bundle: BundleFiles, trust: String? = nil) -> BundleReport {
        let check = BundleCheck(bundle: bundle, opened: OpenedBundle(bundle), trust: trust)
        return BundleReport(
            bundle: check.record?.bundle,
            fingerprint: check.opened.issuerKey.map { PublicKeyFile.fingerprint($0) },
            verdicts: [
                check.structure(), check.payload(), check.tags(), check.signatures(),
                check.issuerTrust(), check.statements(), check.chain(), check.roots(),
                check.leaves(), check.inclusion(), check.checkpoints(), check.times(),
                check.consistency(), check.anchors(), check.readable(), check.rules(),
                check.withheld(), check.timeStamp(),
            ])
    }

    var files: [String: [UInt8]] { bundle.files }

    // nil: V1 reports an unreadable incident.json once, checks that need it say "not applicable".
    var record: IncidentRecord? { try? opened.record.get() }
}

extension BundleCheck {
    /// V5: is it the key that the school printed.
    func issuerTrust() -> Verdict {
        var draft = VerdictDraft(.trust)
        guard let key = opened.issuerKey else {
            return draft.notApplicable("the issuer's key could not be read")
        }
        let fingerprint = PublicKeyFile.fingerprint(key)
        guard let trust else {
            return draft.notApplicable("not asked for; compare \(fingerprint) with the printed one")
        }
        let given = trust.hasPrefix("SHA256:") ? trust : "SHA256:" + trust
        if given.filter({ $0 != "=" && $0 != "\n" }) != fingerprint {
            draft.notAuthentic("signed by \(fingerprint), which is not the one given")
        }
        return draft.verdict(good: "is the one given")
    }

    /// V18: is there a time stamp of somebody else.
    func timeStamp() -> Verdict {
        let draft = VerdictDraft(.timeStamp)
        return files[BundleLayout.timeStamp] == nil
            ? draft.notApplicable("none in the bundle")
            : draft.notApplicable("present; check it with openssl ts as HOW-TO-VERIFY.txt says")
    }
}
