import Access
import Bytes
import Events
import Storage
import Wire

/// Why a request is not answered as asked. Carries numbers and names of fields, never what was sent.
enum CollectorError: Error {
    /// No credential, or one that is not known.
    case unauthorised
    /// An enrolment code that is unknown, too old or used by another key.
    case codeRefused
    /// A known credential of another kind.
    case wrongCredential(needs: Credential.Kind)
    /// The school's policy says no.
    case refused(Refusal)
    /// The collector's own command line speaks from the same computer only.
    case notLoopback
    /// No room now; come back in so many seconds.
    case busy(retryAfterSeconds: Int)
    /// One device has too many requests under way.
    case tooManyOfOneDevice(limit: Int, retryAfterSeconds: Int)
    /// A `Content-Encoding` other than gzip, zstd or none.
    case unknownEncoding
    /// A `Content-Type` that this door does not read.
    case unknownContentType(expected: String)
    /// More bytes than a body may have.
    case bodyTooLarge(limit: Int)
    /// A body that expands to too much, or too much for its size.
    case expandsTooFar(limit: Int)
    /// A compressed body that is cut off or broken.
    case notDecompressible(BytesError)
    /// A body that comes more slowly than 1 KiB/s.
    case tooSlow
    /// A body that is shorter than its `Content-Length`.
    case cutShort(expected: Int, got: Int)
    /// No line of the body is an event.
    case allLinesBad([(line: Int, error: String)])
    /// The body as a whole is no events.
    case wire(WireError)
    /// A request whose JSON does not say what is needed.
    case badRequest(String)
    /// Nothing of that name is here.
    case notFound(what: String)
    /// The store refused or failed.
    case storage(StorageError)
}
