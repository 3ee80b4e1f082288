public import Durable
import Events
import Wire

/// What lies in a spool, for whoever has to check it.
public struct SpoolReport: Sendable {
    /// The counts, in one line.
    public let summary: String
    /// The uploads that wait, and the events of a batch that is not cut yet, as text. Personal data.
    public let uploads: [String]

    /// Opens a spool that no agent is using, and reads it.
    public init(directory: String, identity: DeviceIdentity, files: any FileSystem)
        throws(AgentError)
    {
        let spool = try Spool.open(
            directory: directory, identity: identity, files: files, random: .system)
        var texts: [String] = []
        for number in spool.unsent {
            let body = try spool.read(number).upload().encoded()
            texts.append(String(decoding: body, as: UTF8.self))
        }
        for event in spool.recovered {
            let upload = event.upload
            texts.append(
                "open \(upload.sequence) \(upload.kind.name) "
                    + String(decoding: upload.content, as: UTF8.self))
        }
        summary =
            "batches \(spool.unsent.count), open events \(spool.recovered.count), "
            + "quarantined \(spool.quarantinedCount), bytes \(spool.usedSize), "
            + "next batch \(spool.chain.nextBatch), next event \(spool.chain.nextSequence)"
        uploads = texts
    }
}
