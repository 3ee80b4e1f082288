public import Typing

/// What is known around a passage: who may be meant, and what was said just before.
public struct DetectionContext: Sendable {
    /// Names of the school's roster, given names and nicknames.
    public let roster: Roster
    /// Passages of the same login session before this one, oldest first; only the last few are looked at.
    public var recent: [Passage]

    /// A context from names and earlier passages.
    public init(roster: Roster = Roster(names: []), recent: [Passage] = []) {
        self.roster = roster
        self.recent = recent
    }

    /// Nothing is known.
    public static let empty = DetectionContext()
}

/// The names that count as persons, prepared once.
public struct Roster: Sendable {
    let hashes: Set<UInt64>

    /// A roster of names; each word of a name counts, written with capitals or without.
    public init(names: [String]) {
        var hashes: Set<UInt64> = []
        for name in names {
            for word in FoldedText.words(of: name) where word.utf8.count > 1 {
                hashes.insert(WordHash.of(word))
            }
        }
        self.hashes = hashes
    }
}
