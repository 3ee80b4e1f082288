/// The checks of evidence.md section 10, in its order and with its numbers.
public enum BundleCheckID: Int, CaseIterable, Sendable {
    case structure = 1
    case payload = 2
    case tags = 3
    case signatures = 4
    case trust = 5
    case statements = 6
    case chain = 7
    case roots = 8
    case leaves = 9
    case inclusion = 10
    case checkpoints = 11
    case times = 12
    case consistency = 13
    case anchors = 14
    case readable = 15
    case rules = 16
    case withheld = 17
    case timeStamp = 18

    /// `V1` to `V18`.
    public var code: String { "V\(rawValue)" }

    /// What is checked, in a few words.
    public var title: String {
        switch self {
        case .structure: "bag structure and size"
        case .payload: "payload files"
        case .tags: "tag files"
        case .signatures: "issuer's signatures"
        case .trust: "issuer's fingerprint"
        case .statements: "signatures of statements"
        case .chain: "chain and numbering of batches"
        case .roots: "events against signed roots"
        case .leaves: "log leaves against statements"
        case .inclusion: "inclusion in the log"
        case .checkpoints: "signatures of checkpoints"
        case .times: "times"
        case .consistency: "log not rewritten"
        case .anchors: "held by others"
        case .readable: "readable files against events"
        case .rules: "rules and matched words"
        case .withheld: "withheld entries"
        case .timeStamp: "time-stamp token"
        }
    }
}

/// What one check found: a value with every reason, never only the first.
public struct Verdict: Hashable, Sendable {
    /// How a check ended, from best to worst.
    public enum Outcome: Int, Comparable, Sendable {
        /// The bundle has nothing for this check.
        case notApplicable
        /// Everything holds.
        case good
        /// Everything holds, and there is something to know.
        case warning
        /// It is not what was signed.
        case notAuthentic
        /// Files are damaged or missing.
        case damaged

        /// Whether the bundle must not be relied on.
        public var isFailure: Bool { self >= .notAuthentic }

        /// Orders from best to worst.
        public static func < (left: Outcome, right: Outcome) -> Bool {
            left.rawValue < right.rawValue
        }

        /// One word for a line of output.
        public var word: String {
            switch self {
            case .notApplicable: "n/a"
            case .good: "good"
            case .warning: "WARNING"
            case .notAuthentic: "NOT AUTHENTIC"
            case .damaged: "DAMAGED"
            }
        }
    }

    /// Which check.
    public var check: BundleCheckID
    /// How it ended.
    public var outcome: Outcome
    /// What was found, in one sentence.
    public var message: String
    /// Every reason, with names of files and numbers; never typed text.
    public var details: [String]

    /// One line: code, outcome, title and message.
    public var line: String { "\(check.code) \(outcome.word): \(check.title): \(message)" }
}

/// Collects what a check finds, and makes its verdict.
struct VerdictDraft {
    let check: BundleCheckID
    private var outcome = Verdict.Outcome.good
    private var details: [String] = []

    init(_ check: BundleCheckID) { self.check = check }

    mutating func note(_ outcome: Verdict.Outcome, _ detail: String) {
        self.outcome = max(self.outcome, outcome)
        details.append(detail)
    }

    mutating func damaged(_ detail: String) { note(.damaged, detail) }
    mutating func notAuthentic(_ detail: String) { note(.notAuthentic, detail) }
    mutating func warn(_ detail: String) { note(.warning, detail) }

    /// The verdict: the given sentence when nothing was found, else the first reason and how many more.
    func verdict(good message: String) -> Verdict {
        let more = details.count > 1 ? " (and \(details.count - 1) more)" : ""
        return Verdict(
            check: check, outcome: outcome, message: details.first.map { $0 + more } ?? message,
            details: details)
    }

    func notApplicable(_ message: String) -> Verdict {
        Verdict(check: check, outcome: .notApplicable, message: message, details: [])
    }
}

/// Every verdict about a bundle.
public struct BundleReport: Hashable, Sendable {
    /// What to make of a bundle.
    public enum Conclusion: String, Sendable {
        /// Everything holds.
        case good
        /// It is not what was signed.
        case notAuthentic = "not authentic"
        /// Files are damaged or missing.
        case damaged = "damaged or incomplete"
        /// Everything holds, and there is something to know.
        case goodWithWarnings = "good, with warnings"
    }

    /// The bundle's id, where it could be read.
    public var bundle: String?
    /// The issuer's fingerprint, where the key could be read.
    public var fingerprint: String?
    /// One verdict for each check, in order.
    public var verdicts: [Verdict]

    /// The verdict of a check.
    public func verdict(of check: BundleCheckID) -> Verdict? {
        verdicts.first { $0.check == check }
    }

    /// What to make of the bundle: damage first, because a damaged bundle says nothing about its author.
    public var conclusion: Conclusion {
        switch verdicts.map(\.outcome).max() ?? .damaged {
        case .damaged: .damaged
        case .notAuthentic: .notAuthentic
        case .warning: .goodWithWarnings
        case .good, .notApplicable: .good
        }
    }
}
