import Storage

/// The night's reading of the store: does everything come back as it was written?
enum StoreReading {
    /// Reads every byte back and says what was found.
    static func check(_ store: Store) throws(StorageError) -> MorningReport.StoreCheck {
        let verdict = try store.verify()
        let read =
            "\(Plural.of(verdict.events, "event", "events")) in "
            + "\(Plural.of(verdict.leaves, "leaf", "leaves")) of the log read back"
        guard !verdict.isWhole else {
            return MorningReport.StoreCheck(
                isWhole: true, summary: read + ", all as they were accepted.", damage: [])
        }
        return MorningReport.StoreCheck(
            isWhole: false,
            summary: read + "; \(Plural.of(verdict.faults.count, "fault", "faults")) found. "
                + "Keep the data directory as it is and call whoever looks after the collector.",
            damage: verdict.faults.map { fault in
                let place = fault.offset.map { ", byte \($0)" } ?? ""
                return fault.file + place + ": " + fault.what
            })
    }

    /// The check with a sentence on what the retention rules removed (S44).
    static func adding(
        _ pruned: PruneReport, _ rules: RetentionRules, to check: MorningReport.StoreCheck
    ) -> MorningReport.StoreCheck {
        var check = check
        check.summary +=
            pruned.events == 0
            ? " Nothing was older than the retention rules allow."
            : " \(Plural.of(pruned.events, "event", "events")) older than "
                + "\(rules.unflaggedDays) days and near no finding were removed, and the log says so."
        if pruned.held > 0 {
            check.summary +=
                " \(Plural.of(pruned.held, "student has", "students have")) a legal hold."
        }
        return check
    }
}
