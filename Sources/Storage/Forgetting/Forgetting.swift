import Bytes
import Events
import Foundation
import Proofs

/// The record behind an `erase` or `prune` leaf: what is gone, without a name (evidence.md section 5).
///
/// The leaf stands in the log before anything is destroyed. Whoever has the log can tell from it that
/// what these leaves stood for was forgotten on purpose, and not lost.
struct ForgettingRecord: Codable, Equatable {
    /// `erase` or `prune`.
    var what: String
    /// Why, in a word: the right to erasure, or the end of the retention period.
    var reason: String
    /// Who asked for it and who approved; empty for what the retention rules do.
    var by: String
    var approvedBy: String
    /// Numbers of the keys that are destroyed.
    var keys: [KeyNumber]
    /// Ranges of leaves, both ends included.
    var leaves: [[UInt64]]
    var batches: Int
    var events: Int

    init(
        what: String, reason: String, by: String, approvedBy: String, keys: [KeyNumber],
        leaves: [UInt64], events: Int
    ) {
        self.what = what
        self.reason = reason
        self.by = by
        self.approvedBy = approvedBy
        self.keys = keys
        self.leaves = ForgettingRecord.ranges(leaves)
        batches = leaves.count
        self.events = events
    }

    init?(_ record: StoredLeafRecord) {
        guard record.kind == .erase || record.kind == .prune,
            // A record of another form names no leaves.
            let decoded = try? JSONDecoder().decode(
                ForgettingRecord.self, from: Data(record.record))
        else { return nil }
        self = decoded
    }

    private static func ranges(_ leaves: [UInt64]) -> [[UInt64]] {
        var ranges: [[UInt64]] = []
        for leaf in leaves.sorted() {
            if let last = ranges.last, last[1] + 1 == leaf {
                ranges[ranges.count - 1][1] = leaf
            } else {
                ranges.append([leaf, leaf])
            }
        }
        return ranges
    }
}

/// What an erasure did, for the person who asked for it (S45).
public struct ErasureReceipt: Sendable, Equatable, Codable {
    /// `daybook.erasure-receipt/v1`.
    public var format = "daybook.erasure-receipt/v1"
    /// The leaf of the log that records it.
    public var leaf: UInt64
    /// The salted hash that the leaf carries, in hex.
    public var reference: String
    /// When, RFC 3339.
    public var at: String
    /// The months that were erased, `YYYY-MM`.
    public var months: [String]
    /// Batches and events that can no longer be read.
    public var batches: Int
    /// Events in them.
    public var events: Int
    /// What stays, in plain words.
    public var remains: [String]
}

/// How long what is kept is kept (S44): shorter freely, longer only with a reason and a second person.
public struct RetentionRules: Sendable, Equatable, Codable {
    /// Days that events without a finding are kept.
    public var unflaggedDays = 30
    /// Days that events around a finding which a person dismissed are kept.
    public var dismissedDays = 90
    /// Events so near to a finding are kept with it, in minutes on both sides.
    public var contextMinutes = 15

    /// The defaults of the product.
    public init() {}
}

/// What a night's pruning did.
public struct PruneReport: Sendable, Equatable, Codable {
    /// Batches that were removed.
    public var batches = 0
    /// Events in them.
    public var events = 0
    /// Keys that were destroyed, after which no copy of what they closed can be read.
    public var keys = 0
    /// Bytes that became free.
    public var freed = 0
    /// Students with a hold, of whom nothing was removed.
    public var held = 0

    /// Nothing was done.
    public init() {}
}
