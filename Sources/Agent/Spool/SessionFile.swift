import Bytes
import Events

/// The login session that is going on, so that an agent that was killed and started again goes on in it.
///
///     sg.spool/v1 session LF
///     sealed, with the role `session`: counted login key, the session, monotonic start (signed varint)
struct SessionFile: Sendable, Equatable {
    static let versionLine = Array("sg.spool/v1 session\n".utf8)

    /// What makes it this login: boot, display and account.
    var loginKey: String
    var session: Session
    /// The monotonic clock when it started.
    var startMilliseconds: Int64

    init(loginKey: String, session: Session, startMilliseconds: Int64) {
        self.loginKey = loginKey
        self.session = session
        self.startMilliseconds = startMilliseconds
    }

    init?(file: [UInt8], cipher: SpoolCipher) {
        guard file.starts(with: SessionFile.versionLine),
            let plain = cipher.open(
                file.dropFirst(SessionFile.versionLine.count), role: "session")
        else { return nil }
        var reader = ByteReader(plain)
        // try?: a file of another version is no session of ours.
        guard let key = try? reader.countedText(), let session = OpenBatchFile.session(&reader),
            let start = try? reader.signedVarint()
        else { return nil }
        self.init(loginKey: key, session: session, startMilliseconds: start)
    }

    func sealed(by cipher: SpoolCipher) -> [UInt8] {
        var writer = ByteWriter()
        writer.appendCounted(Array(loginKey.utf8))
        OpenBatchFile.append(session, to: &writer)
        writer.appendSignedVarint(startMilliseconds)
        return SessionFile.versionLine + cipher.seal(writer.bytes, role: "session")
    }
}
