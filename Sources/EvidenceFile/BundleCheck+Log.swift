import Events
import Proofs

/// V10 to V14: the log held it, and was not rewritten.
extension BundleCheck {
    /// V10: each leaf is in the log at the checkpoint of its proof.
    func inclusion() -> Verdict {
        var draft = VerdictDraft(.inclusion)
        for batch in opened.batches {
            switch (batch.proof, batch.leafData) {
            case (.failure(let error), _), (_, .failure(let error)): draft.damaged(error.message)
            case (.success(let (proof, signed)), .success(let (bytes, _))):
                let isIncluded =
                    proof.index == batch.leaf
                    && TreeProof.isIncluded(
                        leafHash: MerkleTree.leafHash(of: bytes), index: proof.index,
                        size: signed.checkpoint.size, root: signed.checkpoint.root,
                        path: proof.path)
                if !isIncluded {
                    draft.notAuthentic("\(batch.name) is not in the log at its checkpoint")
                }
            }
        }
        let count = opened.batches.count
        return draft.verdict(
            good: "\(PlainWords.count(count, "batch", plural: "batches")) proven to be in the log")
    }

    /// Every checkpoint of the bundle with the name of the file it is in.
    private var signedCheckpoints: [(name: String, signed: SignedCheckpoint)] {
        var all = opened.batches.compactMap { batch -> (name: String, signed: SignedCheckpoint)? in
            guard case .success(let (_, signed)) = batch.proof else { return nil }
            return ("\(batch.name).tlog-proof", signed)
        }
        if case .success(let latest) = opened.latest {
            all.append((BundleLayout.latestCheckpoint, latest))
        }
        return all
    }

    /// V11: the log and its clock signed every checkpoint.
    func checkpoints() -> Verdict {
        var draft = VerdictDraft(.checkpoints)
        if case .failure(let error) = opened.latest { draft.damaged(error.message) }
        let log: NoteKey
        switch (opened.logKey, opened.clockKey) {
        case (.failure(let error), _), (_, .failure(let error)):
            draft.notAuthentic(error.message)
            return draft.verdict(good: "")
        case (.success(let logKey), .success): log = logKey
        }
        var earlier: Set<String> = []
        for (name, signed) in signedCheckpoints {
            let origin = signed.checkpoint.origin
            guard let keys = opened.checkpointKeys(origin: origin) else {
                draft.notAuthentic("\(name) is of another log than keys/log.vkey")
                continue
            }
            if origin != log.name { earlier.insert(origin) }
            if signed.note.verdict(of: keys.log) != .valid(unixSeconds: nil) {
                draft.notAuthentic("\(name) is not signed by the log")
            }
            if signed.unixSeconds(clock: keys.clock) == nil {
                draft.notAuthentic("\(name) has no valid time of the log's clock")
            }
        }
        for batch in opened.batches {
            guard case .success(let (_, statement)) = batch.statement,
                opened.checkpointKeys(origin: statement.origin) == nil
            else { continue }
            draft.notAuthentic("\(batch.name).statement was made for another collector")
        }
        for origin in earlier.sorted() {
            draft.warn(
                "\(origin) ended and \(log.name) was begun on what was left of it, ask the school why"
            )
        }
        let count = signedCheckpoints.count
        return draft.verdict(
            good: "\(PlainWords.count(count, "checkpoint")) signed by log and clock")
    }

    /// V12: received before the checkpoint that proves it, and nothing from the future.
    func times() -> Verdict {
        var draft = VerdictDraft(.times)
        guard case .success = opened.clockKey else {
            return draft.notApplicable("the clock's key cannot be read")
        }
        for batch in opened.batches {
            guard case .success(let (_, leaf)) = batch.leafData,
                case .success(let (_, signed)) = batch.proof,
                case .success(let (_, statement)) = batch.statement,
                let received = Instant(rfc3339: leaf.time),
                let seconds = opened.unixSeconds(of: signed)
            else { continue }
            if Instant.floorSeconds(received) > seconds {
                draft.notAuthentic("\(batch.name) was received after the checkpoint that proves it")
            }
            let (ahead, isAbsurd) = statement.lastWall.subtractingReportingOverflow(
                received.milliseconds)
            if isAbsurd || ahead > EvidenceFileLimits.clockOffsetMaximum {
                draft.warn("\(batch.name): the workstation's clock was \(ahead) ms ahead")
            }
            if statement.firstWall > statement.lastWall {
                draft.warn("\(batch.name): the workstation's clock went back")
            }
        }
        if let record {
            let offset = record.clock.offsetMilliseconds.magnitude
            if offset > EvidenceFileLimits.clockOffsetMaximum {
                draft.warn("workstation and collector disagreed by \(offset) ms")
            }
            checkMade(record, &draft)
        }
        return draft.verdict(good: "received before the signed time of each checkpoint")
    }

    private func checkMade(_ record: IncidentRecord, _ draft: inout VerdictDraft) {
        guard let made = Instant(rfc3339: record.made) else {
            return draft.damaged("incident.json does not say when the bundle was made")
        }
        guard case .success(let latest) = opened.latest,
            let seconds = opened.unixSeconds(of: latest)
        else { return }
        // A minute of slack: the bundle's own time and the checkpoint's come from two readings.
        if seconds > Instant.floorSeconds(made) + 60 {
            draft.notAuthentic("the newest checkpoint is younger than the bundle")
        }
    }

    /// V13: the log of each checkpoint is the beginning of the log of the newest one.
    func consistency() -> Verdict {
        var draft = VerdictDraft(.consistency)
        guard case .success(let latest) = opened.latest else {
            return draft.notApplicable("the newest checkpoint cannot be read")
        }
        var unproven: [UInt64: Hash] = [:]
        for (name, signed) in signedCheckpoints.dropLast() {
            let (size, root) = (signed.checkpoint.size, signed.checkpoint.root)
            if let known = unproven[size], known != root {
                draft.notAuthentic("\(name): two logs of one size")
            }
            unproven[size] = root
        }
        let new = latest.checkpoint
        for (path, parsed) in opened.consistency {
            guard case .success(let proof) = parsed else {
                if case .failure(let error) = parsed { draft.damaged(error.message) }
                continue
            }
            guard let oldRoot = unproven.removeValue(forKey: proof.old) else {
                draft.warn("\(path) proves a checkpoint that is not in the bundle")
                continue
            }
            let isConsistent =
                proof.new == new.size
                && TreeProof.isConsistent(
                    old: proof.old, oldRoot: oldRoot, new: new.size, newRoot: new.root,
                    path: proof.path)
            if !isConsistent {
                draft.notAuthentic(
                    "\(path): the log was rewritten between \(proof.old) and \(new.size)")
            }
        }
        for size in unproven.keys.sorted() {
            draft.damaged("no proof that the log of size \(size) was not rewritten")
        }
        return draft.verdict(good: "up to size \(new.size)")
    }

    /// V14: somebody else holds a fingerprint of the log.
    func anchors() -> Verdict {
        var draft = VerdictDraft(.anchors)
        guard let record else { return draft.notApplicable("incident.json cannot be read") }
        if record.anchors.isEmpty {
            draft.warn("nobody outside the collector is known to hold a checkpoint")
        }
        let holders = record.anchors.map { "\($0.kind) of size \($0.size)" }.joined(separator: ", ")
        return draft.verdict(good: "compare with \(holders)")
    }
}

extension Instant {
    /// Whole seconds since 1970, rounded down.
    fileprivate static func floorSeconds(_ instant: Instant) -> Int64 {
        instant.roundedDownToSecond.milliseconds / 1_000
    }
}
