import Access
import Backup
import Bytes
import Casework
import Events
import Evidence
import EvidenceFile
import HTTPTypes
import Hummingbird
import Reports
import Storage
import Wire

/// The one place where an error becomes an HTTP answer: problem JSON (RFC 9457) without content.
///
/// Statuses are chosen for what clients do with them: what can pass gets 429 or 503 with
/// `Retry-After`, what can never succeed gets 4xx, and 500 is for our own faults only.
struct ProblemResponse: Sendable {
    /// The status.
    let status: HTTPResponse.Status
    /// A short name that programs may rely on; it ends the problem's type.
    let code: String
    /// What is wrong and what to do.
    let detail: String
    /// When to come back, in seconds.
    var retryAfterSeconds: Int?
    /// Lines that are no events, with the reason.
    var rejected: [(line: Int, error: String)] = []

    private init(_ status: HTTPResponse.Status, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    /// The answer to any error.
    init(_ error: any Error) {
        switch error {
        case let error as CollectorError: self.init(collector: error)
        case let error as StorageError: self.init(storage: error)
        case let error as WireError: self.init(wire: error)
        case let error as EvidenceError: self.init(evidence: error)
        case let error as ReportsError:
            // Only the collector's own command line runs the night, and it needs to know.
            self.init(.internalServerError, "night-failed", error.message)
        case let error as BackupError:
            // As above: the caller named the files.
            self.init(.internalServerError, "backup-failed", error.message)
        case let error as HTTPError: self.init(hummingbird: error)
        case is CancellationError:
            self.init(.serviceUnavailable, "stopping", "the collector is stopping, come back")
            retryAfterSeconds = 5
        default:
            self.init(.internalServerError, "internal", "the collector failed, see its log")
        }
    }

    /// What an error is called in the log: what the store says of its files, else its case and never what it carries.
    static func name(of error: any Error) -> String {
        if let error = error as? StorageError {
            if case .catalogue = error { return "StorageError.catalogue" }
            return error.message
        }
        if case .file(let error)? = error as? EvidenceError { return error.message }
        let text = String(describing: error)
        return "\(type(of: error))." + text.prefix { $0.isLetter }
    }

    /// The response, with a reference that also stands in the log (S30).
    func response(reference: String) -> Response {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "urn:daybook:problem:" + code)
            json.member("title", status.reasonPhrase)
            json.member("status", status.code)
            json.member("detail", detail)
            json.member("reference", reference)
            if !rejected.isEmpty { IngestRoute.write(rejected: rejected, to: &json) }
        }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    private init(collector error: CollectorError) {
        switch error {
        case .unauthorised:
            self.init(
                .unauthorized, "unauthorised",
                "no valid token, send Authorization: Bearer <token>")
        case .codeRefused:
            self.init(
                .unauthorized, "code-refused",
                "this enrolment code is unknown, too old or used by another key")
        case .wrongCredential(let kind):
            self.init(
                .forbidden, "wrong-token", "this needs a token that begins with \(kind.rawValue)")
        case .refused(let refusal):
            self.init(.forbidden, "refused-\(refusal.rawValue)", refusal.explanation)
        case .notLoopback:
            self.init(.forbidden, "not-loopback", "only from the collector's own computer")
        case .busy(let seconds):
            self.init(.serviceUnavailable, "busy", "no room now, come back after Retry-After")
            retryAfterSeconds = seconds
        case .tooManyOfOneDevice(let limit, let seconds):
            self.init(
                .tooManyRequests, "too-many-requests",
                "more than \(limit) requests of one device at a time")
            retryAfterSeconds = seconds
        case .unknownEncoding:
            self.init(
                .unsupportedMediaType, "unknown-encoding",
                "unknown Content-Encoding, use gzip, zstd or none")
        case .unknownContentType(let expected):
            self.init(
                .unsupportedMediaType, "unknown-content-type",
                "unknown Content-Type, use \(expected)")
        case .bodyTooLarge(let limit):
            self.init(
                .contentTooLarge, "body-too-large",
                "the body has more than \(limit) bytes, send it in parts")
        case .expandsTooFar(let limit):
            self.init(
                .contentTooLarge, "expands-too-far",
                "the body expands to more than \(limit) bytes, send it in parts")
        case .notDecompressible(let error): self.init(bytes: error)
        case .tooSlow:
            self.init(
                .requestTimeout, "too-slow",
                "the body came at less than \(CollectorLimits.bodyRateMinimum) bytes per second")
        case .cutShort(let expected, let got):
            self.init(
                .badRequest, "cut-short", "the body ended after \(got) of \(expected) bytes")
        case .allLinesBad(let rejected):
            self.init(.badRequest, "all-lines-bad", "no line of the body is an event")
            self.rejected = rejected
        case .wire(let error): self.init(wire: error)
        case .badRequest(let why): self.init(.badRequest, "bad-request", why)
        case .notFound(let what): self.init(.notFound, "not-found", "no such \(what)")
        case .storage(let error): self.init(storage: error)
        }
    }

