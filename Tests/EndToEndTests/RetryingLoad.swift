import Foundation
import TestSupport
import Testing

/// Both doors under load from clients that send again what was not acknowledged.
struct RetryingLoad {
    /// The bearer tokens of the clients of the NDJSON door.
    let tokens: [String]
    private let school: School
    private let signer: SigningDevice
    private let seed: UInt64

    /// Enrols the clients at a collector that is started for it.
    init(of school: School, seed: UInt64) async throws {
        self.school = school
        self.seed = seed
        signer = try await school.serving { _ in
            try await SigningDevice(enrolling: "signer", in: school)
        }
        tokens = try await [
            school.manage("devices", "add", "one"), school.manage("devices", "add", "two"),
        ]
    }

    /// Sends while something happens to the collector; after it everything that was acknowledged must
    /// be stored once and in order, more than `sentMinimum` a client, and the store whole.
    func expectNothingLost(
        sentMinimum: Int, isolation: isolated (any Actor)? = #isolation,
        while happening: () async throws -> Void, then: () async throws -> Void = {}
    ) async throws {
        let isOver = Flag()
        try await withThrowingTaskGroup(of: (user: String, sent: [String]).self) { group in
            for (index, manner) in RetryingClient.Manner.allCases.enumerated() {
                let client = RetryingClient(
                    door: Door(port: school.port, token: tokens[index]),
                    user: "pupil-\(manner)", manner: manner, seed: seed &+ UInt64(index))
                group.addTask {
                    let count = try await client.run(until: isOver)
                    return (client.user, (0..<count).map { "w-\($0)" })
                }
            }
            group.addTask { [signer, door = school.door] in
                ("pupil-1", try await RetryingLoad.sign(with: signer, to: door, until: isOver))
            }
            try await happening()
            isOver.raise()
            try await school.serving { _ in
                for try await (user, sent) in group {
                    let stored = try await school.titles(of: user)
                    #expect(
                        difference(stored: stored, sent: sent) == nil,
                        "\(user), DAYBOOK_SEED=\(seed)")
                    #expect(sent.count > sentMinimum, "there was hardly any load")
                }
                try await then()
                let verdict = try await school.manage("verify-store")
                #expect(verdict.contains("\"ok\":true"), "\(verdict)")
            }
        }
    }

    private static func sign(
        with signer: SigningDevice, to door: Door, until isOver: Flag
    ) async throws -> [String] {
        var signer = signer
        var sent: [String] = []
        while !isOver.isRaised {
            let batch = try signer.next("b\(sent.count)", events: 7)
            try await door.postUntilTaken(
                "/v1/batches", batch.body, type: "application/vnd.daybook.batch")
            sent += batch.titles
        }
        return sent
    }
}
