import Proofs
import Typing

/// V15 to V17: what people read follows from what was signed, and nothing else is there.
extension BundleCheck {
    /// Whether this program makes the same readable files as the one that wrote the bundle.
    private func canDerive(_ record: IncidentRecord) -> PassageOptions? {
        record.layoutVersion == BundleLayout.version ? record.reconstruction.options : nil
    }

    /// V15: tables, page and texts made again from the disclosed events are the same.
    func readable() -> Verdict {
        var draft = VerdictDraft(.readable)
        guard let record, let signer = opened.signer,
            case .success(let clock) = opened.clockKey
        else { return draft.notApplicable("the files it rests on cannot be read") }
        checkRecord(record, &draft)
        if let custody = files[BundleLayout.custodyTable],
            CSVTable.parse(custody)?.first != Tables.custodyColumns
        {
            draft.damaged("\(BundleLayout.custodyTable) is not the table it should be")
        }
        guard let options = canDerive(record) else {
            draft.warn(
                "made with layout \(record.layoutVersion) and reconstruction "
                    + "\(record.reconstruction.version): this program has others and did not compare"
            )
            return draft.verdict(good: "")
        }
        let batches = opened.bundleBatches
        let derived = DerivedFiles(
            record: record, batches: batches,
            timeline: BundleTimeline(batches: batches, options: options), rules: ruleTexts,
            deviceKeys: opened.deviceKeys, clockName: clock.name, principal: signer.principal,
            issuerKey: signer.publicKey
        ).files
        for path in derived.keys.sorted() where files[path] != nil {
            if files[path] != derived[path] {
                draft.notAuthentic("\(path) does not follow from the events of the bundle")
            }
        }
        return draft.verdict(good: "\(derived.count) files made again from the events, all equal")
    }

    /// What `incident.json` says about the other files.
    private func checkRecord(_ record: IncidentRecord, _ draft: inout VerdictDraft) {
        if record.redactions != DerivedFiles.redactions(of: opened.bundleBatches) {
            draft.notAuthentic("incident.json counts other withheld entries than there are")
        }
        guard case .success(let latest) = opened.latest else { return }
        let sizes = opened.consistency.compactMap { try? $0.proof.get().old }.sorted()  // nil: V13
        let isSame =
            record.checkpoints.latest == latest.checkpoint.size
            && record.checkpoints.latestRoot == latest.checkpoint.root.base64
            && record.checkpoints.origin == latest.checkpoint.origin
            && record.checkpoints.ingest == sizes
        if !isSame { draft.notAuthentic("incident.json names other checkpoints than there are") }
    }

    /// The rules of the bundle, where both of their files are there.
    private var ruleTexts: [RuleText] {
        bundle.paths.filter { $0.hasPrefix(BundleLayout.rulesFolder) && $0.hasSuffix(".json") }
            .compactMap { path in
                guard let bytes = files[path],
                    // try?: V16 reports a rule record that cannot be read.
                    let rule = try? JSONFile.decode(RuleRecordFile.self, bytes, path: path),
                    let source = files[BundleLayout.ruleSource(id: rule.id)]
                else { return nil }
                return RuleText(
                    id: rule.id, title: rule.title, explanation: rule.explanation,
                    packVersion: rule.packVersion, source: source)
            }
    }

    /// V16: each rule is the one that matched, and the words are where the finding says.
    func rules() -> Verdict {
        var draft = VerdictDraft(.rules)
        guard let record else { return draft.notApplicable("incident.json cannot be read") }
        let known = ruleTexts
        for finding in record.findings {
            let path = BundleLayout.ruleSource(id: finding.rule)
            if let source = files[path] {
                if Hash.sha256(source).hex != finding.ruleHash {
                    draft.notAuthentic("\(path) is not the rule that matched")
                }
            } else {
                draft.damaged("\(path) is missing")
            }
            let texts = known.filter { $0.id == finding.rule }
            if texts.count != 1 {
                draft.damaged("\(BundleLayout.ruleRecord(id: finding.rule)) cannot be read")
            }
        }
        if let options = canDerive(record) {
            let timeline = BundleTimeline(batches: opened.bundleBatches, options: options)
            let references = Set(
                timeline.entries.map {
                    MatchRecord.EventReference(leaf: $0.leaf, index: $0.index)
                })
            for finding in record.findings {
                check(finding, in: timeline, having: references, &draft)
            }
        } else {
            draft.warn(
                "the matched words were not compared, this program rebuilds text differently")
        }
        return draft.verdict(
            good: "\(PlainWords.count(record.findings.count, "finding")) with its words in place")
    }

    private func check(
        _ finding: FindingRecord, in timeline: BundleTimeline,
        having references: Set<MatchRecord.EventReference>, _ draft: inout VerdictDraft
    ) {
        guard finding.firstSequence <= finding.lastSequence else {
            return draft.notAuthentic("a finding ends before it begins")
        }
        for match in finding.matches {
            let found = timeline.readings(
                device: finding.device, reading: match.reading, field: match.field,
                in: finding.firstSequence...finding.lastSequence
            ).contains { $0.reading.text.utf8Slice(match.lower, match.upper) == match.text }
            let hasEvents = match.events.allSatisfy { references.contains($0) }
            if !found {
                draft.notAuthentic(
                    "words of a finding (bytes \(match.lower) to \(match.upper)) are not in the events"
                )
            }
            if !hasEvents { draft.notAuthentic("a finding names events that are not there") }
        }
    }

    /// V17: what is withheld left nothing behind, and no file is there that nothing describes.
    func withheld() -> Verdict {
        var draft = VerdictDraft(.withheld)
        var described: Set<String> = [
            BundleLayout.startPage, BundleLayout.eventsTable, BundleLayout.textTable,
            BundleLayout.custodyTable, BundleLayout.incident, BundleLayout.limitations,
            BundleLayout.howToVerify, BundleLayout.verifyScript, BundleLayout.latestCheckpoint,
            "data/report.pdf", "data/case.jsonld",
        ]
        described.formUnion(opened.consistency.map(\.path))
        for batch in opened.batches {
            described.formUnion([
                BundleLayout.statement(leaf: batch.leaf), BundleLayout.leafData(leaf: batch.leaf),
                BundleLayout.events(leaf: batch.leaf), BundleLayout.proof(leaf: batch.leaf),
            ])
        }
        for finding in record?.findings ?? [] {
            described.insert(BundleLayout.ruleSource(id: finding.rule))
            described.insert(BundleLayout.ruleRecord(id: finding.rule))
        }
        for path in bundle.paths where path.hasPrefix("data/") && !described.contains(path) {
            draft.warn("\(path) is not part of a bundle: nothing proves what it holds")
        }
        let withheld = opened.bundleBatches.flatMap(\.events).count { $0.reason != nil }
        return draft.verdict(
            good: withheld == 0
                ? "none" : "\(PlainWords.count(withheld, "event")), neither salt nor content shown")
    }
}
