import Events
import EvidenceFile
import Proofs
import Storage
import Wire

/// Decides for every event of a batch how much of it a bundle shows: one student, and nobody else (P43).
///
/// The subject's own events are disclosed. Batches of other people are left out whole by
/// ``Gatherer``, since their statements name them; should one come this far, all of it is withheld.
struct OtherPeople {
    /// What a bundle says as long as no list of names is at hand.
    static let namesNotLookedFor =
        "no list of names was at hand: names of other people in the subject's own words "
        + "are shown as they were typed"

    private let subject: StudentID

    init(subject: StudentID) { self.subject = subject }

    /// A batch as far as it may be shown, in the order of its events.
    func disclosures(of batch: StoredBatch) -> [EventDisclosure] {
        let columns = batch.upload.columns
        return (0..<columns.count).map { index in
            let content = Array(columns.content(index))
            let salt = Commitment.salt(batchSeed: batch.upload.seed, index: UInt32(index))
            let envelope = Envelope(
                sequence: columns.sequences[index],
                wallMilliseconds: columns.wallMilliseconds[index],
                monoMilliseconds: columns.monoMilliseconds[index], kind: columns.kinds[index].name,
                commit: Commitment.commit(salt: salt, content: content))
            guard batch.context.student == subject else {
                return .withheld(
                    leafHash: Commitment.leafHash(envelope: envelope.bytes), reason: .otherPerson)
            }
            return .disclosed(salt: salt, envelope: envelope, content: content)
        }
    }

    /// The accounts of other people that must be in no file of the bundle.
    ///
    /// One that the subject typed or that stood in one of their windows is theirs to show, and a very
    /// short one is also a part of words.
    func withheldTexts(_ accounts: Set<String>, in batches: [StoredBatch]) -> [String] {
        let candidates = accounts.filter {
            $0 != subject.rawValue && $0.count >= EvidenceLimits.accountLengthMinimum
        }.sorted()
        guard !candidates.isEmpty else { return [] }
        let own = batches.map {
            String(decoding: $0.upload.columns.contents, as: UTF8.self).lowercased()
        }
        return candidates.filter { account in
            !own.contains { $0.contains(account.lowercased()) }
        }
    }
}
