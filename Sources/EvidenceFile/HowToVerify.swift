import Proofs

/// `HOW-TO-VERIFY.txt`: the recipe with public tools only, the bundle's own names filled in.
struct HowToVerify {
    let record: IncidentRecord
    let principal: String
    let fingerprint: String
    let batches: [BundleBatch]
    let deviceKeys: [NoteKey]
    let origin: String
    let clockName: String
    let consistencyFiles: [String]

    var file: [UInt8] { Array((sections.joined(separator: "\n\n") + "\n").utf8) }

    private var sections: [String] {
        [head, files, issuer, notes, event, inclusion, consistency, timeStamp]
    }

    private var firstLeaf: String { batches.first.map { "leaf-\($0.leaf)" } ?? "leaf-0" }

    private var head: String {
        """
        How to check this bundle with public tools
        Bundle \(record.bundle)

        Everything below runs offline, in the bundle's folder (cd \(record.bundle)), in a POSIX
        shell with sha256sum, openssl 3, ssh-keygen, awk, sed, base64 and xxd. On Windows, hash a
        file with: certutil -hashfile FILE SHA256. ssh-keygen is part of Windows' OpenSSH client.

        Quick ways: daybook-verify . or python3 data/verify.py
        A program inside the bundle could be a forger's: for a decision that matters take one
        from elsewhere, or follow the steps by hand.

        The commands write what they need to a folder outside the bundle:

        W=$(mktemp -d)
        """
    }

    private var files: String {
        """
        1. The files are complete and unchanged
           Both commands: sha256sum does not notice a file too many, bagit.py does.

        sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt
        cd .. && bagit.py --validate \(record.bundle); cd \(record.bundle)
        """
    }

    private var issuer: String {
        """
        2. The school signed it
           First compare this fingerprint with one that did not come with the bundle, for
           instance the one printed in the school's e-safety policy:
           \(fingerprint)

        cut -d' ' -f3- keys/allowed_signers > $W/issuer.pub && ssh-keygen -lf $W/issuer.pub
        ssh-keygen -Y verify -f keys/allowed_signers -I '\(principal)' \\
            -n \(BundleLayout.signatureNamespace) -s \(BundleLayout.sshSignature) < \(BundleLayout.tagManifest)
        openssl pkeyutl -verify -pubin -inkey \(BundleLayout.issuerKey) -rawin \\
            -in \(BundleLayout.tagManifest) -sigfile \(BundleLayout.signature)
        """
    }

    private var notes: String {
        let devices = deviceKeys.map { "   \($0.name): \(BundleLayout.deviceKey($0))" }
        return """
            3. The workstation signed its statements, the log signed its checkpoints
               The text ends before the blank line; a signature is base64 behind 4 bytes of key id.
               Statements (data/proof/leaf-N.statement) are signed by the keys of devices:
            \(devices.joined(separator: "\n"))
               The checkpoint is signed by "\(origin)" (keys/log.pem).

            N=data/proof/checkpoint-latest.txt KEY=keys/log.pem NAME='\(origin)'
            sed '/^$/,$d' $N > $W/body
            awk -v name="$NAME" '$2==name{print $NF}' $N | base64 -d | tail -c +5 > $W/sig
            openssl pkeyutl -verify -pubin -inkey $KEY -rawin -in $W/body -sigfile $W/sig

               The clock's line: bytes 5 to 12 are the time in Unix seconds, the signature starts
               at byte 13, and what is signed is "cosignature/v1", "time T" and the text.

            awk -v name='\(clockName)' '$2==name{print $NF}' $N | base64 -d > $W/clock
            T=$(printf '%d' "0x$(head -c 12 $W/clock | tail -c 8 | xxd -p)")
            (printf 'cosignature/v1\\ntime %s\\n' "$T"; cat $W/body) > $W/timed
            tail -c +13 $W/clock > $W/sig
            openssl pkeyutl -verify -pubin -inkey keys/clock.pem -rawin -in $W/timed -sigfile $W/sig
            date -u -d "@$T"
            """
    }

    private var event: String {
        """
        4. One event by hand
           A line of data/proof/\(firstLeaf).events that starts with D reads:
           D INDEX SALT ENVELOPE(five fields) TAB CONTENT. The first hash must be the envelope's
           last field, the second is the event's leaf in its batch's tree (RFC 6962), whose root
           stands in \(firstLeaf).statement.

        LINE=$(grep '^D ' data/proof/\(firstLeaf).events | head -n 1)
        SALT=$(printf %s "$LINE" | cut -d' ' -f3)
        ENVELOPE=$(printf %s "$LINE" | cut -f1 | cut -d' ' -f4-)
        CONTENT=$(printf %s "$LINE" | cut -f2-)
        (printf 'sg.content/v1\\n'; printf %s "$SALT" | xxd -r -p; printf %s "$CONTENT") | sha256sum
        (printf '\\000'; printf %s "$ENVELOPE") | sha256sum
        """
    }

    private var inclusion: String {
        """
        5. A batch was in the log at the checkpoint of its proof
           The leaf names the statement's hash: the two lines must agree.

        openssl dgst -sha256 -binary data/proof/\(firstLeaf).statement | base64
        sed -n 's/^statement //p' data/proof/\(firstLeaf).leaf

           Then the path, as RFC 9162 2.1.3.2 says. Save as inclusion.sh, run: sh inclusion.sh \(firstLeaf)

        \(HowToVerify.inclusionScript)
        """
    }

    private var consistency: String {
        """
        6. Nothing was rewritten since
           \(consistencyFiles.joined(separator: ", ")) \(consistencyFiles.count == 1 ? "shows" : "show") that the log at ingest is the beginning of the log of
           data/proof/checkpoint-latest.txt (RFC 9162 2.1.4.2; python3 data/verify.py does it).
           Compare that checkpoint with one the school sent out before: nightly mail, printed
           front page, another school. incident.json lists them under "anchors".
        """
    }

    private var timeStamp: String {
        """
        7. Only if \(BundleLayout.timeStamp) is there

        openssl ts -verify -data \(BundleLayout.signature) \\
            -in \(BundleLayout.timeStamp) -CAfile tsa-ca.pem
        """
    }

    /// Step 5 as a script of its own.
    static let inclusionScript = """
        #!/bin/sh
        # Prints the root that the proof leads to and the root of the checkpoint; they must be equal.
        p=data/proof/$1
        index=$(sed -n 's/^index //p' "$p.tlog-proof")
        size=$(sed '1,/^$/d' "$p.tlog-proof" | sed -n 2p)
        root=$(sed '1,/^$/d' "$p.tlog-proof" | sed -n 3p | base64 -d | xxd -p -c 64)
        sha() { xxd -r -p | sha256sum | cut -d' ' -f1; }
        r=$( (printf '\\000'; cat "$p.leaf") | sha256sum | cut -d' ' -f1)
        fn=$index; sn=$((size - 1))
        for line in $(sed -n '/^index /,/^$/p' "$p.tlog-proof" | sed '1d;$d'); do
            h=$(printf %s "$line" | base64 -d | xxd -p -c 64)
            if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
                r=$(printf '01%s%s' "$h" "$r" | sha)
                while [ $((fn % 2)) -eq 0 ] && [ "$fn" -ne 0 ]; do fn=$((fn / 2)); sn=$((sn / 2)); done
            else
                r=$(printf '01%s%s' "$r" "$h" | sha)
            fi
            fn=$((fn / 2)); sn=$((sn / 2))
        done
        echo "$r"; echo "$root"; [ "$r" = "$root" ] && [ "$sn" -eq 0 ] && echo included
        """
}
