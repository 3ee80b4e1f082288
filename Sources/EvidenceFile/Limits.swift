/// The sizes that a bundle may have.
public enum EvidenceFileLimits {
    /// Bytes of one file: a day of one pupil with every proof is far below.
    public static let fileMaximumSize = 64 << 20
    /// Bytes of all files: a verifier reads them into memory.
    public static let bundleMaximumSize = 256 << 20
    /// Files of a bundle: four for each batch, and a window of thousands of batches is not one incident.
    public static let filesMaximum = 40_000
    /// Folders below each other: the layout has three.
    public static let depthMaximum = 4
    /// Passages shown before and after a match on the start page: enough to see the talk around it.
    public static let passagesAroundMatch = 6
    /// Passages on the start page: what a person reads; the rest is in text.csv, and the page says so.
    public static let passagesOnPage = 200
    /// Times that a calendar has, in Unix milliseconds: years 1 to 9999, so that no arithmetic overflows.
    public static let times: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
    /// Milliseconds of the longest pause inside a passage: a day, far above any sensible option.
    public static let idleMaximum: Int64 = 86_400_000
    /// Milliseconds that workstation and collector may disagree before the report warns (evidence.md 10).
    public static let clockOffsetMaximum: Int64 = 5_000
}
