import Access
import Bytes
import Durable
import HTTPTypes
import Hummingbird
import Storage
import Testing
import Wire

@testable import Collector

@Suite struct ProblemResponseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let error: any Error & Sendable
        let status: HTTPResponse.Status
        let code: String
        var comesBack = false
        var testDescription: String { code }
    }

    static let cases: [Case] = [
        Case(error: CollectorError.unauthorised, status: .unauthorized, code: "unauthorised"),
        Case(
            error: CollectorError.wrongCredential(needs: .operator), status: .forbidden,
            code: "wrong-token"),
        Case(error: CollectorError.refused(.purpose), status: .forbidden, code: "refused-purpose"),
        Case(error: CollectorError.refused(.role), status: .forbidden, code: "refused-role"),
        Case(error: CollectorError.notLoopback, status: .forbidden, code: "not-loopback"),
        Case(
            error: CollectorError.busy(retryAfterSeconds: 3), status: .serviceUnavailable,
            code: "busy", comesBack: true),
        Case(
            error: CollectorError.tooManyOfOneDevice(limit: 4, retryAfterSeconds: 3),
            status: .tooManyRequests, code: "too-many-requests", comesBack: true),
        Case(
            error: CollectorError.unknownEncoding, status: .unsupportedMediaType,
            code: "unknown-encoding"),
        Case(
            error: CollectorError.unknownContentType(expected: "x"), status: .unsupportedMediaType,
            code: "unknown-content-type"),
        Case(
            error: CollectorError.bodyTooLarge(limit: 1), status: .contentTooLarge,
            code: "body-too-large"),
        Case(
            error: CollectorError.expandsTooFar(limit: 1), status: .contentTooLarge,
            code: "expands-too-far"),
        Case(
            error: CollectorError.notDecompressible(.corruptFrame), status: .badRequest,
            code: "not-decompressible"),
        Case(
            error: CollectorError.notDecompressible(.windowBeyond(limit: 1)),
            status: .contentTooLarge, code: "expands-too-far"),
        Case(
            error: CollectorError.notDecompressible(.truncated(offset: 1)), status: .badRequest,
            code: "cut-short"),
        Case(error: CollectorError.tooSlow, status: .requestTimeout, code: "too-slow"),
        Case(
            error: CollectorError.cutShort(expected: 2, got: 1), status: .badRequest,
            code: "cut-short"),
        Case(
            error: CollectorError.allLinesBad([(1, "x")]), status: .badRequest,
            code: "all-lines-bad"),
        Case(error: CollectorError.badRequest("x"), status: .badRequest, code: "bad-request"),
        Case(
            error: CollectorError.notFound(what: "incident"), status: .notFound, code: "not-found"),
        Case(error: WireError.tooManyEvents(limit: 1), status: .contentTooLarge, code: "too-large"),
        Case(error: WireError.unknownKind, status: .badRequest, code: "not-events"),
        Case(error: StorageError.wire(.noEvents), status: .badRequest, code: "not-events"),
        Case(error: StorageError.unknownDevice, status: .unauthorized, code: "unknown-device"),
        Case(error: StorageError.revokedDevice, status: .unauthorized, code: "revoked-device"),
        Case(error: StorageError.badSignature, status: .unauthorized, code: "bad-signature"),
        Case(error: StorageError.badStatement("x"), status: .badRequest, code: "bad-statement"),
        Case(error: StorageError.wrongRoot, status: .unprocessableContent, code: "wrong-root"),
        Case(error: StorageError.wrongOrigin, status: .unprocessableContent, code: "wrong-origin"),
        Case(error: StorageError.conflict(number: 1), status: .conflict, code: "number-reused"),
        Case(error: StorageError.brokenChain(number: 1), status: .conflict, code: "broken-chain"),
        Case(
            error: StorageError.idempotencyConflict, status: .conflict, code: "idempotency-conflict"
        ),
        Case(
            error: StorageError.inFlight, status: .serviceUnavailable, code: "in-flight",
            comesBack: true),
        Case(
            error: StorageError.full(retryAfterSeconds: 9), status: .serviceUnavailable,
            code: "full", comesBack: true),
        Case(
            error: StorageError.stopped, status: .serviceUnavailable, code: "stopping",
            comesBack: true),
        Case(
            error: StorageError.catalogue("secret-path"), status: .serviceUnavailable,
            code: "store-failed", comesBack: true),
        Case(
            error: StorageError.corrupt(file: "secret-path", offset: 1, why: "x"),
            status: .internalServerError, code: "internal"),
        Case(
            error: StorageError.locked("secret-path"), status: .internalServerError,
            code: "internal"),
        Case(error: HTTPError(.notFound), status: .notFound, code: "not-found"),
        Case(
            error: CancellationError(), status: .serviceUnavailable, code: "stopping",
            comesBack: true),
        Case(error: Unknown(), status: .internalServerError, code: "internal"),
    ]

    struct Unknown: Error, CustomStringConvertible { let description = "secret-path" }

    @Test(arguments: cases)
    func `each error has its status, its name, and a time to come back only when that helps`(
        expected: Case
    ) throws {
        let problem = ProblemResponse(expected.error)
        #expect(problem.status == expected.status)
        #expect(problem.code == expected.code)
        #expect((problem.retryAfterSeconds != nil) == expected.comesBack)
        #expect(!problem.detail.contains("secret-path"))
        #expect(problem.detail.first?.isUppercase == false && problem.detail.last != ".")
        let response = problem.response(reference: "r1")
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect((response.headers[.retryAfter] != nil) == expected.comesBack)
    }
}
