import Durable
import Events
public import EvidenceFile
public import Storage

/// Makes a backup of a store, while it serves or not.
///
/// The file is an age file for people who keep their identity away from the server (S36): whoever takes
/// the server over can make new backups and read none. Keys go into a file of their own, because the
/// data backup may live for years and the key backup must not: erasing a student's month is complete
/// once the last key backup that holds its key is gone (evidence.md section 5).
public enum StoreBackup {
    /// What to write, where and for whom.
    public struct Request: Sendable {
        /// The archive of the data.
        public var out: String
        /// The archive of the keys; nil to make none.
        public var keysOut: String?
        /// Who can open them.
        public var recipients: [AgeRecipient]

        /// A request from its parts.
        public init(out: String, keysOut: String?, recipients: [AgeRecipient]) {
            self.out = out
            self.keysOut = keysOut
            self.recipients = recipients
        }
    }

    /// What was written.
    public struct Summary: Sendable, Equatable {
        /// The state of the log that the backup holds.
        public var point: BackupPoint
        /// Files in the archive of the data.
        public var files: Int
        /// Its size in bytes.
        public var size: Int
        /// Files in the archive of the keys; nil when none was made.
        public var keyFiles: Int?
    }

    /// Makes the archives; either both are there at the end, or neither is.
    public static func run(_ request: Request, of store: Store, environment: StoreEnvironment)
        throws(BackupError) -> Summary
    {
        try wrapping {
            let made = max(0, environment.now().milliseconds / 1_000)
            var data: ArchiveWriter?
            var keys: ArchiveWriter?
            do {
                var reached: (point: BackupPoint, keys: [BackupMember])?
                try store.backup { point, keys in
                    reached = (point, keys)
                    data = try ArchiveWriter(
                        request.out, manifest: .init(kind: .data, made: made, point: point),
                        recipients: request.recipients, environment: environment)
                } receive: { member in
                    try data?.add(member)
                }
                guard let (point, keyMembers) = reached else {
                    preconditionFailure("a store names the moment first")
                }
                if let path = request.keysOut {
                    keys = try ArchiveWriter(
                        path, manifest: .init(kind: .keys, made: made, point: point),
                        recipients: request.recipients, environment: environment)
                    for member in keyMembers { try keys?.add(member) }
                    try keys?.finish()
                }
                try data?.finish()
                _ = try keys?.publish()
                return Summary(
                    point: point, files: data?.count ?? 0, size: try data?.publish() ?? 0,
                    keyFiles: keys?.count)
            } catch {
                try data?.abandon()
                try keys?.abandon()
                throw error
            }
        }
    }
}
