/// A segment's number and generation in one: a journal file's number is the id of its segment.
typealias SegmentID = UInt64

/// Where things lie in a data directory.
///
///     store.json          format version, school, origin
///     keys/*.seed         Ed25519 seeds in hex, 0600, not in the data backup
///     keys/master.key     wraps the keys of the vault; keep a copy of it away from the machine
///     vault/subject-keys  a data key for each student and month, wrapped
///     trust/checkpoint    the latest signed checkpoint, outside the store's backup (evidence.md 3.4)
///     journal/N.journal   what was accepted and is not sealed yet
///     segments/N.segment  sealed journal files, by the same number
///     log/tile/...        C2SP tiles and leaf data
///     log/checkpoints     every checkpoint that was signed
///     log/checkpoints-apart   those of a lost history, which this store cannot prove any more
///     catalogue.sqlite    rows that find things again
///     reports/            what the nights wrote
struct StoreLayout: Sendable {
    let directory: String

    var identity: String { directory + "/store.json" }
    var keys: String { directory + "/keys" }
    var masterKey: String { keys + "/master.key" }
    var vault: String { directory + "/vault" }
    var subjectKeys: String { vault + "/subject-keys" }
    var trust: String { directory + "/trust" }
    var latestCheckpoint: String { trust + "/checkpoint" }
    var journal: String { directory + "/journal" }
    var segments: String { directory + "/segments" }
    var log: String { directory + "/log" }
    var checkpoints: String { log + "/checkpoints" }
    var checkpointsApart: String { log + "/checkpoints-apart" }
    var catalogue: String { directory + "/catalogue.sqlite" }
    var lock: String { directory + "/lock" }

    func journalFile(_ number: UInt64) -> String { "\(journal)/\(padded(number)).journal" }
    /// The file of a segment. A merged one stands for several journal files, up to its number, and has
    /// a generation: `00000040-1.segment`.
    func segmentFile(_ id: SegmentID) -> String {
        let (number, generation) = StoreLayout.parts(of: id)
        let suffix = generation == 0 ? "" : "-\(generation)"
        return "\(segments)/\(padded(number))\(suffix).segment"
    }

    /// The number of the last journal file in a segment, and how often it was merged.
    static func parts(of id: SegmentID) -> (number: UInt64, generation: UInt64) {
        (id & (1 << generationShift - 1), id >> generationShift)
    }

    static func segment(number: UInt64, generation: UInt64) -> SegmentID {
        generation << generationShift | number
    }

    /// Journal numbers stay below 2^40: one a second for 34,000 years.
    private static let generationShift: UInt64 = 40
    func logFile(_ tilePath: String) -> String { "\(log)/\(tilePath)" }

    /// The number of a journal file, or the id of a segment, from its name; nil for another file.
    static func number(ofFile name: String) -> UInt64? {
        guard let dot = name.firstIndex(of: ".") else { return nil }
        let parts = name[..<dot].split(separator: "-", omittingEmptySubsequences: false)
        guard let number = UInt64(parts[0]) else { return nil }
        guard parts.count > 1 else { return number }
        guard parts.count == 2, let generation = UInt64(parts[1]) else { return nil }
        return segment(number: number, generation: generation)
    }

    /// The id of a segment from its path.
    static func number(ofPath path: String) -> UInt64? {
        path.split(separator: "/").last.flatMap { number(ofFile: String($0)) }
    }

    private func padded(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 8 - text.count)) + text
    }
}
