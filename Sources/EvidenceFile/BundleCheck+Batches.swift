import Proofs

/// V6 to V9: what the workstation signed.
extension BundleCheck {
    /// V6: each statement is signed by the device it names.
    func statements() -> Verdict {
        var draft = VerdictDraft(.statements)
        let keys = opened.deviceKeys
        for (path, key) in opened.devicePublicKeys where key == nil {
            draft.notAuthentic("\(path) is not a public key")
        }
        for batch in opened.batches {
            switch batch.statement {
            case .failure(let error): draft.notAuthentic(error.message)
            case .success(let (note, statement)):
                let names =
                    statement.isCollectorOrigin
                    ? [statement.device, BundleCheck.unsignedAgentName] : [statement.device]
                let isSigned = keys.contains { key in
                    names.contains(key.name) && note.verdict(of: key) == .valid(unixSeconds: nil)
                }
                if !isSigned {
                    draft.notAuthentic("\(batch.name).statement is not signed by its device")
                } else if statement.isCollectorOrigin {
                    draft.warn(
                        "\(batch.name).statement was signed by the collector, not by the workstation"
                    )
                }
            }
        }
        return draft.verdict(
            good: "\(PlainWords.count(opened.batches.count, "statement")) signed by the device")
    }

    /// The name of the collector's key for agents that cannot sign (evidence.md 2.5).
    static let unsignedAgentName = "collector/unsigned-agent"

    private typealias Link = (
        name: String, statement: BatchStatement, hash: Hash
    )

    /// V7: batches of each window follow each other without holes.
    func chain() -> Verdict {
        var draft = VerdictDraft(.chain)
        var links: [Link] = opened.batches.compactMap { batch in
            guard case .success(let (_, statement)) = batch.statement else { return nil }
            return (batch.name, statement, BatchStatement.hash(ofFile: batch.file))
        }
        guard let record else { return draft.notApplicable("incident.json cannot be read") }
        for window in record.windows {
            let inside = links.filter {
                $0.statement.device == window.device && $0.statement.number >= window.firstBatch
                    && $0.statement.number <= window.lastBatch
            }.sorted { $0.statement.number < $1.statement.number }
            check(window, inside, &draft)
            links.removeAll { link in inside.contains { $0.name == link.name } }
        }
        for link in links { draft.damaged("\(link.name) belongs to no window") }
        for gap in record.windows.flatMap(\.gaps) {
            draft.warn("batches \(gap.firstBatch) to \(gap.lastBatch) never arrived")
        }
        return draft.verdict(
            good: "\(PlainWords.count(record.windows.count, "window")) without holes")
    }

    private func check(
        _ window: IncidentRecord.WindowRecord, _ links: [Link], _ draft: inout VerdictDraft
    ) {
        guard let first = links.first, let last = links.last,
            first.statement.number == window.firstBatch, last.statement.number == window.lastBatch
        else {
            draft.damaged(
                "a window of \(window.device) does not begin and end with the batches it names")
            return
        }
        for (before, after) in zip(links, links.dropFirst()) {
            let (number, next) = (before.statement.number, after.statement.number)
            guard next > number else {
                draft.notAuthentic("\(before.name) and \(after.name) have the same number")
                continue
            }
            if next == number + 1 {
                if after.statement.previous != before.hash {
                    draft.notAuthentic("\(after.name) does not follow \(before.name)")
                }
                if after.statement.firstSequence != before.statement.lastSequence &+ 1 {
                    draft.warn("sequence numbers jump between \(before.name) and \(after.name)")
                }
                continue
            }
            let isKnown = window.gaps.contains {
                $0.firstBatch <= number + 1 && $0.lastBatch >= next - 1
            }
            if !isKnown {
                draft.damaged("batches \(number + 1) to \(next - 1) are missing")
            }
        }
    }

    /// V8: the events, shown or withheld, give the root that the device signed.
    func roots() -> Verdict {
        var draft = VerdictDraft(.roots)
        var count = 0
        for batch in opened.batches {
            guard case .success(let (_, statement)) = batch.statement else {
                draft.notAuthentic("\(batch.name).statement cannot be read")
                continue
            }
            switch batch.events {
            case .failure(let error): draft.damaged(error.message)
            case .success(let events):
                count += events.count
                check(batch.name, events, statement, &draft)
            }
        }
        return draft.verdict(good: "\(PlainWords.count(count, "event")) are those that were signed")
    }

    private func check(
        _ name: String, _ events: [EventDisclosure], _ statement: BatchStatement,
        _ draft: inout VerdictDraft
    ) {
        for (index, event) in events.enumerated() {
            if !event.isOpenedByItsSalt {
                draft.notAuthentic("\(name) event \(index): content is not what was committed to")
            }
            if let envelope = event.envelope,
                envelope.sequence != statement.firstSequence &+ UInt64(index)
            {
                draft.notAuthentic("\(name) event \(index): sequence number out of order")
            }
        }
        if UInt64(events.count - 1) != statement.lastSequence - statement.firstSequence {
            draft.notAuthentic("\(name) has \(events.count) events, the statement another number")
        }
        if MerkleTree.root(leafHashes: events.map(\.leafHash)) != statement.root {
            draft.notAuthentic("\(name): events do not give the signed root")
        }
        for (wall, event) in [
            (statement.firstWall, events.first), (statement.lastWall, events.last),
        ] {
            if let shown = event?.envelope?.wallMilliseconds, shown != wall {
                draft.notAuthentic("\(name): times of the statement are not those of its events")
            }
        }
    }

    /// V9: the leaf in the log is the leaf of this statement.
    func leaves() -> Verdict {
        var draft = VerdictDraft(.leaves)
        for batch in opened.batches {
            switch batch.leafData {
            case .failure(let error): draft.damaged(error.message)
            case .success(let (_, data)):
                if data.kind != .batch {
                    draft.notAuthentic("\(batch.name).leaf is not a batch's")
                } else if data.reference != BatchStatement.hash(ofFile: batch.file) {
                    draft.notAuthentic("\(batch.name).leaf names another statement")
                }
            }
        }
        return draft.verdict(
            good:
                "\(PlainWords.count(opened.batches.count, "leaf", plural: "leaves")) name their statements"
        )
    }
}