    private init(evidence error: EvidenceError) {
        switch error {
        case .refused(let refusal): self.init(collector: .refused(refusal))
        case .noIncident: self.init(.notFound, "no-incident", error.message)
        case .store(let error), .notRecorded(let error), .casework(.store(let error)):
            self.init(storage: error)
        case .eventsMissing: self.init(.gone, "events-missing", error.message)
        case .nothingRecomputed:
            self.init(.conflict, "nothing-recomputed", error.message)
        case .windowTooLarge:
            self.init(.unprocessableContent, "window-too-large", error.message)
        case .casework, .tooManyBundles, .file:
            self.init(.internalServerError, "internal", "the collector failed, see its log")
        }
    }

    private init(bytes error: BytesError) {
        switch error {
        case .expandsBeyond(let limit), .windowBeyond(let limit):
            self.init(
                .contentTooLarge, "expands-too-far",
                "the body needs more than \(limit) bytes to expand")
        case .truncated:
            self.init(.badRequest, "cut-short", "the compressed body ends too early")
        case .badVarint, .corruptFrame:
            self.init(.badRequest, "not-decompressible", "the compressed body is broken")
        }
    }

    private init(wire error: WireError) {
        switch error {
        case .tooManyEvents, .tooLong:
            self.init(.contentTooLarge, "too-large", error.message)
        default: self.init(.badRequest, "not-events", error.message)
        }
    }

    private init(hummingbird error: HTTPError) {
        switch error.status {
        case .notFound: self.init(.notFound, "not-found", "no such path or method")
        case .contentTooLarge:
            self.init(.contentTooLarge, "body-too-large", "the body is too large")
        default: self.init(error.status, "http", error.status.reasonPhrase)
        }
    }

    private init(storage error: StorageError) {
        switch error {
        case .unknownDevice: self.init(.unauthorized, "unknown-device", error.message)
        case .revokedDevice: self.init(.unauthorized, "revoked-device", error.message)
        case .refused: self.init(.conflict, "refused", error.message)
        case .erased: self.init(.gone, "erased", error.message)
        case .badSignature: self.init(.unauthorized, "bad-signature", error.message)
        case .badStatement: self.init(.badRequest, "bad-statement", error.message)
        case .wrongRoot: self.init(.unprocessableContent, "wrong-root", error.message)
        case .wrongOrigin: self.init(.unprocessableContent, "wrong-origin", error.message)
        case .conflict: self.init(.conflict, "number-reused", error.message)
        case .brokenChain: self.init(.conflict, "broken-chain", error.message)
        case .wire(let error): self.init(wire: error)
        case .idempotencyConflict:
            self.init(.conflict, "idempotency-conflict", error.message)
        case .inFlight:
            self.init(.serviceUnavailable, "in-flight", error.message)
            retryAfterSeconds = 1
        case .full(let seconds):
            self.init(.serviceUnavailable, "full", error.message)
            retryAfterSeconds = seconds
        case .stopped:
            self.init(.serviceUnavailable, "stopping", "the collector is stopping, come back")
            retryAfterSeconds = 5
        case .file, .catalogue:
            // The message names files of ours: it goes to the log only.
            self.init(.serviceUnavailable, "store-failed", "the store failed, see its log")
            retryAfterSeconds = 30
        case .notADataDirectory, .alreadyExists, .locked, .corrupt, .olderThanCheckpoint:
            self.init(.internalServerError, "internal", "the collector failed, see its log")
        }
    }
}
