import Bytes
import Events
import HTTPTypes
import Hummingbird

/// A request body in one piece, as it was sent and expanded.
struct RequestContent: Sendable {
    /// How a body is compressed.
    enum Encoding: Sendable { case identity, gzip, zstd }

    /// The bytes as they came.
    let sent: [UInt8]
    /// The bytes once expanded.
    let expanded: [UInt8]
    /// How they were compressed.
    let encoding: Encoding
}

/// Collects bodies once, into one array, and checks every limit while they come (S20, S21).
struct BodyReader: Sendable {
    let now: @Sendable () -> Instant

    /// The compression that a request names; an unknown one is 415.
    static func encoding(of request: Request) throws(CollectorError) -> RequestContent.Encoding {
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "", "identity": .identity
        case "gzip", "x-gzip": .gzip
        case "zstd": .zstd
        default: throw .unknownEncoding
        }
    }

    /// What a request will need of memory, by its headers; over the limit of a body it is refused here.
    static func expectedSize(of request: Request) throws(CollectorError) -> Int {
        let encoding = try encoding(of: request)
        let limit = sizeMaximum(encoding)
        let stated = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard stated <= limit else { throw .bodyTooLarge(limit: limit) }
        // Real bodies expand less than sixteenfold; what expands further is held for an instant only.
        let sent = request.headers[.contentLength] == nil ? 64 * 1_024 : stated
        return encoding == .identity
            ? sent : sent + min(EventLimits.expandedSizeMaximum, sent * 16)
    }

    /// Reads and expands a body of events.
    func read(_ request: Request) async throws -> RequestContent {
        let encoding = try BodyReader.encoding(of: request)
        let sent = try await collect(request, sizeMaximum: BodyReader.sizeMaximum(encoding))
        return RequestContent(
            sent: sent, expanded: try BodyReader.expand(sent, encoding), encoding: encoding)
    }

    /// Reads a small body that is not compressed.
    func readSmall(_ request: Request) async throws -> [UInt8] {
        try await collect(request, sizeMaximum: CollectorLimits.requestSizeMaximum)
    }

    /// A body that is not compressed may have the size that others have once expanded.
    private static func sizeMaximum(_ encoding: RequestContent.Encoding) -> Int {
        encoding == .identity ? EventLimits.expandedSizeMaximum : EventLimits.bodySizeMaximum
    }

    private func collect(_ request: Request, sizeMaximum: Int) async throws -> [UInt8] {
        let stated = request.headers[.contentLength].flatMap { Int($0) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(stated ?? 16 * 1_024, sizeMaximum))
        let start = now()
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= sizeMaximum else {
                    throw CollectorError.bodyTooLarge(limit: sizeMaximum)
                }
                bytes.append(contentsOf: buffer.readableBytesView)
                let elapsed = now().milliseconds - start.milliseconds
                if elapsed > CollectorLimits.bodyGraceMilliseconds,
                    Int64(bytes.count) * 1_000 < elapsed * CollectorLimits.bodyRateMinimum
                {
                    throw CollectorError.tooSlow
                }
            }
        } catch let error where !(error is CollectorError || error is CancellationError) {
            // The client stopped sending inside the body: its fault, not ours.
            throw CollectorError.cutShort(expected: stated ?? sizeMaximum, got: bytes.count)
        }
        if let stated, bytes.count < stated {
            throw CollectorError.cutShort(expected: stated, got: bytes.count)
        }
        return bytes
    }

    /// Expands within the limits of size and ratio.
    static func expand(_ sent: [UInt8], _ encoding: RequestContent.Encoding)
        throws(CollectorError) -> [UInt8]
    {
        if encoding == .identity || sent.isEmpty { return sent }
        let limit = min(
            EventLimits.expandedSizeMaximum,
            max(
                sent.count * CollectorLimits.expansionRatioMaximum,
                CollectorLimits.expandedSizeAlwaysAllowed))
        do {
            return encoding == .gzip
                ? try Gzip.decompress(sent, sizeMaximum: limit)
                : try Zstd.decompress(sent, sizeMaximum: limit)
        } catch .expandsBeyond {
            throw .expandsTooFar(limit: limit)
        } catch {
            throw .notDecompressible(error)
        }
    }
}
