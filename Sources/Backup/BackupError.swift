public import Durable
public import EvidenceFile
public import Storage

/// Why a backup was not made or not restored. Names of files and members, never content or keys.
public enum BackupError: Error, Sendable {
    /// Something of that name is there already: no backup is ever written over.
    case exists(String)
    /// The directory to restore into has something in it.
    case notEmpty(String)
    /// An earlier restoration was interrupted and left this directory.
    case leftover(String)
    /// A file is not there.
    case missing(String)
    /// The age layer of an archive: which archive, and the member that was being read.
    case sealed(AgeError, archive: String, member: String?)
    /// A whole archive of the wrong kind, or of another program.
    case notArchive(String, expected: String)
    /// A member that is not what the manifest says, or should not be there.
    case badMember(String, archive: String, why: String)
    /// The two archives are of different collectors.
    case otherKeys(data: String, keys: String)
    /// The store refused.
    case store(StorageError)
    /// The disk refused.
    case file(DurableError)

    /// One sentence: what failed and what to do.
    public var message: String {
        switch self {
        case .exists(let path): "\(path) is already there, choose another name"
        case .notEmpty(let path): "\(path) is not empty, restore into a new directory"
        case .leftover(let path):
            "\(path) was left by a restoration that was interrupted, remove it and try again"
        case .missing(let path): "\(path) is missing"
        case .sealed(let error, let archive, let member):
            archive + ": " + error.message + (member.map { " (while reading \($0))" } ?? "")
        case .notArchive(let archive, let expected):
            "\(archive) is no backup of \(expected), give the right file"
        case .badMember(let member, let archive, let why):
            "\(archive): \(member) \(why), take another backup"
        case .otherKeys(let data, let keys):
            "the data are of \(data) but the keys of \(keys), give the keys that belong to the data"
        case .store(let error): error.message
        case .file(let error): error.message
        }
    }
}

/// Runs calls of the layers below and wraps what they throw.
func wrapping<Value>(_ body: () throws -> Value) throws(BackupError) -> Value {
    do {
        return try body()
    } catch let error as BackupError {
        throw error
    } catch let error as StorageError {
        throw .store(error)
    } catch let error as DurableError {
        throw .file(error)
    } catch {
        throw .store(.catalogue("\(error)"))
    }
}
