/// The limits of a bundle's contents.
public enum EvidenceLimits {
    /// Context before and after what matched, in milliseconds (evidence.md 7.3).
    public static let contextMilliseconds: Int64 = 120_000
    /// Context before and after what matched, in events of the same login session (evidence.md 7.3).
    public static let contextEvents = 200
    /// How far around what matched batches are looked for, in milliseconds: a lesson and a half on each
    /// side holds two hundred events of anybody who does anything.
    static let searchMilliseconds: Int64 = 90 * 60_000
    /// Most batches in one bundle: four files each, and a reader can still open the folder.
    static let batchesMaximum = 4_000
    /// Shortest account that is searched for in a finished bundle: shorter ones are also parts of words.
    static let accountLengthMinimum = 6
}
