public import Storage

/// What the command line may ask of a store, whether it opens it itself or asks the serving process.
public enum UpkeepCommand {
    /// Seals the journal; the answer is one JSON object.
    public static func seal(_ store: Store) async throws(StorageError) -> String {
        let report = try store.seal()
        var json = JSONWriter()
        json.object { json in
            json.member("segments", report.segments)
            json.member("events", report.events)
            json.member("bytes", report.size)
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
